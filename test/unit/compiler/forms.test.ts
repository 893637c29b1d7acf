import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ROWS } from "./form-rows.ts";
import { type Checked, differenceOf } from "./forms.ts";
import { samples } from "./samples.ts";

const CHECKED: readonly (readonly [string, Checked])[] = [
  ...ROWS.map((row) => [row.form, { ...row, values: fc.record(row.variables) }] as const),
  ...samples().map((sample) => [sample.source, sample] as const),
];

describe("Each form of expression has JavaScript's value", () => {
  it.each(CHECKED)("%s", async (_, checked) => {
    expect(await differenceOf(checked, 400)).toBeUndefined();
  });
});
