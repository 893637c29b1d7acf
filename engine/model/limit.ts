import { ErrorName, MillraceError } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import { hasPlaces, renderRunName, runNameProblem } from "./run-name.ts";
import type { Schema } from "./schema.ts";

/**
 * What becomes of a run whose limit is reached. `ENQUEUE`: it waits in line. `CANCEL_NEW`: it ends as cancelled.
 * `CANCEL_RUNNING`: it waits in line, and runs that stand before it are cancelled to make room. The first two are Prefect's.
 */
export const ConcurrencyLimitStrategy = {
  ENQUEUE: "ENQUEUE",
  CANCEL_NEW: "CANCEL_NEW",
  CANCEL_RUNNING: "CANCEL_RUNNING",
} as const;
export type ConcurrencyLimitStrategy = (typeof ConcurrencyLimitStrategy)[keyof typeof ConcurrencyLimitStrategy];

export const Priority = { HIGH: "high", MEDIUM: "medium", LOW: "low" } as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

/**
 * How far behind its creation a run joins a line, in milliseconds: a line is ordered by this virtual time, so a run of
 * low priority waits at most half an hour longer than its turn, and nobody starves.
 */
export const PRIORITY_DELAY_MS: { readonly [priority in Priority]: number } = {
  high: 0,
  medium: 300_000,
  low: 1_800_000,
};

/** Holders stand in the limit's one item, which would grow beyond 4 KB; there are no transactions to go further. */
export const LIMIT_MAX = 90;

/** A limit that several workflows share. */
export interface SharedLimit {
  readonly name: string;
  readonly limit: number;
}

/** @throws MillraceError `InvalidDefinition` */
export function defineLimit(limit: SharedLimit): SharedLimit {
  const problems = [
    ...(NAME.test(limit.name) && limit.name.length <= NAME_MAX_LENGTH
      ? []
      : [
          `name ${JSON.stringify(limit.name)} must be lower-case words joined by "-" or "_", at most ${NAME_MAX_LENGTH}`,
        ]),
    ...limitProblems(limit.limit),
  ];
  if (problems.length === 0) return Object.freeze({ ...limit });
  throw new MillraceError(ErrorName.INVALID_DEFINITION, `The limit cannot be defined: ${problems.join("; ")}.`);
}

const NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;
const NAME_MAX_LENGTH = 60;

/** What a workflow declares about its limit. */
export interface LimitOptions {
  /** Runs at once, 1 to 90, or a limit shared with other workflows. */
  readonly concurrencyLimit?: number | SharedLimit;
  /** `ENQUEUE` where it is left out. */
  readonly concurrencyStrategy?: ConcurrencyLimitStrategy;
  /** `"{repositoryId}"`: the limit holds for each value of it apart. */
  readonly concurrencyKey?: string;
  /** A run that has waited in line for longer is ended by the next sweep, as cancelled with `QueueTimedOut`. */
  readonly queueTimeoutSeconds?: number;
}

/** The limit that one run stands under. */
export interface Limit {
  /** The shared limit's name, or the workflow's; with a key `<name>#<key>`. Names one count of holders and one line. */
  readonly name: string;
  /** Runs at once, as defined. */
  readonly max: number;
  readonly strategy: ConcurrencyLimitStrategy;
}

/** Nothing for a workflow without a limit. */
export function limitOf(
  definition: LimitOptions & { readonly name: string },
  parameters: JsonObject,
): Limit | undefined {
  const { name, concurrencyLimit: given, concurrencyStrategy: strategy = "ENQUEUE", concurrencyKey } = definition;
  if (given === undefined) return undefined;
  const base = typeof given === "number" ? name : given.name;
  const key = concurrencyKey === undefined ? "" : `#${renderRunName(concurrencyKey, parameters)}`;
  return { name: `${base}${key}`, max: typeof given === "number" ? given : given.limit, strategy };
}

/** The name without the key: what an operator sets a limit of. */
export function limitBase(name: string): string {
  return name.split("#", 1)[0] ?? name;
}

export function limitProblems(limit: number): string[] {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return [];
  return [
    `a concurrency limit is a whole number from 1 to ${LIMIT_MAX}, not ${limit}: holders stand in one item; cut the work by a concurrencyKey to have more`,
  ];
}

export function limitOptionProblems(
  definition: LimitOptions & { readonly cron?: string; readonly timeoutSeconds?: number; readonly parameters: Schema },
): string[] {
  const { concurrencyLimit: limit, concurrencyStrategy, concurrencyKey, queueTimeoutSeconds, cron } = definition;
  const problems: string[] = [];
  if (limit === undefined) {
    for (const option of ["concurrencyStrategy", "concurrencyKey", "queueTimeoutSeconds"] as const) {
      if (definition[option] !== undefined) problems.push(`${option} is given without concurrencyLimit: add one`);
    }
    return problems;
  }
  problems.push(...limitProblems(typeof limit === "number" ? limit : limit.limit));
  if (concurrencyStrategy !== undefined && !Object.hasOwn(ConcurrencyLimitStrategy, concurrencyStrategy)) {
    problems.push(
      `concurrencyStrategy is ${JSON.stringify(concurrencyStrategy)}, allowed are ${Object.keys(ConcurrencyLimitStrategy).join(", ")}`,
    );
  }
  if (concurrencyKey !== undefined) {
    const problem = runNameProblem(concurrencyKey, definition.parameters);
    if (problem !== undefined) problems.push(`concurrencyKey: ${problem}`);
    else if (!hasPlaces(concurrencyKey))
      problems.push(`concurrencyKey ${JSON.stringify(concurrencyKey)} names no parameter, such as "{repositoryId}"`);
  }
  if (queueTimeoutSeconds !== undefined && !(Number.isInteger(queueTimeoutSeconds) && queueTimeoutSeconds >= 1)) {
    problems.push(`queueTimeoutSeconds is ${queueTimeoutSeconds}, allowed are whole seconds from 1`);
  }
  if (queueTimeoutSeconds !== undefined && concurrencyStrategy === ConcurrencyLimitStrategy.CANCEL_NEW) {
    problems.push("queueTimeoutSeconds is given with CANCEL_NEW, where no run waits in line: leave it out");
  }
  if (cron !== undefined && definition.timeoutSeconds === undefined) {
    problems.push(
      "cron stands on a limit that a hanging run would never free: give timeoutSeconds, after which a run is stopped",
    );
  }
  return problems;
}
