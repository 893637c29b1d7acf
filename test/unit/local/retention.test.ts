import { expect, it } from "vitest";
import { finishExecution, startExecution } from "../../../engine/local/executions.ts";
import { Retention } from "../../../engine/local/retention.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { sqliteItems } from "../../../engine/local/sqlite/items.ts";
import { IN_MEMORY } from "../../../engine/local/sqlite/open-database.ts";
import { sqliteJournal } from "../../../engine/local/sqlite/journal.ts";
import { executionArn } from "../../../engine/model/wire.ts";

const id = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const arn = (n: number): string => executionArn("local", "000000000000", "local", "greet", id(n));

const LEFT = `
  SELECT execution FROM executions ORDER BY id`;

async function begin(database: Database, n: number, ended: boolean): Promise<void> {
  const request = { execution: arn(n), workflow: "greet", run: id(n), input: {} };
  const started = await startExecution(database, request, "hash", 0);
  const row = started?.id ?? 0;
  await sqliteJournal(database, row, []).append({ frame: "", kind: "ended", at: 0, data: {} });
  await database.write(() => database.prepare("INSERT INTO logs (execution, line) VALUES (?, '')").run(row));
  if (ended) await finishExecution(database, row, { status: "SUCCEEDED", output: null }, 0);
}

const rows = (database: Database, sql: string): string[] =>
  (database.read(() => database.prepare(sql).all()) as { execution: string }[]).map(({ execution }) => execution);

it("deletes ended executions with all they have, where the run's record has expired or has gone", async () => {
  const database = new Database(IN_MEMORY);
  const items = sqliteItems(database);
  for (const [n, ended] of [
    [1, true],
    [2, true],
    [3, true],
    [4, true],
    [5, false],
  ] as const) {
    await begin(database, n, ended);
  }
  await items.put({ pk: `RUN#${id(1)}`, sk: "#", ttl: 99 });
  await items.put({ pk: `RUN#${id(2)}`, sk: "#", ttl: 100 });
  await items.put({ pk: `RUN#${id(3)}`, sk: "#" });
  await new Retention(database).pass(100_000);
  expect(rows(database, LEFT)).toEqual([2, 3, 5].map(arn));
  expect(rows(database, "SELECT execution FROM journal ORDER BY 1")).toEqual([2, 3, 5]);
  expect(rows(database, "SELECT execution FROM logs ORDER BY 1")).toEqual([2, 3, 5]);
  database.close();
});

it("looks at a hundred a pass, one after the other, and begins anew behind the last", async () => {
  const database = new Database(IN_MEMORY);
  const retention = new Retention(database);
  const numbers = Array.from({ length: 150 }, (_, n) => n);
  await Promise.all(numbers.map((n) => begin(database, n, true)));
  const left = (): number => rows(database, LEFT).length;
  await retention.pass(0);
  expect(left()).toBe(50);
  await retention.pass(0);
  expect(left()).toBe(0);
  await begin(database, 150, true);
  await retention.pass(0);
  expect(left()).toBe(0);
  database.close();
});
