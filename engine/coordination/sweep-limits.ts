import { isEnded } from "../model/run.ts";
import { and, compare } from "../store/condition.ts";
import { everyItem } from "../store/every-item.ts";
import { limitKey, linePartition, runAt } from "./keys.ts";
import { pumpLimit, releaseSlot, useSlot, type LimitState } from "./limits.ts";
import { getRun } from "./run-record.ts";
import { nobodyWaits } from "./slot-item.ts";
import { YOUNG_MS, type Known } from "./sweep-runs.ts";
import type { Sweeping } from "./sweeping.ts";
import type { World } from "./world.ts";

/** A limit that nobody has used for so long leaves the index. */
const UNUSED_MS = 86_400_000;

/** Ids of all runs that stand in these lines. */
export async function inLines(world: World, limits: readonly LimitState[]): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const { name, waiting, more } of limits) {
    for (const id of waiting) ids.add(id);
    if (more) for await (const { sk } of everyItem(world.items, { pk: linePartition(name) })) ids.add(runAt(sk));
  }
  return ids;
}

/**
 * Frees the slots of runs that have ended, starts runs that were granted one, grants free slots to those in line, and
 * forgets limits out of use. A pump alone does not find a grant that was not used: of the line it reads the first, and runs
 * of a higher priority may have come to stand before the run since.
 */
export async function sweepLimits(
  world: World,
  sweeping: Sweeping,
  limits: readonly LimitState[],
  { open, running }: Pick<Known, "open" | "running">,
): Promise<void> {
  for (const limit of limits) {
    for (const { run, grant } of limit.holders) {
      if (running.has(run)) continue;
      await sweeping.attempt(`the slot of run ${run} under "${limit.name}"`, async () => {
        const record = await getRun(world.items, run);
        if (record !== undefined && record.createdAt > world.now() - YOUNG_MS) return;
        if (record?.state === "scheduled" || record?.state === "queued") {
          await useSlot(world, limit.name, record, grant);
          sweeping.count("started");
        } else if (!open.has(run) && (record === undefined || isEnded(record.state))) {
          await releaseSlot(world, limit.name, run, grant);
          sweeping.count("released");
        }
      });
    }
    await sweeping.attempt(`the limit "${limit.name}"`, () => pumpOrForget(world, sweeping, limit));
  }
}

async function pumpOrForget(world: World, sweeping: Sweeping, limit: LimitState): Promise<void> {
  if (limit.waiting.length > 0) {
    await pumpLimit(world, limit.name);
    if (limit.holders.length < limit.max) sweeping.count("granted");
  } else if (limit.holders.length === 0 && limit.usedAt < world.now() - UNUSED_MS) {
    const unused = and(compare("holders", "<=", 0), compare("used", "=", limit.usedAt), nobodyWaits);
    await world.items.update(limitKey(limit.name), { remove: ["gk", "gs"] }, { when: unused });
  } else if (limit.contended) await pumpLimit(world, limit.name);
}
