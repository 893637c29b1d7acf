import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What the platform in a folder has still to do, one row a line, for whoever has to find out why it does not. */
export function openWork(directory: string): string {
  const database = new DatabaseSync(join(directory, "millrace.db"), { readOnly: true });
  try {
    const lines = OPEN_WORK.flatMap(([what, sql]) =>
      database
        .prepare(sql)
        .all()
        .map((row) => `${what}: ${JSON.stringify(row)}`),
    );
    return lines.length === 0 ? "nothing is open" : lines.join("\n");
  } finally {
    database.close();
  }
}

const OPEN_WORK = [
  ["lease", "SELECT pid, expires FROM lease"],
  ["open", "SELECT pk, gs, body FROM items WHERE gk LIKE 'OPEN#%' ORDER BY pk"],
  ["in line", "SELECT pk, sk, body FROM items WHERE pk LIKE 'LINE#%' OR pk LIKE 'LOCKLINE#%' ORDER BY pk, sk"],
  ["timer", "SELECT run, at FROM timers ORDER BY at"],
  ["token", "SELECT token, execution, until, answer FROM callbacks ORDER BY execution"],
  ["execution", "SELECT id, execution, stop FROM executions WHERE status = 'RUNNING' ORDER BY id"],
  [
    "where it is",
    `SELECT execution, max(number) AS number, entry FROM journal
     WHERE execution IN (SELECT id FROM executions WHERE status = 'RUNNING') GROUP BY execution`,
  ],
] as const;
