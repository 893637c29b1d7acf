import { readCause } from "../model/cause.ts";
import { ErrorName, type RunError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import { END_RANK, type EndState } from "../model/run.ts";
import { nextFires } from "../model/schedule.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { absent, compare, or } from "../store/condition.ts";
import type { Attribute } from "../store/items.ts";
import { inline } from "./run-record.ts";
import type { StatusEvent } from "./world.ts";

/** The condition of every write that ends a run: the first end stands. */
export const notEnded = or(absent("rank"), compare("rank", "<", END_RANK));

/** How a run ended. Times in milliseconds since the epoch. */
export interface RunEnd {
  readonly state: EndState;
  readonly startedAt?: number;
  readonly endedAt: number;
  /** Of a run that completed. */
  readonly output?: Json;
  /** Of every other. */
  readonly error?: RunError;
}

const DAY_SECONDS = 86_400;
const RETENTION_DAYS = 400;

/**
 * When the record of an ended run may be deleted, in seconds since the epoch. The runs of a cron are kept until it has
 * fired twice more: they tell whether its schedule is overdue.
 */
export function expiryOf(definition: WorkflowDefinition | undefined, endedAt: number, unchanged: boolean): number {
  const days = unchanged ? 1 : (definition?.retentionDays ?? RETENTION_DAYS);
  const [, second = 0] = nextFires(definition ?? {}, endedAt, 2);
  return Math.max(Math.floor(endedAt / 1000) + days * DAY_SECONDS, second / 1000);
}

/** What the end makes of a run's record. */
export function endAttributes(end: RunEnd): { readonly [attribute: string]: Attribute } {
  const { state, startedAt, endedAt, output, error } = end;
  return {
    state,
    rank: END_RANK,
    ...(startedAt === undefined ? {} : { startedAt }),
    endedAt,
    ...(error === undefined ? {} : { error: { ...error } }),
    ...(state === "completed" && output !== undefined ? inline("result", output) : {}),
  };
}

/** The end of a run as the terminal event of its execution tells it. */
export function endOf(event: StatusEvent): RunEnd {
  const times = { startedAt: event.startedAt, endedAt: event.endedAt ?? event.startedAt };
  const error = readCause(event.error, event.cause);
  switch (event.status) {
    case "SUCCEEDED":
      return { state: "completed", ...times, ...(event.output === undefined ? {} : { output: event.output }) };
    case "TIMED_OUT":
      return {
        state: "timed-out",
        ...times,
        error: { name: ErrorName.RUN_TIMED_OUT, message: "The run took longer than its timeoutSeconds." },
      };
    case "ABORTED":
      if (event.error === ErrorName.INVALID_PARAMETERS) return { state: "failed", ...times, error };
      return {
        state: "cancelled",
        ...times,
        error: event.error === undefined ? { name: ErrorName.RUN_CANCELLED, message: "The run was stopped." } : error,
      };
    default:
      return { state: "failed", ...times, error };
  }
}
