import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CompiledWorkflow, Range } from "../../../engine/model/compiled.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../engine/model/json.ts";
import { MemoryCallbacks, named, trial } from "../machine/trial.ts";
import { FLOWS, goldenPath } from "./flows.ts";

/** What a run of a machine counts, as its history and its calls tell it. */
interface Counted {
  readonly transitions: number;
  readonly events: number;
  readonly writes: number;
  readonly calls: { readonly [name: string]: number };
  readonly succeeded: boolean;
}

const text = fc.constantFrom("", "a", "open");
const integer = fc.integer({ min: -1, max: 4 });
const line = fc.record({ sku: text, quantity: integer, labels: fc.array(text, { maxLength: 2 }) });
const order = fc.record({
  id: text,
  amount: integer,
  urgent: fc.boolean(),
  note: text,
  coupon: fc.option(text),
  lines: fc.array(line, { maxLength: 2 }),
  address: fc.record({ street: text, "post-code": text }),
});
const orders = fc.array(order, { maxLength: 3 });
const input = fc.record({ id: text, branch: text, depth: integer, big: fc.boolean(), note: text, orders });

/** Errors that no task is tried again for. */
const errors = fc.constantFrom("InvalidInput", "ResultTooLarge");
const ANSWERS: { readonly [task: string]: fc.Arbitrary<Json> } = {
  "load-order": order,
  "list-orders": orders,
  charge: fc.record({ receipt: text, approved: fc.boolean() }),
  reserve: fc.boolean(),
  ship: text,
  execute: fc.record({ shipped: text }),
  submit: fc.record({ id: fc.constantFrom("run-2", "run-3") }),
  "millrace/sweep": fc.record({ problems: fc.array(text, { maxLength: 2 }) }),
  wait: fc.record({ approved: fc.boolean() }),
  acquire: fc.constant([
    { name: "a", fence: 1 },
    { name: "b", fence: 2 },
  ]),
};
const lists = (fails: number): fc.Arbitrary<{ readonly [task: string]: readonly (Json | Error)[] }> =>
  fc.record(
    Object.fromEntries(
      Object.entries(ANSWERS).map(([task, value]) => {
        const wrong = errors.map((name) => named(name));
        const one = fc.oneof({ arbitrary: value, weight: 6 }, { arbitrary: wrong, weight: fails });
        return [task, fc.array(one, { minLength: 3, maxLength: 6 })];
      }),
    ),
  );

/** What a payload asks for: a task, a child, an event, a lock or its end. */
function askedOf(payload: JsonObject): string {
  if ("event" in payload) return "wait";
  if ("acquire" in payload) return "acquire";
  if ("release" in payload) return "release";
  if ("workflow" in payload) return "token" in payload ? "execute" : "submit";
  return payload["task"] as string;
}

/** Tags: the set in the record, and an edge each; a lock that is free: one item; to give it back, one; a token: one. */
function writesOf(payload: JsonObject): number {
  const { acquire, release, event, workflow, task, input: given, tags } = payload;
  const locks = acquire ?? release;
  if (locks !== undefined) return [locks].flat().length;
  if (workflow !== undefined) return 0; // the child writes its own
  if (event !== undefined) return 1;
  const added = task === "millrace/add-tags" ? given : tags;
  return Array.isArray(added) && added.length > 0 ? 1 + added.length : 0;
}

async function count(
  { machine }: CompiledWorkflow,
  parameters: JsonObject,
  given: { readonly [task: string]: readonly (Json | Error)[] },
): Promise<Counted> {
  const callbacks = new MemoryCallbacks();
  const history: string[] = [];
  const made = new Map<string, number>();
  let writes = 0;
  const call = (payload: Json): Json => {
    if (!isJsonObject(payload)) throw new Error("A payload is an object.");
    const asked = askedOf(payload);
    const turn = made.get(asked) ?? 0;
    made.set(asked, turn + 1);
    writes += writesOf(payload);
    const list = given[asked] ?? [null];
    const answer = list[turn % list.length] ?? null;
    const { token } = payload;
    if (typeof token !== "string") {
      if (answer instanceof Error) throw answer;
      return answer;
    }
    callbacks.answer(
      token,
      answer instanceof Error ? { error: { name: answer.name, cause: "{}" } } : { output: answer },
    );
    return null;
  };
  const { outcome, calls } = await trial(machine, {
    input: parameters,
    tasks: new Proxy({}, { get: () => call }),
    callbacks,
    history,
  });
  const functions = calls.map(({ arguments: given }) => (isJsonObject(given) ? (given["FunctionName"] as string) : ""));
  return {
    transitions: history.filter((event) => event.endsWith("StateEntered")).length,
    events: 2 + history.length, // the execution began, and ended
    writes,
    calls: Object.fromEntries(
      [...new Set(functions)].map((name) => [name.slice(2, -1), functions.filter((one) => one === name).length]),
    ),
    succeeded: outcome.status === "SUCCEEDED",
  };
}

/** Each measure as it is planned and as it was counted. Items of a distributed Map have histories of their own. */
function measures(
  { plan, machine }: CompiledWorkflow,
  run: Counted,
): (readonly [name: string, planned: Range, actual: number])[] {
  const isDistributed = JSON.stringify(machine).includes("DISTRIBUTED");
  return [
    ["transitions", plan.transitions, run.transitions],
    ...(isDistributed ? [] : [["events", plan.events, run.events] as const]),
    ["writes", plan.writes, run.writes],
    ...Object.entries(plan.calls).map(([name, planned]) => [name, planned, run.calls[name] ?? 0] as const),
  ];
}

const compiled = (name: string): CompiledWorkflow =>
  JSON.parse(readFileSync(goldenPath(name), "utf8")) as CompiledWorkflow;

describe("What a run counts lies within its plan", () => {
  it.each(FLOWS.map(([name]) => name))("%s", async (name) => {
    const workflow = compiled(name);
    await fc.assert(
      fc.asyncProperty(input, lists(1), async (parameters, given) => {
        const run = await count(workflow, parameters, given);
        for (const [measure, planned, actual] of measures(workflow, run)) {
          expect({ measure, actual }).toEqual({ measure, actual: Math.min(actual, planned.max ?? Infinity) });
          if (run.succeeded) expect({ measure, actual }).toEqual({ measure, actual: Math.max(actual, planned.min) });
        }
      }),
      { numRuns: 8 },
    );
    await fc.assert(
      fc.asyncProperty(input, lists(0), async (parameters, given) => {
        const run = await count(workflow, parameters, given);
        for (const [measure, { typical = Infinity }, actual] of measures(workflow, run))
          expect({ measure, actual }).toEqual({ measure, actual: Math.min(actual, typical) });
      }),
      { numRuns: 6 },
    );
  });
});
