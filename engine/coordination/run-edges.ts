import { isEnded, type BadEndState, type RunState } from "../model/run.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { Item } from "../store/items.ts";
import { expiryOf } from "./run-end.ts";
import { ALL_RUNS, edgePartition, monthOf, position, UNCHANGED_RUNS, workflowEdge, runOf } from "./keys.ts";

/**
 * Which edges a run has, by its record alone, so that a tag counts the same whenever it came:
 *
 * | record                                  | edges                                             |
 * |-----------------------------------------|---------------------------------------------------|
 * | not yet seen to start                   | none: adoption writes those of all tags it finds  |
 * | deferred, open                          | none: it is found among the open runs             |
 * | deferred, ended, and nothing changed    | one in `run:unchanged`                            |
 * | failed, cancelled, timed-out            | all runs, workflow and tags, each also for its end|
 * | every other                             | all runs, workflow and tags                       |
 */
export function edgesOf(record: Item, tags: readonly string[] = indexedTags(record)): Item[] {
  const { createdAt, state, deferred, unchanged, ttl } = record as unknown as Indexed;
  if (createdAt === undefined || (deferred === true && !isEnded(state))) return [];
  if (unchanged === true) return [edge(record, UNCHANGED_RUNS, { kept: ttl, ttl })];
  return [...tags.map((tag) => edge(record, tag, lifeOf(record))), ...badEndEdges(record, tags)];
}

/** The edges that only the end of a run adds. */
export function edgesOfEnd(record: Item): Item[] {
  return record["deferred"] === true ? edgesOf(record) : badEndEdges(record, indexedTags(record));
}

function badEndEdges(record: Item, tags: readonly string[]): Item[] {
  const { state } = record as unknown as Indexed;
  if (!isEnded(state) || state === "completed") return [];
  return tags.map((tag) => edge(record, tag, lifeOf(record), state));
}

/** Tags, and what every run is listed under beside them. */
function indexedTags(record: Item): string[] {
  const tags = record["tags"] instanceof Set ? [...(record["tags"] as ReadonlySet<string>)] : [];
  return [ALL_RUNS, workflowEdge(record["workflow"] as string), ...tags];
}

function edge(record: Item, tag: string, life: Partial<EdgeLife>, badEnd?: BadEndState): Item {
  const createdAt = Number(record["createdAt"]);
  const id = runOf(record);
  return { pk: edgePartition(tag, monthOf(createdAt), badEnd), sk: position(createdAt, id), ...life };
}

interface Indexed {
  readonly createdAt?: number;
  readonly state: RunState;
  readonly deferred?: boolean;
  readonly unchanged?: boolean;
  readonly ttl: number;
}

/** How long an edge is good for, in seconds since the epoch; a record carries it as its attribute `edge`. */
export interface EdgeLife {
  /** Until then the run's record is there for certain. */
  readonly kept: number;
  /** From then on it is gone for certain. */
  readonly ttl: number;
}

/** Step Functions ends an execution after a year. */
const YEAR_SECONDS = 31_536_000;

/** From the earliest end that a run can have, and from the latest. Times of the run in milliseconds since the epoch. */
export function edgeLife(definition: WorkflowDefinition | undefined, createdAt: number, startAt = createdAt): EdgeLife {
  const { timeoutSeconds = YEAR_SECONDS, concurrencyLimit, queueTimeoutSeconds = YEAR_SECONDS } = definition ?? {};
  const waiting = concurrencyLimit === undefined ? 0 : queueTimeoutSeconds;
  const latestEnd = startAt + (waiting + timeoutSeconds) * 1000;
  return { kept: expiryOf(definition, createdAt, false), ttl: expiryOf(definition, latestEnd, false) };
}

/** What each edge of the run holds. */
export function lifeOf(record: Item): Partial<EdgeLife> {
  return (record["edge"] ?? {}) as Partial<EdgeLife>;
}
