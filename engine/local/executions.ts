import type { Execution } from "../client/platform.ts";
import type { ListedExecution, StartRequest, StatusEvent } from "../coordination/world.ts";
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
const HAS = "SELECT 1 FROM executions WHERE execution = ?";
const LIST_OPEN = `
  SELECT id, execution, workflow, status, started, ended FROM executions
  WHERE status = 'RUNNING' AND id < ? ORDER BY id DESC LIMIT ?`;
const LIST_ALL = `
  SELECT id, execution, workflow, status, started, ended FROM executions WHERE id < ? ORDER BY id DESC LIMIT ?`;
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
  const row = findRow(database, execution);
  if (row === undefined) return undefined;
  const { error, cause, ...event } = eventOf(row);
  const place = { id: row.id, definition: row.definition };
  if (row.status === "RUNNING" || row.status === "SUCCEEDED") return { ...place, ...event };
  return { ...place, ...event, error: readCause(error, cause) };
}

/** The last status of an execution, as an event would tell it. */
export function findEvent(database: Database, execution: string): StatusEvent | undefined {
  const row = findRow(database, execution);
  return row && eventOf(row);
}

export function hasExecution(database: Database, execution: string): boolean {
  return database.read(() => database.prepare(HAS).get(execution)) !== undefined;
}

const LISTED = 500;

/** Executions that began at `since` or later, newest first; those of one workflow, open or ended. */
export function* listExecutions(
  database: Database,
  workflow: string,
  isOpen: boolean,
  since: number,
): Generator<ListedExecution> {
  for (let below = Number.MAX_SAFE_INTEGER; ;) {
    const statement = database.prepare(isOpen ? LIST_OPEN : LIST_ALL);
    const rows = database.read(() => statement.all(below, LISTED)) as unknown as Row[];
    for (const row of rows) {
      if (row.started < since) return;
      if (row.workflow === workflow && isOpen === (row.status === "RUNNING")) yield listedOf(row);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    below = last.id;
  }
}

function findRow(database: Database, execution: string): Row | undefined {
  return database.read(() => database.prepare(FIND).get(execution)) as unknown as Row | undefined;
}

function listedOf({ execution, status, started, ended }: Row): ListedExecution {
  return { execution, status, startedAt: started, ...(ended === null ? {} : { endedAt: ended }) };
}

function eventOf(row: Row): StatusEvent {
  return {
    ...listedOf(row),
    input: JSON.parse(row.input) as JsonObject,
    ...(row.output === null ? {} : { output: JSON.parse(row.output) as Json }),
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.cause === null ? {} : { cause: row.cause }),
  };
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
