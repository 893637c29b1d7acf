import { ErrorName, MillraceError } from "../model/errors.ts";
import { lockName, lockProblem, LOCK_TIMEOUT_SECONDS } from "../model/lock.ts";
import { runIdOf } from "../model/run-id.ts";
import type { AcquireLocks, LockRequest, ReleaseLocks } from "../model/wire.ts";
import { lockKey, placeInLockLine } from "./keys.ts";
import { lockTimedOut } from "./lock-errors.ts";
import { openLocks } from "./lock-index.ts";
import { nextOf, type Claim, type StoredLock } from "./lock-item.ts";
import { lockWorld, releaseHold, walkLocks } from "./lock-walk.ts";
import type { World } from "./world.ts";

/**
 * Takes the locks for a state of a flow, one after the other in the order of their names, and answers its token with
 * them, or stands in line with the token: whoever passes a lock on takes the rest. The same state, retried, has the same
 * place in line under its new token. Where the run holds one of them already, the token is answered with `LockHeld`.
 * @throws MillraceError `InvalidRequest`
 */
export async function acquireForFlow(world: World, request: AcquireLocks): Promise<void> {
  const { acquire, step, token, attempt, drainSeconds, sideBySide, context } = request;
  const names = lockNames(acquire);
  const run = runIdOf(request.run);
  const askedAt = Date.parse(request.entered);
  const claim: Claim = {
    run,
    acquisition: step,
    askedAt,
    place: placeInLockLine(askedAt, context.priority ?? "medium", run, step),
    token,
    attempt,
    drainSeconds,
    ...(sideBySide && { sideBySide }),
    names,
    ...(Array.isArray(acquire) ? { list: true } : {}),
    taken: {},
  };
  await walkLocks(lockWorld(world), "acquire", { lock: nextOf(claim) ?? "", claim, asked: true });
}

/**
 * Ends a flow's hold of the locks, or its wait for them. A release that is repeated changes nothing.
 * @throws MillraceError `LockTimedOut` where the wait has timed out
 */
export async function releaseForFlow(world: World, { release, run, step, timedOut }: ReleaseLocks): Promise<null> {
  const names = lockNames(release);
  const claim: Claim = { run: runIdOf(run), acquisition: step, askedAt: 0, names, taken: {} };
  const reason = timedOut === true ? await reasonOf(world, claim, longestTimeout(release)) : undefined;
  for (const lock of names) await walkLocks(lockWorld(world), "release", { lock, claim });
  if (reason !== undefined) throw reason;
  return null;
}

/** What a flow waited for in vain is the first of its locks, in the order of their names, that it does not hold. */
async function reasonOf(world: World, { run, acquisition, names }: Claim, seconds: number): Promise<MillraceError> {
  const sorted = [...names].sort();
  for (const name of sorted) {
    const seen = ((await world.items.get(lockKey(name), { consistent: true })) ?? {}) as StoredLock;
    if (seen.owner !== run || seen.acquisition !== acquisition) return lockTimedOut(name, seconds, seen);
  }
  return lockTimedOut(sorted.at(-1) ?? "", seconds, {}); // it was granted when nobody waited for it any more
}

/**
 * Frees what the flow of a run holds, or, where a task of it may still be at work, lets it expire: `drain` says so of its
 * end, and the lock of a flow that calls tasks side by side. Costs no write where
 * it holds nothing, and one eventual query: the index of what is open lists holds by run, so that neither the record
 * of a run nor an acquire has to write what settle asks here. A run that completed has released everything by states of
 * its own, and need not be asked for. What the index does not show yet is left to the sweep.
 */
export async function releaseLocksOf(world: World, run: string, how: "release" | "drain"): Promise<void> {
  for await (const { lock } of openLocks(world.items, run)) await endHold(world, lock, run, how);
}

/** True where the run held the lock. */
export async function endHold(world: World, lock: string, run: string, how: "release" | "drain"): Promise<boolean> {
  const item = await world.items.get(lockKey(lock), { consistent: true });
  const { owner, acquisition = "", fence = 0, expiresAt, drainSeconds = 0, sideBySide } = (item ?? {}) as StoredLock;
  if (owner !== run || expiresAt !== undefined) return false;
  if ((how === "release" && sideBySide !== true) || drainSeconds === 0)
    await releaseHold(lockWorld(world), run, { name: lock, fence });
  else {
    const claim: Claim = { run, acquisition, askedAt: 0, drainSeconds, names: [lock], taken: {} };
    await walkLocks(lockWorld(world), "drain", { lock, claim, fence });
  }
  return true;
}

export function longestTimeout(request: LockRequest | readonly LockRequest[]): number {
  return Math.max(...listOf(request).map(({ timeoutSeconds }) => timeoutSeconds ?? LOCK_TIMEOUT_SECONDS));
}

function listOf(request: LockRequest | readonly LockRequest[]): readonly LockRequest[] {
  return Array.isArray(request) ? (request as readonly LockRequest[]) : [request as LockRequest];
}

/** The rendered names. @throws MillraceError `InvalidRequest` */
export function lockNames(request: LockRequest | readonly LockRequest[]): string[] {
  const requests = listOf(request);
  const names = requests.map(lockName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const [problem] = [
    ...requests.map(lockProblem).filter((found) => found !== undefined),
    ...(requests.length === 0 ? ["the list of locks is empty: name one at least"] : []),
    ...(twice === undefined ? [] : [`lock "${twice}" is named twice: locks do not nest`]),
  ];
  if (problem === undefined) return names;
  throw new MillraceError(ErrorName.INVALID_REQUEST, `No lock was taken: ${problem}.`);
}
