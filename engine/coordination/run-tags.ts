import type { Item, Items } from "../store/items.ts";
import { runKey } from "./keys.ts";
import { edgesOf, edgesOfEnd } from "./run-edges.ts";

/**
 * Adds tags to a run: one write of the record, then the edges of these tags. Repeating it changes nothing. Where the
 * run's start has not been seen yet, or its edges are deferred, only the set is written.
 */
export async function addTags(items: Items, run: string, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  const { item } = await items.update(runKey(run), { add: { tags: new Set(tags) } });
  if (item !== undefined) await putAll(items, edgesOf(item, tags));
}

/** All edges that the record has as it stands. */
export async function writeAllEdges(items: Items, record: Item): Promise<void> {
  await putAll(items, edgesOf(record));
}

/** The edges that a run has from its end on: those of a bad end, and those that were deferred until it. */
export async function writeEdgesAtEnd(items: Items, record: Item): Promise<void> {
  await putAll(items, edgesOfEnd(record));
}

async function putAll(items: Items, edges: readonly Item[]): Promise<void> {
  await Promise.all(edges.map((edge) => items.put(edge)));
}
