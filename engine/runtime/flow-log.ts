import type { JsonObject } from "../model/json.ts";
import type { LogLevel } from "../model/run.ts";
import { currentScope } from "./scope.ts";
import type { Log } from "./task-scope.ts";

/**
 * Writes log lines of the run. In a flow they ride in the next task's payload, as tags do, and are written when that
 * begins; before a wait, a child or the end they cost a state of their own. In a task it is the task's own log.
 */
export const log: Log = {
  debug: (message, fields) => write("debug", message, fields),
  info: (message, fields) => write("info", message, fields),
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: LogLevel, message: string, fields: JsonObject | undefined): void {
  currentScope(`log.${level}`).log[level](message, fields);
}
