import { limitBase, PRIORITY_DELAY_MS, type Priority } from "../model/limit.ts";
import type { BadEndState } from "../model/run.ts";
import { INDEX_PREFIX } from "../model/tags.ts";
import type { Item, Key } from "../store/items.ts";

/**
 * Item keys of coordination, frozen by a test.
 *
 * | item     | pk                       | sk                  | written                               |
 * |----------|--------------------------|---------------------|---------------------------------------|
 * | run      | `RUN#<id>`               | `#`                 | submit, tags, settle                  |
 * | edge     | `TAG#<tag>#<yyyymm>`     | `<created>#<id>`    | once a tag; a workflow is a tag too   |
 * | bad end  | `TAG#<tag>#<state>#<yyyymm>` | `<created>#<id>` | once a tag, where the run did not complete |
 * | open run | gk `OPEN#<shard>`        | gs `<created>#<id>#<workflow>#<executed by>` | attributes of the run while it is open; in `OPEN#ended` between its end and what follows |
 * | input    | `RUN#<id>`               | `input`             | parameters above 32 KiB of a run that waits |
 * | child    | `RUN#<parent>`           | `child#<created>#<id>` | submit of a child                  |
 * | limit    | `LIMIT#<name>[#<key>]`   | `#`                 | see slot-steps.ts; in the open index once it was used |
 * | setting  | `LIMIT#<name>`           | `setting`           | an operator's change of a limit       |
 * | waiter   | `LINE#<name>[#<key>]`    | `<virtual>#<id>`    | a run in the line of a limit          |
 * | lock     | `LOCK#<name>`            | `#`                 | see lock-steps.ts                     |
 * | waiter   | `LOCKLINE#<name>`        | `<virtual>#<run>#<acquisition>` | somebody in the line of a lock |
 * | wait     | `RUN#<id>`               | `lock-wait#<acquisition>` | release of a lock that was not held: the wait is over |
 * | cache    | `CACHE#<domain>#<hash>`  | `#`                 | the result of a task, see task-cache.ts |
 *
 * `<created>` is the run's creation in milliseconds, padded to 13 digits, so edges are ordered by time. An edge holds
 * nothing else than how long it is good for, and never changes: a run's state is read from the run itself.
 */
export function runKey(id: string): Key {
  return { pk: `RUN#${id}`, sk: "#" };
}

/** The run that an item is of. */
export function runOf({ pk }: Pick<Key, "pk">): string {
  return pk.slice("RUN#".length);
}

/** Edges that every run has beside those of its tags, which cannot begin so. */
export const ALL_RUNS = `${INDEX_PREFIX}all`;
export function workflowEdge(workflow: string): string {
  return `${INDEX_PREFIX}workflow/${workflow}`;
}
/** Of the runs that a cron started and that changed nothing: the one edge that such a run has. */
export const UNCHANGED_RUNS = `${INDEX_PREFIX}unchanged`;

/** Of all runs with the tag, or of those that ended badly in this state; a tag has no "#". */
export function edgePartition(tag: string, month: string, badEnd?: BadEndState): string {
  return badEnd === undefined ? `TAG#${tag}#${month}` : `TAG#${tag}#${badEnd}#${month}`;
}

/** Sort key of a run in every index. */
export function position(createdAt: number, id: string): string {
  return `${String(createdAt).padStart(13, "0")}#${id}`;
}

export function idAt(sortKey: string): string {
  return sortKey.slice(14);
}

/** `202611` of a moment, in UTC. */
export function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7).replace("-", "");
}

/** Open runs that have no edges until they end, apart from others: they are few, and found here alone. */
export const DEFERRED_SHARD = "deferred";
/** Runs whose end stands and has consequences that are not all done: the sweep reads them wherever else they stand. */
export const ENDED_SHARD = "ended";
/** Where a run may be that has no edges yet. */
export const UNLISTED_SHARDS: readonly string[] = [DEFERRED_SHARD, ENDED_SHARD];
/** The index of open runs is cut into 16, so that no partition of it is hot. */
export const OPEN_SHARDS: readonly string[] = [..."0123456789abcdef", ...UNLISTED_SHARDS];
export function openPartition(shard: string): string {
  return `OPEN#${shard}`;
}
export function openShard(id: string): string {
  return id.slice(-1);
}

/** The parameters of a run that waits, where they are too large for its record. */
export function inputKey(id: string): Key {
  return { pk: `RUN#${id}`, sk: "input" };
}

/** What the sort keys of a run's children begin with. */
export const CHILD = "child#";
export function childKeyOf(parent: string, createdAt: number, id: string): Key {
  return { pk: `RUN#${parent}`, sk: `${CHILD}${position(createdAt, id)}` };
}

export function limitKey(limit: string): Key {
  return { pk: `LIMIT#${limit}`, sk: "#" };
}

export function limitSettingKey(limit: string): Key {
  return { pk: `LIMIT#${limitBase(limit)}`, sk: "setting" };
}

/** A limit stands in the index of what is open, beside runs, so that the sweep sees a slot that no open run holds. */
export function limitIndex(limit: string): { readonly gk: string; readonly gs: string } {
  return { gk: openPartition(LIMITS_SHARD), gs: `limit#${limit}` };
}
const LIMITS_SHARD = "limits";

export function linePartition(limit: string): string {
  return `LINE#${limit}`;
}

/** Where a run stands in a line: by the time of its creation, later by what its priority costs. */
export function placeInLine(createdAt: number, priority: Priority, id: string): string {
  return position(createdAt + PRIORITY_DELAY_MS[priority], id);
}

export function lineKey(limit: string, place: string): Key {
  return { pk: linePartition(limit), sk: place };
}

/** The run at a place in line. */
export function runAt(place: string): string {
  return idAt(place);
}

const HOLDER = "h:";

/** The attribute of a limit that says under which grant a run holds a slot. */
export function holderAttribute(run: string): string {
  return `${HOLDER}${run}`;
}

/** Run → number of its grant. */
export function holdersOf(limit: Item | undefined): { readonly [run: string]: number } {
  const held = Object.entries(limit ?? {}).filter(([name]) => name.startsWith(HOLDER));
  return Object.fromEntries(held.map(([name, grant]) => [name.slice(HOLDER.length), Number(grant)]));
}

/** `hash` tells a domain's tasks and their keys apart. The domain stands in front, since its role may touch its own only. */
export function cacheKey(domain: string, hash: string): Key {
  return { pk: `CACHE#${domain}#${hash}`, sk: "#" };
}

export function scheduleKey(workflow: string): Key {
  return { pk: `SCHEDULE#${workflow}`, sk: "#" };
}

export function lockKey(lock: string): Key {
  return { pk: `LOCK#${lock}`, sk: "#" };
}

export function lockLinePartition(lock: string): string {
  return `LOCKLINE#${lock}`;
}

export function lockLineKey(lock: string, place: string): Key {
  return { pk: lockLinePartition(lock), sk: place };
}

/** Where an acquisition stands in the line of any lock: by the time at which it was asked for, later by its priority. */
export function placeInLockLine(askedAt: number, priority: Priority, run: string, acquisition: string): string {
  return `${placeInLine(askedAt, priority, run)}#${acquisition}`;
}

/** Says that a flow waits no longer, so that a lock which is granted too late goes back. */
export function lockWaitKey(run: string, acquisition: string): Key {
  return { pk: `RUN#${run}`, sk: `lock-wait#${acquisition}` };
}

/**
 * What of locks stands in the index of what is open: those that flows hold, by run, marked where the lock was passed on
 * (its new holder may not have heard of it); and those that tasks hold while others wait, without a run.
 */
export function lockIndex(lock: string, run = "", passed = false): { readonly gk: string; readonly gs: string } {
  return { gk: LOCKS_PARTITION, gs: `lock#${run}#${passed ? "#" : ""}${lock}` };
}
const LOCKS_SHARD = "locks";
export const LOCKS_PARTITION = openPartition(LOCKS_SHARD);

/** Prefix of the sort keys of what a run's flow holds. */
export function locksOfRun(run: string): string {
  return `lock#${run}#`;
}

export function lockAt(sortKey: string): { readonly lock: string; readonly run: string; readonly passed: boolean } {
  const [, run = "", ...rest] = sortKey.split("#");
  return { run, lock: rest.at(-1) ?? "", passed: rest.length > 1 };
}

/** What the index of open runs alone says of a run. */
export interface OpenEntry {
  readonly id: string;
  readonly createdAt: number;
  readonly workflow: string;
  /** The run that executes it, and takes it along when it ends. */
  readonly executedBy?: string;
  /** Its end stands; what follows from it is not done. */
  readonly ended?: boolean;
}

/** The index's sort key never changes, so what it says is free. */
export function openPosition({ id, createdAt, workflow, executedBy = "" }: Omit<OpenEntry, "ended">): string {
  return `${position(createdAt, id)}#${workflow}#${executedBy}`;
}

export function readOpenPosition(sortKey: string): OpenEntry {
  const [createdAt = "", id = "", workflow = "", executedBy = ""] = sortKey.split("#");
  return { id, createdAt: Number(createdAt), workflow, ...(executedBy === "" ? {} : { executedBy }) };
}

/** Until when the sweep has held all executions against the records of runs. */
export function sweepKey(): Key {
  return { pk: "SWEEP#", sk: "#" };
}
