import { holdersOf, runAt } from "../../engine/coordination/keys.ts";
import type { Partition } from "./pack.ts";

/** Of a limit: the runs that hold a slot; of a line: those that stand in it; as bits. */
export const ALL = 0xff;
export const CONTENDED = 0x100;
export const MISCOUNTED = 0x200;
/** Of a run: its rank, and whether it has waited for too long. */
export const EXPIRED = 0x100;
export const RUNNING = 1;
export const ENDED = 2;

/** What the model asks of a partition, as bits. */
export function summaryOf(partition: Partition): number {
  const [item] = partition;
  if (item === undefined) return 0;
  if (item.pk.startsWith("RUN#")) return Number(item["rank"]) | (item["expiresAt"] === undefined ? 0 : EXPIRED);
  if (item.pk.startsWith("MACHINE#")) return item["status"] === "running" ? RUNNING : ENDED;
  const runs = item.pk.startsWith("LINE#") ? partition.map(({ sk }) => runAt(sk)) : Object.keys(holdersOf(item));
  const set = runs.reduce((packed, run) => packed | (1 << Number(run.slice(1))), 0);
  if (item.pk.startsWith("LINE#")) return set;
  const contended = Number(item["registered"] ?? 0) !== Number(item["cleared"] ?? 0);
  const miscounted = Number(item["holders"] ?? 0) !== runs.length;
  return set | (contended ? CONTENDED : 0) | (miscounted ? MISCOUNTED : 0);
}
