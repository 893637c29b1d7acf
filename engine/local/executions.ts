import type { Execution } from "../client/platform.ts";
import type { StartRequest } from "../coordination/world.ts";
import { readCause } from "../model/cause.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Database } from "./sqlite/database.ts";
import type { Outcome } from "./machine/machine.ts";

/** An execution that has not ended, as the driver takes it up. */
export interface OpenExecution {
  readonly id: number;
  /** ARN. */
  readonly execution: string;
  readonly workflow: string;
  /** Hash of the definition that it is pinned to. */
  readonly definition: string;
  readonly input: JsonObject;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The error that it shall end with as ABORTED. */
  readonly stop?: StopError;
}

export interface StopError {
  readonly name: string;
  readonly cause: string;
}

interface Row {
  readonly id: number;
  readonly execution: string;
  readonly workflow: string;
  readonly definition: string;
  readonly input: string;
  readonly status: Execution["status"];
  readonly started: number;
  readonly ended: number | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly stop: string | null;
}

const START = `
  INSERT INTO executions (execution, workflow, definition, input, status, started) VALUES (?, ?, ?, ?, 'RUNNING', ?)
  ON CONFLICT (execution) DO NOTHING`;
const STOP = "UPDATE executions SET stop = ? WHERE execution = ? AND status = 'RUNNING' AND stop IS NULL";
const FINISH =
  "UPDATE executions SET status = ?, ended = ?, output = ?, error = ?, cause = ? WHERE id = ? AND status = 'RUNNING'";
const FIND = "SELECT * FROM executions WHERE execution = ?";
const OPEN = "SELECT * FROM executions WHERE status = 'RUNNING' AND (id > ? OR stop IS NOT NULL) ORDER BY id";

/** Records an execution; answers it where it is new. */
export function startExecution(
  database: Database,
  { execution, workflow, input }: StartRequest,
  definition: string,
  startedAt: number,
): Promise<OpenExecution | undefined> {
  const text = JSON.stringify(input);
  return database.write(() => {
    const { changes, lastInsertRowid } = database.prepare(START).run(execution, workflow, definition, text, startedAt);
    return changes === 0
      ? undefined
      : { id: Number(lastInsertRowid), execution, workflow, definition, input, startedAt };
  });
}

/** Asks for the end of an execution; whoever drives it sees this. */
export function stopExecution(database: Database, execution: string, stop: StopError): Promise<void> {
  return database.write(() => void database.prepare(STOP).run(JSON.stringify(stop), execution));
}

export function finishExecution(database: Database, id: number, outcome: Outcome, endedAt: number): Promise<void> {
  const [output, error, cause] =
    outcome.status === "SUCCEEDED"
      ? [JSON.stringify(outcome.output), null, null]
      : [null, outcome.error ?? null, outcome.cause ?? null];
  return database.write(() => void database.prepare(FINISH).run(outcome.status, endedAt, output, error, cause, id));
}

/** Executions that have not ended: those with an id above `after`, and those that shall stop. */
export function openExecutions(database: Database, after: number): OpenExecution[] {
  const rows = database.read(() => database.prepare(OPEN).all(after)) as unknown as Row[];
  return rows.map(({ id, execution, workflow, definition, input, started, stop }) => ({
    id,
    execution,
    workflow,
    definition,
    input: JSON.parse(input) as JsonObject,
    startedAt: started,
    ...(stop === null ? {} : { stop: JSON.parse(stop) as StopError }),
  }));
}

export interface StoredExecution extends Execution {
  readonly id: number;
  /** Hash of the definition that it is pinned to. */
  readonly definition: string;
}

export function findExecution(database: Database, execution: string): StoredExecution | undefined {
  const row = database.read(() => database.prepare(FIND).get(execution)) as unknown as Row | undefined;
  if (row === undefined) return undefined;
  const input = JSON.parse(row.input) as JsonObject;
  const open = { ...row, input, startedAt: row.started };
  const place = { id: row.id, definition: row.definition };
  if (row.status === "RUNNING") return { ...place, execution, status: row.status, startedAt: row.started, input };
  const outcome =
    row.status === "SUCCEEDED"
      ? { status: row.status, output: JSON.parse(row.output ?? "null") as Json }
      : {
          status: row.status,
          ...(row.error === null ? {} : { error: row.error }),
          ...(row.cause === null ? {} : { cause: row.cause }),
        };
  return { ...place, ...endedExecution(open, outcome, row.ended ?? row.started) };
}

/** An execution as a caller sees it after its end. */
export function endedExecution(
  { execution, input, startedAt }: Pick<OpenExecution, "execution" | "input" | "startedAt">,
  outcome: Outcome,
  endedAt: number,
): Execution {
  const facts = { execution, status: outcome.status, startedAt, endedAt, input };
  if (outcome.status === "SUCCEEDED") return { ...facts, output: outcome.output };
  return { ...facts, error: readCause(outcome.error, outcome.cause) };
}
