import fc from "fast-check";
import evaluator from "jsonata";
import { describe, expect, it } from "vitest";
import {
  type Expression,
  NULL,
  conditional,
  constant,
  property,
  textOf,
  variable,
} from "../../../engine/compiler/expression.ts";
import { jsonata } from "../../../engine/compiler/jsonata.ts";
import { template } from "../../../engine/compiler/template.ts";
import { expressionFacts } from "../../../engine/compiler/verify-expression.ts";
import { type Json, type JsonObject, isJsonObject, overTheWire } from "../../../engine/model/json.ts";
import { json, member, object, texts } from "./form-rows.ts";

const x = variable("x");

describe("An expression is written as JSONata", () => {
  it("constants, as fields of a state and in expressions", async () => {
    const evaluateAll = async (given: Json): Promise<Json> => {
      if (Array.isArray(given)) return Promise.all(given.map(evaluateAll));
      if (isJsonObject(given)) {
        return Object.fromEntries(
          await Promise.all(Object.entries(given).map(async ([key, one]) => [key, await evaluateAll(one)] as const)),
        );
      }
      if (typeof given !== "string" || !given.startsWith("{%")) return given;
      expect(given.slice(2, -2)).not.toMatch(/%}|\$/);
      return overTheWire(await evaluator(given.slice(2, -2)).evaluate(undefined));
    };
    await fc.assert(
      fc.asyncProperty(fc.oneof(json, object, texts), async (value) => {
        const constantValue = overTheWire(value);
        expect(await evaluateAll(template(constant(constantValue)))).toEqual(constantValue);
        expect(JSON.stringify(template(constant(constantValue)))).not.toContain("${");
        const inCondition = jsonata(conditional(x, constant(constantValue), NULL));
        expect(overTheWire(await evaluator(inCondition).evaluate(undefined, { x: true }))).toEqual(constantValue);
      }),
      { numRuns: 300 },
    );
  });

  it("parameters, present or not", async () => {
    const maybe: Expression = { kind: "parameter", name: "a", maybe: true };
    const whole: Expression = {
      kind: "object",
      members: [
        member("a", maybe, true),
        member("b", { kind: "parameter", name: "b", maybe: false, default: [[1], {}] }),
      ],
    };
    const states = (input: JsonObject) => ({ states: { context: { Execution: { Input: input } } } });
    const of = async (expression: Expression, input: JsonObject) =>
      overTheWire(await evaluator(jsonata(expression)).evaluate(undefined, states(input)));
    expect(await of(maybe, {})).toBeNull();
    expect(await of(maybe, { a: [1] })).toEqual([1]);
    expect(await of(whole, {})).toEqual({ b: [[1], {}] });
    expect(await of(whole, { a: [], b: "given", $millrace: {} })).toEqual({ a: [], b: "given" });
    expect(await of(property(whole, "b", false), {})).toEqual([[1], {}]);
  });

  it("long texts stay shallow", () => {
    const long = textOf(Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? x : constant("-"))));
    expect(expressionFacts(jsonata(long)).depth).toBeLessThan(10);
  });
});
