import { lockKey, placeInLockLine } from "../coordination/keys.ts";
import { lockHeld, lockTimedOut } from "../coordination/lock-errors.ts";
import { LEASE_MARGIN_MS, type Claim, type StoredLock } from "../coordination/lock-item.ts";
import { pumpLock, releaseHold, walkLocks } from "../coordination/lock-walk.ts";
import { lockNames, longestTimeout } from "../coordination/locks.ts";
import type { HeldLock } from "../model/wire.ts";
import type { TaskHost } from "./invoke.ts";
import type { AcquiredLocks, Scope } from "./scope.ts";
import type { TaskScope } from "./task-scope.ts";

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

type LockHost = Pick<TaskHost, "items" | "now" | "sleep" | "answer">;
type HolderScope = Pick<TaskScope, "run" | "context" | "signal" | "log">;

/**
 * The locks of one attempt of a task, which ends at `endsAt`. They are leases until then and a little longer, so a process
 * that dies holds nothing for ever. A lock that is taken is waited for in its line, and looked at now and then.
 */
export function taskLocks(scope: HolderScope, host: LockHost, endsAt: number): Pick<Scope, "acquireLocks"> {
  let count = 0;
  return {
    acquireLocks: async (requests) => {
      const names = lockNames(requests);
      const deadline = Math.min(host.now() + longestTimeout(requests) * 1000, endsAt);
      const acquisition = [scope.run.step, scope.run.attempt, (count += 1)].join("\n");
      const taken: HeldLock[] = [];
      try {
        for (const name of [...names].sort()) {
          const claim = claimFor(name, acquisition, scope, host.now(), { deadline, endsAt });
          taken.push({ name, fence: await take(claim, name, scope, host) });
        }
      } catch (error) {
        await release(taken, scope, host);
        throw error;
      }
      return acquired(names, taken, scope, host);
    },
  };
}

function claimFor(
  lock: string,
  acquisition: string,
  { run, context }: HolderScope,
  now: number,
  { deadline, endsAt }: { readonly deadline: number; readonly endsAt: number },
): Claim {
  return {
    run: run.id,
    acquisition,
    askedAt: now,
    place: placeInLockLine(now, context.priority ?? "medium", run.id, acquisition),
    expiresAt: endsAt + LEASE_MARGIN_MS,
    deadline,
    names: [lock],
    taken: {},
  };
}

/** The fence under which the claim holds the lock. */
async function take(claim: Claim, lock: string, { signal }: HolderScope, host: LockHost): Promise<number> {
  const variables = { lock, claim };
  let pause = SHORTEST_PAUSE_MS;
  try {
    let result = await walkLocks(host, "acquire", { ...variables, asked: true });
    for (;;) {
      if (typeof result === "object") return result.fence;
      if (result === "nested") throw lockHeld(lock);
      signal.throwIfAborted();
      const seen = ((await host.items.get(lockKey(lock))) ?? {}) as StoredLock;
      const now = host.now();
      if (isHolder(claim, seen)) result = await walkLocks(host, "renew", variables);
      else if (now >= (claim.deadline ?? now)) throw lockTimedOut(lock, Math.round((now - claim.askedAt) / 1000), seen);
      else {
        const isFree = seen.owner === undefined || (seen.expiresAt ?? Infinity) < now;
        if (isFree) await pumpLock(host, lock);
        await host.sleep(Math.min(pause, (claim.deadline ?? now) - now), signal);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
      if (result === "lost") result = await walkLocks(host, "acquire", { ...variables, asked: true });
    }
  } catch (error) {
    await quietly(() => walkLocks(host, "release", variables));
    throw error;
  }
}

function isHolder({ run, acquisition }: Claim, seen: StoredLock): boolean {
  return seen.owner === run && seen.acquisition === acquisition;
}

function acquired(
  names: readonly string[],
  taken: readonly HeldLock[],
  scope: HolderScope,
  host: LockHost,
): AcquiredLocks {
  const held = names.map((name) => taken.find((lock) => lock.name === name)).filter((lock) => lock !== undefined);
  return { held, release: () => release(taken, scope, host) };
}

/** Never fails: a lock that cannot be released now is free when its lease is over. */
async function release(locks: readonly HeldLock[], { run, log }: HolderScope, host: LockHost): Promise<void> {
  for (const lock of locks) {
    await quietly(
      () => releaseHold(host, run.id, lock),
      (error) => log.warn(`Lock "${lock.name}" was not released; it will expire.`, { error: String(error) }),
    );
  }
}

async function quietly(work: () => Promise<unknown>, failed: (error: unknown) => void = () => undefined) {
  try {
    await work();
  } catch (error) {
    failed(error);
  }
}
