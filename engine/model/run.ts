import type { RunError } from "./errors.ts";
import type { Json, JsonObject } from "./json.ts";
import type { RunContext } from "./wire.ts";

/**
 * | state     | meaning                                             | next                                   |
 * |-----------|-----------------------------------------------------|----------------------------------------|
 * | scheduled | recorded, not yet started                           | queued, running, cancelled             |
 * | queued    | waits in the line of a concurrency limit            | running, cancelled                     |
 * | running   | its machine runs                                    | completed, failed, cancelled, timed-out|
 * | completed | ended with a result                                 |                                        |
 * | failed    | ended with an error                                 |                                        |
 * | cancelled | ended by somebody's decision                        |                                        |
 * | timed-out | ended by `timeoutSeconds`                           |                                        |
 *
 * A run only moves down this table. `rank` orders the states, and every write of a state is conditional on a higher
 * rank, so that late, duplicate and reordered events change nothing.
 */
export const RunState = {
  SCHEDULED: "scheduled",
  QUEUED: "queued",
  RUNNING: "running",
  COMPLETED: "completed",
  FAILED: "failed",
  CANCELLED: "cancelled",
  TIMED_OUT: "timed-out",
} as const;
export type RunState = (typeof RunState)[keyof typeof RunState];
export type EndState = "completed" | "failed" | "cancelled" | "timed-out";
export type BadEndState = Exclude<EndState, "completed">;

export const RANK: { readonly [state in RunState]: number } = {
  scheduled: 10,
  queued: 20,
  running: 40,
  completed: 100,
  failed: 100,
  cancelled: 100,
  "timed-out": 100,
};
export const END_RANK = 100;

export function isEnded(state: RunState): state is EndState {
  return RANK[state] === END_RANK;
}

/** A run that somebody or its limit cancelled has not failed. */
export function hasFailed(state: RunState): boolean {
  return state === RunState.FAILED || state === RunState.TIMED_OUT;
}

/** Times are milliseconds since the epoch. */
interface RunFacts {
  readonly id: string;
  readonly workflow: string;
  /** The title, rendered from the workflow's `runName`, or the workflow's name. */
  readonly name: string;
  /** ARN of the execution. */
  readonly execution: string;
  /** Absent where they are above 32 KiB; the execution's own input has them. */
  readonly parameters?: JsonObject;
  readonly context: RunContext;
  /** Sorted. */
  readonly tags: readonly string[];
  /** Id of the run that submitted this one. */
  readonly parent?: string;
  /** Id of the run that this one repeats. */
  readonly retryOf?: string;
  readonly createdAt: number;
  /** The limit that it stands under, with its key. */
  readonly limit?: string;
  /** When a run that was submitted for later starts. */
  readonly startAt?: number;
  /** Until when it may wait in line. */
  readonly expiresAt?: number;
  /** Of the work, in percent, where a task tells it. */
  readonly progress?: number;
  /** Somebody wants it cancelled. */
  readonly cancelRequestedAt?: number;
  /** Started by a cron, and nothing has changed: kept for a day, and left out of lists. */
  readonly unchanged?: true;
}

export type Run = RunFacts &
  (
    | { readonly state: "scheduled" | "queued" }
    | { readonly state: "running"; readonly startedAt: number }
    | {
        readonly state: "completed";
        readonly startedAt: number;
        readonly endedAt: number;
        /** Absent where it is above 32 KiB; the execution's own output has it. */
        readonly result?: Json;
      }
    | {
        readonly state: "failed" | "timed-out" | "cancelled";
        readonly startedAt?: number;
        readonly endedAt: number;
        readonly error: RunError;
      }
  );

/** What submit answers to a caller: the original's `WorkflowInfo`. */
export interface WorkflowInfo {
  readonly id: string;
}

/** One entry of a run's timeline. */
export interface Step {
  /** State name, in a loop with its index. */
  readonly name: string;
  readonly kind: "task" | "wait" | "child" | "choice" | "pass" | "map" | "parallel" | "end";
  /** `functions/git/flows.ts:31` */
  readonly at?: string;
  readonly state: "running" | "completed" | "failed";
  /** 1 for the first attempt of a task. */
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly error?: RunError;
  /** Of a batch whose items are executions of their own: how many there are beside those whose steps are told. */
  readonly omittedItems?: number;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogLine {
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
  /** The step that wrote it; of a flow's own line the place of that, `functions/git/flows.ts:31`. */
  readonly step: string;
  readonly fields?: JsonObject;
  /** Of a flow's own: the same line may have been written by several attempts. */
  readonly line?: string;
}

/** The lines without what attempts that were repeated have written again. */
export function eachLineOnce(lines: readonly LogLine[]): LogLine[] {
  const seen = new Set<string>();
  return lines.filter(({ line }) => {
    if (line === undefined) return true;
    const isNew = !seen.has(line);
    seen.add(line);
    return isNew;
  });
}
