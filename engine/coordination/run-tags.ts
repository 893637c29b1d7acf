import type { Item, Items } from "../store/items.ts";
import { ALL_RUNS, edgePartition, monthOf, position, runKey, workflowEdge } from "./keys.ts";

/**
 * Adds tags to a run: one write of the record, then one edge a tag. Repeating it changes nothing. Where the run's start
 * has not been seen yet only the set is written, and adoption writes the edges of all tags that it finds.
 */
export async function addTags(items: Items, run: string, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  const written = await items.update(runKey(run), { add: { tags: new Set(tags) } });
  const createdAt = written.item?.["createdAt"];
  if (typeof createdAt === "number") await writeEdges(items, run, createdAt, tags);
}

/** The edges of a new run: all runs, its workflow, each tag of its record. */
export async function writeAllEdges(items: Items, record: Item): Promise<void> {
  const tags = record["tags"] instanceof Set ? [...(record["tags"] as ReadonlySet<string>)] : [];
  const edges = [ALL_RUNS, workflowEdge(record["workflow"] as string), ...tags];
  await writeEdges(items, record.pk.slice("RUN#".length), Number(record["createdAt"]), edges);
}

async function writeEdges(items: Items, run: string, createdAt: number, tags: readonly string[]): Promise<void> {
  const month = monthOf(createdAt);
  const sk = position(createdAt, run);
  await Promise.all(tags.map((tag) => items.put({ pk: edgePartition(tag, month), sk })));
}
