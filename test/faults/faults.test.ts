import { describe, expect, it } from "vitest";
import { Database } from "../../engine/local/sqlite/database.ts";
import { sqliteItems } from "../../engine/local/sqlite/items.ts";
import { IN_MEMORY } from "../../engine/local/sqlite/open-database.ts";
import type { Items } from "../../engine/store/items.ts";
import { noDynoxide, startDynoxide } from "../unit/store/dynoxide.ts";
import { round } from "./round.ts";

/** `npm run test:faults` runs 3,000 a store. */
const given = process.env["MILLRACE_FAULT_RUNS"];
const SEED = Number(process.env["MILLRACE_FAULT_SEED"] ?? 1);
const A_ROUND = 60;

async function rounds(items: Items, wanted: number): Promise<void> {
  let runs = 0;
  let faults = 0;
  for (let seed = SEED; runs < wanted; seed += 1) {
    const outcome = await round(items, A_ROUND, seed);
    expect(outcome).toMatchObject({ seed, problems: [] });
    runs += outcome.runs;
    faults += outcome.faults;
  }
  process.stdout.write(`${runs} runs with ${faults} faults, from seed ${SEED}\n`);
  expect(faults).toBeGreaterThan(runs / 3);
}

describe("nothing leaks after one sweep, whatever fails", () => {
  it("over SQLite", { timeout: 900_000 }, async () => {
    const database = new Database(IN_MEMORY);
    try {
      await rounds(sqliteItems(database), Number(given ?? 300));
    } finally {
      database.close();
    }
  });

  it.skipIf(noDynoxide !== undefined)("over an implementation of DynamoDB", { timeout: 900_000 }, async () => {
    await using dynoxide = await startDynoxide();
    await rounds(await dynoxide.table(), Number(given ?? 60));
  });
});
