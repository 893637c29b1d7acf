import fc from "fast-check";
import { expect, it } from "vitest";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { sqliteItems } from "../../../engine/local/sqlite/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { eventRace } from "./event-race.ts";

it.each([
  ["memory", memoryItems, 200],
  ["SQLite", () => sqliteItems(new Database(":memory:")), 30],
] as const)(
  "a state that waits is woken once by an answer of its own, or times out, over %s",
  async (_, items, numRuns) => {
    const race = fc.asyncProperty(fc.nat(), async (seed) => {
      expect(await eventRace(items(), seed)).toEqual([]);
    });
    await fc.assert(race, { numRuns });
  },
);
