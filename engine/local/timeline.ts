import type { RecordedCall } from "../model/recorded-call.ts";
import type { LogLine, Run, Step } from "../model/run.ts";
import type { Definitions } from "./definitions.ts";
import { findExecution } from "./executions.ts";
import { readLogs } from "./logs.ts";
import { callsOf } from "./machine/calls.ts";
import { steps } from "./machine/steps.ts";
import type { Database } from "./sqlite/database.ts";
import { readJournal } from "./sqlite/journal.ts";

/** What the journal of a run's machine tells; nothing where it has no machine. */

export function readSteps(database: Database, definitions: Definitions, run: Run): Step[] {
  const found = findExecution(database, run.execution);
  if (found === undefined) return [];
  return steps(readJournal(database, found.id), definitions.get(found.definition).machine, found);
}

export function readCalls(database: Database, run: Run): RecordedCall[] {
  const found = findExecution(database, run.execution);
  return found === undefined ? [] : callsOf(readJournal(database, found.id));
}

export function readLines(database: Database, run: Run): LogLine[] {
  const found = findExecution(database, run.execution);
  return found === undefined ? [] : readLogs(database, found.id);
}
