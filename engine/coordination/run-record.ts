import type { RunError } from "../model/errors.ts";
import { byteLength, type Json, type JsonObject } from "../model/json.ts";
import { isEnded, RANK, RunState, type Run } from "../model/run.ts";
import type { RunContext } from "../model/wire.ts";
import type { Attribute, Item, Items } from "../store/items.ts";
import { openPartition, openShard, position, runKey } from "./keys.ts";

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
  readonly createdAt: number;
  /** SHA-256 of the parameters: the same idempotency key with other parameters is a conflict. */
  readonly inputHash: string;
}

/** The attributes of a run that starts at once; `tags` apart, since tags may be there before the record. */
export function runningAttributes(run: NewRun): { readonly [attribute: string]: Attribute } {
  const { id, createdAt } = run;
  return {
    ...stable(run),
    state: RunState.RUNNING,
    rank: RANK.running,
    startedAt: createdAt,
    gk: openPartition(openShard(id)),
    gs: position(createdAt, id),
  };
}

function stable(run: NewRun): { readonly [attribute: string]: Attribute } {
  return {
    workflow: run.workflow,
    name: run.name,
    execution: run.execution,
    context: { ...run.context },
    createdAt: run.createdAt,
    inputHash: run.inputHash,
    ...inline("parameters", run.parameters),
    ...(run.parent === undefined ? {} : { parent: run.parent }),
  };
}

/** The attribute where it is small enough to lie in the record. */
export function inline(name: string, value: Json): { readonly [attribute: string]: Json } {
  return byteLength(value) <= INLINE_LIMIT_BYTES ? { [name]: value } : {};
}

export async function getRun(items: Items, id: string): Promise<Run | undefined> {
  const item = await items.get(runKey(id), { consistent: true });
  return item === undefined ? undefined : readRun(item);
}

/** A record that has only tags so far belongs to a run whose start has not been seen: no run yet. */
export function readRun(item: Item): Run | undefined {
  if (item["createdAt"] === undefined) return undefined;
  const tags = item["tags"] instanceof Set ? [...(item["tags"] as ReadonlySet<string>)].sort() : [];
  const {
    workflow,
    name,
    execution,
    parameters,
    context,
    parent,
    createdAt,
    state,
    startedAt,
    endedAt,
    result,
    error,
  } = item as unknown as StoredRun;
  const facts = {
    id: item.pk.slice("RUN#".length),
    workflow,
    name,
    execution,
    context,
    tags,
    createdAt,
    ...(parameters === undefined ? {} : { parameters }),
    ...(parent === undefined ? {} : { parent }),
  };
  if (state === "scheduled" || state === "queued") return { ...facts, state };
  if (state === "running") return { ...facts, state, startedAt };
  if (state === "completed")
    return { ...facts, state, startedAt, endedAt, ...(result === undefined ? {} : { result }) };
  return { ...facts, state, startedAt, endedAt, error };
}

/** How the attributes of a run's item are typed; only `readRun` trusts them. */
interface StoredRun {
  workflow: string;
  name: string;
  execution: string;
  parameters?: JsonObject;
  context: RunContext;
  parent?: string;
  createdAt: number;
  state: RunState;
  startedAt: number;
  endedAt: number;
  result?: Json;
  error: RunError;
}

export function isOpen(run: Run): boolean {
  return !isEnded(run.state);
}
