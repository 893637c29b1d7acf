import type { Items } from "../store/items.ts";
import { OPEN_SHARDS, openPartition, readOpenPosition, type OpenEntry } from "./keys.ts";

/**
 * Every run that has not ended, as the index alone tells it. The index is eventual: a run may have ended a moment ago, and
 * one that was just submitted may be missing.
 */
export async function openEntries(items: Items): Promise<OpenEntry[]> {
  return (await Promise.all(OPEN_SHARDS.map((shard) => entriesOf(items, shard)))).flat();
}

async function entriesOf(items: Items, shard: string): Promise<OpenEntry[]> {
  const entries: OpenEntry[] = [];
  let cursor: string | undefined;
  do {
    const pk = openPartition(shard);
    const page = await items.query({ pk, index: "open", ...(cursor === undefined ? {} : { cursor }) });
    entries.push(...page.items.map((item) => readOpenPosition(item["gs"] as string)));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return entries;
}
