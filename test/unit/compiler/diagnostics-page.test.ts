import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Compiler } from "../../../engine/compiler/compile.ts";
import { MISTAKES } from "../../../engine/compiler/mistakes.ts";
import { readPage, writeProject } from "./page-examples.ts";

const SECTIONS = readPage();
const EXAMPLES = SECTIONS.flatMap(({ examples }) => examples);

const root = mkdtempSync(join(tmpdir(), "millrace-page-"));
afterAll(() => rmSync(root, { recursive: true }));
writeProject(root, EXAMPLES);

const units = EXAMPLES.map(({ name, path }) => ({ name, path, function: "flow", events: ["approval"] }));
const names = new Set(["ship", ...units.map(({ name }) => name)]);
const { workflows, diagnostics } = new Compiler(root).compileUnits(units, names);
const compiled = new Set(workflows.map(({ name }) => name));

describe("docs/diagnostics.md", () => {
  it("has every code of the compiler, in their order by group", () => {
    const codes = SECTIONS.map(({ code }) => code);
    expect(codes.toSorted()).toEqual(
      Object.values(MISTAKES)
        .map(({ code }) => code)
        .sort(),
    );
    expect(codes).toEqual(codes.toSorted());
  });

  it.each(SECTIONS.map(({ code, examples }) => [code, examples] as const))("%s", (code, examples) => {
    const found = examples.map(({ path }) =>
      diagnostics.filter(({ file }) => file === path).map((one) => `${one.line} ${one.code}`),
    );
    const [wrong, right] = examples;
    // What the verifier refuses is a defect of the compiler, so no flow has it.
    if (code === MISTAKES.refused.code) return expect(examples).toEqual([]);
    expect(wrong?.marks.map((mark) => mark.split(" ")[1])).toEqual([code]);
    expect(found).toEqual([wrong?.marks, []]);
    expect(right && compiled.has(right.name)).toBe(true);
    expect(right?.marks).toEqual([]);
  });

  it("has no mistake but those of its examples", () => {
    const paths = new Set(EXAMPLES.map(({ path }) => path));
    expect(diagnostics.filter(({ file }) => !paths.has(file))).toEqual([]);
  });
});
