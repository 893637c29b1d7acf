import { ErrorName } from "../model/errors.ts";
import { isEnded, type Run } from "../model/run.ts";
import { lockKey } from "./keys.ts";
import { openLocks, type OpenLock } from "./lock-index.ts";
import { LEASE_MARGIN_MS, type StoredLock } from "./lock-item.ts";
import { lockWorld, pumpLock } from "./lock-walk.ts";
import { endHold } from "./locks.ts";
import { getRun } from "./run-record.ts";
import type { Sweeping } from "./sweeping.ts";
import type { World } from "./world.ts";

/** Whoever passes a lock on tells the new holder at once; one that has it for so long may not have been told. */
const TOLD_MS = 20_000;

/**
 * Frees the locks of runs that have ended, passes on those whose lease is over, and tells flows of locks that they were
 * given. False where flows hold no lock and nobody waits for one.
 */
export async function sweepLocks(world: World, sweeping: Sweeping, open: ReadonlySet<string>): Promise<boolean> {
  const locks = await Array.fromAsync(openLocks(world.items));
  for (const entry of locks) {
    if (entry.run !== "" && open.has(entry.run) && !entry.passed) continue;
    await sweeping.attempt(`the lock "${entry.lock}"`, () => sweepLock(world, sweeping, entry, open));
  }
  return locks.length > 0;
}

async function sweepLock(
  world: World,
  sweeping: Sweeping,
  { lock, run }: OpenLock,
  open: ReadonlySet<string>,
): Promise<void> {
  const item = await world.items.get(lockKey(lock), { consistent: true });
  const { owner, expiresAt, since = 0 } = (item ?? {}) as StoredLock;
  if (owner === undefined) return;
  if (expiresAt !== undefined) {
    if (expiresAt >= world.now()) return;
    await pumpLock(lockWorld(world), lock);
    sweeping.count("released");
  } else if (owner === run && !open.has(run)) {
    const record = await getRun(world.items, run);
    // One that nobody has heard of yet may be at work: the hour's look at all executions gives it a record.
    if (record === undefined || !isEnded(record.state)) return;
    if (await endHold(world, lock, run, mayRunOn(record, since) ? "drain" : "release")) sweeping.count("released");
  } else if (since < world.now() - TOLD_MS) {
    const { answer, ...others } = lockWorld(world);
    const told: typeof answer = async (...given) => {
      const outcome = await answer(...given);
      if (outcome === "answered") sweeping.count("answered");
      return outcome;
    };
    await pumpLock({ ...others, answer: told }, lock);
  }
}

/** Whether a task may be at work under a lock of the run: Step Functions stops no Lambda function. */
function mayRunOn(run: Run, since: number): boolean {
  if (!("error" in run) || run.endedAt + LEASE_MARGIN_MS < since) return false;
  return run.state !== "failed" || run.error.name === ErrorName.TIMEOUT;
}
