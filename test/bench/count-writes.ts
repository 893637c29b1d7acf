import { DatabaseSync, type SQLInputValue } from "node:sqlite";

/** Rows written, by table, and transactions committed. */
export interface Writes {
  readonly tables: { [table: string]: number };
  commits: number;
}

/** Counts what every database of this process writes from here on. */
export function countWrites(): Writes {
  const writes: Writes = { tables: {}, commits: 0 };
  const prepare = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, "prepare")?.value as DatabaseSync["prepare"];
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    const statement = prepare.call(this, sql);
    const table = /^\s*(?:INSERT(?: OR REPLACE)? INTO|UPDATE|DELETE FROM) (\w+)/.exec(sql)?.[1];
    if (table === undefined && sql !== "COMMIT") return statement;
    const run = statement.run.bind(statement);
    statement.run = (...values: unknown[]) => {
      const changes = run(...(values as SQLInputValue[]));
      if (table === undefined) writes.commits += 1;
      else writes.tables[table] = (writes.tables[table] ?? 0) + Number(changes.changes);
      return changes;
    };
    return statement;
  };
  return writes;
}
