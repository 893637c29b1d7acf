import { everyItem } from "../store/every-item.ts";
import type { Items } from "../store/items.ts";
import { lockAt, LOCKS_PARTITION, locksOfRun } from "./keys.ts";

export interface OpenLock {
  readonly lock: string;
  /** Whose flow holds it; empty where a task holds it and others wait. */
  readonly run: string;
  /** The holder was given it from the line. */
  readonly passed: boolean;
}

/** The locks in the index of what is open, all of them or those of one run's flow. The index is eventual. */
export async function* openLocks(items: Items, run?: string): AsyncIterable<OpenLock> {
  const mine = run === undefined ? {} : { sk: { prefix: locksOfRun(run) } };
  const open = everyItem(items, { pk: LOCKS_PARTITION, index: "open", ...mine });
  for await (const item of open) yield lockAt(item["gs"] as string);
}
