import { getRun } from "../coordination/run-record.ts";
import type { RunState } from "../model/run.ts";
import type { Items } from "../store/items.ts";
import { formatDuration } from "./duration.ts";

/** A run that holds something or waits for it. */
export interface Party {
  readonly run: string;
  /** Absent where it has no record any longer. */
  readonly name?: string;
  readonly state?: RunState;
  /** When it started, or, where it waits, when it was created; milliseconds since the epoch. */
  readonly since?: number;
}

export async function partyOf(items: Items, id: string): Promise<Party> {
  const run = await getRun(items, id);
  if (run === undefined) return { run: id };
  const startedAt = "startedAt" in run ? run.startedAt : undefined;
  return { run: id, name: run.name, state: run.state, since: startedAt ?? run.createdAt };
}

/** Cells of a table. */
export function partyText({ run, name = "(no record)", since }: Party, now: number): string[] {
  return [run, since === undefined ? "" : `for ${formatDuration(Math.max(0, now - since))}`, name];
}
