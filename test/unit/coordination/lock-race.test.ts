import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { sqliteItems } from "../../../engine/local/sqlite/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { Race, type Actor } from "./lock-race.ts";

const STORES = [
  ["memory", memoryItems, 1_000],
  ["SQLite", () => sqliteItems(new Database(":memory:")), 200],
] as const;

const call = fc.integer({ min: 1, max: 14 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const ACTOR: fc.Arbitrary<Actor> = fc.record({
  kind: fc.constantFrom("flow", "flow", "task"),
  wants: fc.constantFrom([{ name: "a" }], [{ name: "a" }], [{ name: "b" }, { name: "a" }]),
  skew: fc.integer({ min: -2_000, max: 2_000 }),
  dies: fc.array(fc.record({ at: call, done: fc.boolean() }), { maxLength: 2 }),
  loses: maybe(call),
  stopped: maybe(fc.record({ when: fc.constantFrom("waiting", "holding"), heard: fc.boolean() })),
  twice: fc.boolean(),
  impatient: fc.boolean(),
});

describe.each(STORES)("locks that are fought for over %s", (_, items, numRuns) => {
  it("are held by one at a time, and nobody is stuck when sweeps have come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(ACTOR, { minLength: 2, maxLength: 5 }), async (scheduler, actors) => {
        const race = new Race(items(), actors, scheduler);
        await race.run();
        expect(race.problems).toEqual([]);
      }),
      { numRuns },
    );
  });
});
