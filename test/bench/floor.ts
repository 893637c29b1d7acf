import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Durability } from "../../engine/local/sqlite/open-database.ts";

/** Runs/s of SQLite alone: a run is a row with three indexes, written in one transaction and changed in a second. */
export function floor(directory: string, durability: Durability, runs: number, together: number): number {
  const database = new DatabaseSync(join(directory, `floor-${durability}-${together}.db`));
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === "power-loss" ? "FULL" : "NORMAL"};
    DROP TABLE IF EXISTS runs;
    CREATE TABLE runs (id INTEGER PRIMARY KEY, key TEXT, state TEXT, created TEXT);
    CREATE UNIQUE INDEX runs_key ON runs (key);
    CREATE INDEX runs_state ON runs (state);
    CREATE INDEX runs_created ON runs (created);`);
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const insert = database.prepare("INSERT INTO runs (id, key, state, created) VALUES (?, ?, ?, ?)");
  const update = database.prepare("UPDATE runs SET state = ? WHERE id = ?");
  const transaction = (work: (run: number) => void, first: number): void => {
    begin.run();
    for (let run = first; run < first + together; run += 1) work(run);
    commit.run();
  };
  const start = performance.now();
  for (let first = 0; first < runs; first += together) {
    transaction((run) => insert.run(run, `${Math.random()}`, `running ${run % 100}`, `${start} ${run}`), first);
    transaction((run) => update.run(`completed ${run % 100}`, run), first);
  }
  const seconds = (performance.now() - start) / 1000;
  database.close();
  return runs / seconds;
}
