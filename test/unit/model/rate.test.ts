import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { payloadBytes } from "../../../engine/model/payload-bytes.ts";
import { cronRate, parseRate } from "../../../engine/model/rate.ts";
import * as z from "zod";
import { byteLength } from "../../../engine/model/json.ts";
import { budgetProblems } from "../../../engine/model/budget.ts";

describe("A rate", () => {
  it("is a number for a unit of time", () => {
    expect(parseRate("12/month").runsPerMonth).toBe(12);
    expect(parseRate("1000/day").runsPerMonth).toBeCloseTo((1000 * 365) / 12);
    expect(() => parseRate("1000")).toThrow(/is no rate\. Give <number>\/<unit>/);
    expect(() => parseRate("1/year")).toThrow(/units are second, minute/);
  });

  it.each([
    ["* * * * *", 60 * 24 * 365],
    ["*/15 8-17 * * 1-5", 4 * 10 * 261],
    ["30 2 * * *", 365],
    ["0 0 1 * *", 12],
    ["0 0 1 1 *", 1],
  ])("of the cron %s is that of a year", (cron, fires) => {
    expect((cronRate({ cron })?.runsPerMonth ?? 0) * 12).toBe(fires);
  });
});

describe("The bytes of a payload", () => {
  const schema = z.object({
    name: z.string().max(8),
    count: z.number(),
    kind: z.enum(["a", "longer"]),
    flags: z.array(z.boolean()).max(3),
    note: z.string().max(4).nullable(),
  });

  it("are never more than the schema says", () => {
    const value = fc.record({
      name: fc.string({ maxLength: 8, unit: "binary" }).filter((text) => text.length <= 8),
      count: fc.double({ noDefaultInfinity: true, noNaN: true }),
      kind: fc.constantFrom("a", "longer"),
      flags: fc.array(fc.boolean(), { maxLength: 3 }),
      note: fc.option(fc.string({ maxLength: 4 })),
    });
    fc.assert(fc.property(value, (one) => byteLength(one) <= (payloadBytes(schema) ?? 0)));
  });

  it("are unknown where something has no bound", () => {
    expect(payloadBytes(z.object({ text: z.string() }))).toBe(undefined);
    expect(payloadBytes(z.object({ list: z.array(z.null()) }))).toBe(undefined);
    expect(payloadBytes(z.null())).toBe(4);
  });
});

describe("The budget of a definition", () => {
  it("has numbers above 0, and those of a month only with a cron", () => {
    expect(budgetProblems({ transitions: 5, dollarsPerMonth: 1 }, "* * * * *")).toEqual([]);
    expect(budgetProblems({ transitions: 0 }, undefined)).toEqual([
      "budget.transitions is 0, allowed are numbers above 0",
    ]);
    expect(budgetProblems({ dollarsPerMonth: 1 }, undefined)).toHaveLength(1);
  });
});
