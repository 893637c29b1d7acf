import type { RunError } from "../model/errors.ts";
import { byteLength, type Json, type JsonObject } from "../model/json.ts";
import { isEnded, RANK, RunState, type Run } from "../model/run.ts";
import type { RunContext } from "../model/wire.ts";
import type { Attribute, Item, Items } from "../store/items.ts";
import type { EdgeLife } from "./run-edges.ts";
import { DEFERRED_SHARD, openPartition, openPosition, openShard, runKey, runOf } from "./keys.ts";

/** Parameters and results above this stay with the execution, so that a run's record costs few write units. */
const INLINE_LIMIT_BYTES = 32_768;

/** What is known of a run when its record is made. */
export interface NewRun {
  readonly id: string;
  readonly workflow: string;
  readonly name: string;
  readonly execution: string;
  readonly parameters: JsonObject;
  readonly context: RunContext;
  readonly tags: readonly string[];
  readonly parent?: string;
  /** The parent executes it: it waits for the end, and takes the run along when it is stopped. */
  readonly executed?: true;
  /** Callback token of the parent's state. */
  readonly token?: string;
  /** Of that state: a token gives way only to that of a later attempt. */
  readonly tokenAttempt?: number;
  readonly retryOf?: string;
  readonly createdAt: number;
  /** SHA-256 of the parameters: the same idempotency key with other parameters is a conflict. */
  readonly inputHash: string;
  readonly limit?: string;
  readonly startAt?: number;
  readonly expiresAt?: number;
  readonly edge: EdgeLife;
  /** The limit is known to be contended: the run waits in line from the start. */
  readonly queued?: true;
  /** Its edges wait for its end, which may say that nothing has changed. */
  readonly deferred?: true;
}

/** A run waits before it starts where it stands under a limit, or was submitted for later. */
export function waits(run: Pick<NewRun, "limit" | "startAt">): boolean {
  return run.limit !== undefined || run.startAt !== undefined;
}

/** The attributes of a new run; `tags` apart, since tags may be there before the record. */
export function newAttributes(run: NewRun): { readonly [attribute: string]: Attribute } {
  const { id, createdAt, parameters, tags: _, queued, ...facts } = run;
  const executedBy = run.token !== undefined || run.executed === true ? run.parent : undefined;
  return {
    ...(facts as unknown as { readonly [attribute: string]: Attribute }),
    createdAt,
    ...inline("parameters", parameters),
    ...(waits(run)
      ? waitingState(queued === undefined ? RunState.SCHEDULED : RunState.QUEUED)
      : { state: RunState.RUNNING, rank: RANK.running, startedAt: createdAt }),
    gk: openPartition(run.deferred === true ? DEFERRED_SHARD : openShard(id)),
    gs: openPosition({ ...run, ...(executedBy === undefined ? {} : { executedBy }) }),
  };
}

function waitingState(state: "scheduled" | "queued"): { readonly [attribute: string]: Attribute } {
  return { state, rank: RANK[state] };
}

/** The attribute where it is small enough to lie in the record. */
export function inline(name: string, value: Json): { readonly [attribute: string]: Json } {
  return byteLength(value) <= INLINE_LIMIT_BYTES ? { [name]: value } : {};
}

export async function getRun(items: Items, id: string): Promise<Run | undefined> {
  const item = await items.get(runKey(id), { consistent: true });
  return item === undefined ? undefined : readRun(item);
}

const FACTS = [
  "workflow",
  "name",
  "execution",
  "context",
  "createdAt",
  "parameters",
  "parent",
  "retryOf",
  "limit",
  "startAt",
  "expiresAt",
  "progress",
  "cancelRequestedAt",
  "unchanged",
] as const;

/** A record that has only tags so far belongs to a run whose start has not been seen: no run yet. */
export function readRun(item: Item): Run | undefined {
  if (item["createdAt"] === undefined) return undefined;
  const { state, startedAt, endedAt, result, error } = item as unknown as StoredEnd;
  const facts = {
    id: runOf(item),
    tags: tagsOf(item),
    ...Object.fromEntries(FACTS.filter((fact) => item[fact] !== undefined).map((fact) => [fact, item[fact]])),
  } as unknown as Facts;
  if (state === "scheduled" || state === "queued") return { ...facts, state };
  if (state === "running") return { ...facts, state, startedAt };
  if (state === "completed")
    return { ...facts, state, startedAt, endedAt, ...(result === undefined ? {} : { result }) };
  return { ...facts, state, ...(startedAt === undefined ? {} : { startedAt }), endedAt, error };
}

/** Sorted. */
export function tagsOf(item: Item): string[] {
  return item["tags"] instanceof Set ? [...(item["tags"] as ReadonlySet<string>)].sort() : [];
}

/** How the attributes of a run's item are typed; only `readRun` trusts them. */
type Facts = Omit<Extract<Run, { state: "scheduled" | "queued" }>, "state">;
interface StoredEnd {
  state: RunState;
  startedAt: number;
  endedAt: number;
  result?: Json;
  error: RunError;
}

export function isOpen(run: Run): boolean {
  return !isEnded(run.state);
}
