import { eachLineOnce, type LogLevel, type LogLine } from "../model/run.ts";
import type { Log } from "../runtime/task-scope.ts";
import type { Database } from "./sqlite/database.ts";

const WRITE = "INSERT INTO logs (execution, line) VALUES (?, ?)";
const READ = "SELECT line FROM logs WHERE execution = ? ORDER BY id";

/** The log of one step of an execution, by its row's id. Lines are there before the step's result is. */
export function stepLog(
  database: Database,
  execution: number,
  source: Pick<LogLine, "step" | "line">,
  now: () => number,
  onLine: (line: LogLine) => void,
): Log {
  const write =
    (level: LogLevel): Log[LogLevel] =>
    (message, fields) => {
      const line: LogLine = { time: now(), level, message, ...source, ...(fields === undefined ? {} : { fields }) };
      const text = JSON.stringify(line);
      // A store that fails to write a line fails the step's result too, which is where it is reported.
      database.write(() => database.prepare(WRITE).run(execution, text)).catch(() => undefined);
      onLine(line);
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

export function readLogs(database: Database, execution: number): LogLine[] {
  const rows = database.read(() => database.prepare(READ).all(execution)) as unknown as { readonly line: string }[];
  return eachLineOnce(rows.map(({ line }) => JSON.parse(line) as LogLine));
}
