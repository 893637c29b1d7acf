import { everyItem } from "../store/every-item.ts";
import type { Items } from "../store/items.ts";
import { OPEN_SHARDS, openPartition, readOpenPosition, ENDED_SHARD, type OpenEntry } from "./keys.ts";

/**
 * Every run that has not ended, as the index alone tells it. The index is eventual: a run may have ended a moment ago, and
 * one that was just submitted may be missing.
 */
export async function openEntries(items: Items): Promise<OpenEntry[]> {
  return (await Promise.all(OPEN_SHARDS.map((shard) => entriesOf(items, shard)))).flat();
}

async function entriesOf(items: Items, shard: string): Promise<OpenEntry[]> {
  const open = everyItem(items, { pk: openPartition(shard), index: "open" });
  return Array.fromAsync(open, (item) => ({
    ...readOpenPosition(item["gs"] as string),
    ...(shard === ENDED_SHARD ? { ended: true } : {}),
  }));
}
