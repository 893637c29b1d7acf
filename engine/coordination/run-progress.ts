import { and, exists } from "../store/condition.ts";
import type { Items } from "../store/items.ts";
import { runKey } from "./keys.ts";
import { notEnded } from "./run-end.ts";

/** Writes how far a run is, in percent; nothing happens where it has ended. */
export async function writeProgress(items: Items, run: string, percent: number): Promise<void> {
  await items.update(runKey(run), { set: { progress: percent } }, { when: and(exists("createdAt"), notEnded) });
}
