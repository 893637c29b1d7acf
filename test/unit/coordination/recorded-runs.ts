import { childKeyOf, runKey } from "../../../engine/coordination/keys.ts";
import { edgeLife, lifeOf } from "../../../engine/coordination/run-edges.ts";
import { endAttributes, expiryOf, notEnded } from "../../../engine/coordination/run-end.ts";
import { newAttributes, readRun } from "../../../engine/coordination/run-record.ts";
import { writeAllEdges, writeEdgesAtEnd } from "../../../engine/coordination/run-tags.ts";
import { newRunId } from "../../../engine/model/run-id.ts";
import { isEnded, type EndState, type Run } from "../../../engine/model/run.ts";
import type { Items, Query } from "../../../engine/store/items.ts";

/** What a test says of a run; everything else is made up. */
export interface Given {
  readonly createdAt: number;
  readonly workflow?: string;
  readonly name?: string;
  readonly tags?: readonly string[];
  readonly parent?: string;
  readonly waits?: true;
  readonly deferred?: true;
}

let made = 0;

/** Writes what submit writes of a run, without the rest of it. */
export async function record(items: Items, given: Given): Promise<string> {
  const { createdAt, workflow = "w", name = workflow, tags = [], parent, waits, deferred } = given;
  const serial = Buffer.alloc(10);
  serial.writeUInt32BE((made += 1), 6);
  const id = newRunId(createdAt, () => serial);
  const attributes = newAttributes({
    id,
    workflow,
    name,
    execution: `arn:${id}`,
    parameters: {},
    context: {},
    tags,
    createdAt,
    inputHash: "",
    edge: edgeLife(undefined, createdAt),
    ...(parent === undefined ? {} : { parent }),
    ...(waits === undefined ? {} : { limit: workflow }),
    ...(deferred === undefined ? {} : { deferred }),
  });
  const item = { ...runKey(id), ...attributes, tags: new Set(tags) };
  await items.put(item);
  await writeAllEdges(items, item);
  if (parent !== undefined) await items.put({ ...childKeyOf(parent, createdAt, id), ...lifeOf(item) });
  return id;
}

/** Writes what settle writes of its end. */
export async function end(
  items: Items,
  id: string,
  state: EndState,
  endedAt: number,
  unchanged = false,
): Promise<void> {
  const error = state === "completed" ? {} : { error: { name: "E", message: "e" } };
  const set = {
    ...endAttributes({ state, startedAt: endedAt, endedAt, ...error }),
    ttl: expiryOf(undefined, endedAt, unchanged),
  };
  const update = { set: { ...set, ...(unchanged ? { unchanged } : {}) }, remove: ["gk", "gs"] };
  const { ok, item } = await items.update(runKey(id), update, { when: notEnded });
  if (ok) await writeEdgesAtEnd(items, item);
}

export async function runOf(items: Items, id: string): Promise<Run> {
  const item = await items.get(runKey(id), { consistent: true });
  const run = item && readRun(item);
  if (run === undefined) throw new Error(`no run ${id}`);
  return run;
}

/** Whether the run has no edges of tags, since it changed nothing or may yet turn out so. */
export function isHidden(run: Run, deferred: boolean): boolean {
  return run.unchanged === true || (deferred && !isEnded(run.state));
}

/** The store, and how many items its queries and gets have answered with. */
export function counted(items: Items): Items & { queried: number; got: number } {
  const store = {
    ...items,
    queried: 0,
    got: 0,
    get: async (...args: Parameters<Items["get"]>) => {
      store.got += 1;
      return items.get(...args);
    },
    query: async (query: Query) => {
      const page = await items.query(query);
      store.queried += page.items.length;
      return page;
    },
  };
  return store;
}

/** The store with pages of at most so many items, as every store may cut them. */
export function inShortPages(items: Items, most: number): Items {
  return { ...items, query: (query) => items.query({ ...query, limit: Math.min(query.limit ?? most, most) }) };
}
