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
  let cursor: string | undefined;
  do {
    const page = await items.query({
      pk: LOCKS_PARTITION,
      index: "open",
      ...(run === undefined ? {} : { sk: { prefix: locksOfRun(run) } }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const item of page.items) yield lockAt(item["gs"] as string);
    cursor = page.cursor;
  } while (cursor !== undefined);
}
