import { ErrorName, MillraceError } from "../model/errors.ts";
import type { HeldLock } from "../model/wire.ts";
import { lockKey, lockLinePartition } from "./keys.ts";
import { openLocks } from "./lock-index.ts";
import { claimOf, type StoredLock } from "./lock-item.ts";
import { lockWorld, releaseHold } from "./lock-walk.ts";
import type { World } from "./world.ts";

/** Times are milliseconds since the epoch. */
export interface LockState {
  readonly name: string;
  /** Of the last grant; 0 where there was none. */
  readonly fence: number;
  /** Absent where the lock is free. */
  readonly holder?: LockHolder;
  /** Who stands in line, first first; at most 100 of them. */
  readonly waiting: readonly LockParty[];
  /** There are more in line than `waiting` has. */
  readonly more: boolean;
}

export interface LockParty {
  readonly run: string;
  readonly step: string;
  readonly since: number;
}

export interface LockHolder extends LockParty {
  /** The lease of a task, or of a run that was stopped; a flow holds its locks until its run ends. */
  readonly expiresAt?: number;
}

const SHOWN_WAITERS = 100;

/** Every lock that a flow holds or that somebody waits for. A lock that a task holds while nobody waits is in no index. */
export async function readLocks(world: World): Promise<LockState[]> {
  const states: LockState[] = [];
  for await (const { lock } of openLocks(world.items)) states.push(await readLock(world, lock));
  return states;
}

export async function readLock(world: World, name: string): Promise<LockState> {
  const item = await world.items.get(lockKey(name), { consistent: true });
  const page = await world.items.query({ pk: lockLinePartition(name), limit: SHOWN_WAITERS + 2, consistent: true });
  const { owner: run, acquisition = "", fence = 0, since = 0, expiresAt, place } = (item ?? {}) as StoredLock;
  const waiting = page.items.filter(({ sk }) => sk !== place);
  const expiry = expiresAt === undefined ? {} : { expiresAt };
  return {
    name,
    fence,
    ...(run === undefined ? {} : { holder: { run, step: stepOf(acquisition), since, ...expiry } }),
    waiting: waiting.slice(0, SHOWN_WAITERS).map((waiter) => {
      const claim = claimOf(waiter);
      return { run: claim.run, step: stepOf(claim.acquisition), since: claim.askedAt };
    }),
    more: waiting.length > SHOWN_WAITERS,
  };
}

/**
 * Takes a lock from whoever holds it under this fence, and passes it on. The former holder is not told: what it still
 * writes is refused where its writes are fenced. @throws MillraceError `LockNotHeld`
 */
export async function forceRelease(world: World, { name, fence }: HeldLock): Promise<void> {
  const { holder, fence: last } = await readLock(world, name);
  if (holder === undefined || last !== fence) {
    const now = holder === undefined ? "it is free" : `run ${holder.run} holds it under fence ${last}`;
    const message = `Lock "${name}" was not released: nobody holds it under fence ${fence}; ${now}. Look at it again with \`millrace locks\`.`;
    throw new MillraceError(ErrorName.LOCK_NOT_HELD, message);
  }
  await releaseHold(lockWorld(world), holder.run, { name, fence });
}

/** The step of a flow, or of a task's attempt. */
function stepOf(acquisition: string): string {
  return acquisition.split("\n", 1)[0] ?? "";
}
