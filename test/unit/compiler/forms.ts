import fc from "fast-check";
import evaluator from "jsonata";
import { compileFast, type Node } from "../../../engine/local/jsonata/fast.ts";
import { jsonata } from "../../../engine/compiler/jsonata.ts";
import type { Expression } from "../../../engine/compiler/expression.ts";
import { compileExpression } from "../../../engine/local/jsonata/expression.ts";
import { Chance } from "../../../engine/local/machine/chance.ts";
import { type JsonObject, overTheWire } from "../../../engine/model/json.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";

/** An expression, the values that it reads, and what JavaScript makes of them. */
export interface Checked {
  readonly expression: Expression;
  readonly values: fc.Arbitrary<object>;
  readonly js: (values: never) => unknown;
}

const chance = new Chance({ clock: new VirtualClock(0), random: () => 0.5, uuid: () => "uuid" });

/**
 * Where an expression as it is printed now is not JavaScript's on some random values: in `jsonata` itself, or in the
 * engine of the local machine. `FORMS` may be changed before, to see whether somebody notices.
 */
export async function differenceOf({ expression, values, js }: Checked, runs: number): Promise<string | undefined> {
  const text = jsonata(expression);
  const original = evaluator(text);
  // Where the local machine has no way of its own to evaluate it, it is `jsonata` too.
  const local = compileFast(original.ast() as unknown as Node) && compileExpression(text, "here");
  const property = fc.asyncProperty(values, async (given) => {
    const wire = overTheWire(given) as JsonObject;
    const states = { context: { Execution: { Input: wire } } };
    const wanted = overTheWire(js(structuredClone(wire) as never));
    const variables = Object.assign(Object.create(null) as JsonObject, wire);
    const outcomes: unknown[] = [await original.evaluate(undefined, { ...wire, states })];
    if (local !== undefined) outcomes.push(await local({ variables, states, chance }));
    for (const value of outcomes) {
      if (value === undefined) throw new Error("gave nothing");
      const found = JSON.stringify(sorted(overTheWire(value)));
      const right = JSON.stringify(sorted(wanted));
      if (found !== right) throw new Error(`gave ${found} instead of ${right}`);
    }
  });
  const result = await fc.check(property, { numRuns: runs });
  if (!result.failed) return undefined;
  const [given] = result.counterexample ?? [];
  return `${text}\non ${JSON.stringify(given)}: ${String(result.errorInstance)}`;
}

/** The order of members is not compared, nor can it be: engines keep keys that look like numbers differently. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
