import { lockHeld } from "../coordination/lock-errors.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { lockName } from "../model/lock.ts";
import type { HeldLock, LockRequest } from "../model/wire.ts";
import { compare, absent, or, type Condition } from "../store/condition.ts";
import { currentScope, inScope, type AcquiredLocks, type Scope } from "./scope.ts";

/** What is held of one request, or of a list of them in its order. */
export type Held<R> = R extends readonly LockRequest[] ? { readonly [K in keyof R]: HeldLock } : HeldLock;

/** Names of the locks that code in a scope holds. */
const holding = new WeakMap<Scope, ReadonlySet<string>>();

/**
 * Runs the body while it holds the lock, or several, which are always taken in the same order; frees them whatever
 * becomes of it. Pass the lock's `fence` to every write that it protects: `{ when: fenced(lock) }`.
 * @throws MillraceError `LockTimedOut`, `LockHeld` where the run holds the lock already, `InvalidRequest`
 */
export async function withLock<const R extends LockRequest | readonly LockRequest[], T>(
  request: R,
  body: (held: Held<R>) => Promise<T> | T,
): Promise<T> {
  const scope = currentScope("withLock");
  const requests = listOf(request);
  checkNesting(scope, requests);
  const locks = await scope.acquireLocks(requests);
  const inside = { ...scope };
  delete inside.sideBySide;
  holding.set(inside, new Set([...(holding.get(scope) ?? []), ...requests.map(lockName)]));
  try {
    return await inScope(inside, () => body(heldOf(request, locks)));
  } finally {
    await locks.release();
  }
}

/**
 * The same for the rest of a block: `await using lock = await acquireLock({ namespace: "repository", name });`
 * @throws MillraceError as `withLock`
 */
export async function acquireLock<const R extends LockRequest | readonly LockRequest[]>(
  request: R,
): Promise<Held<R> & AsyncDisposable> {
  const scope = currentScope("acquireLock");
  const requests = listOf(request);
  checkNesting(scope, requests);
  const names = new Set(requests.map(lockName));
  holding.set(scope, namesIn(scope).union(names));
  const forget = (): void => void holding.set(scope, namesIn(scope).difference(names));
  try {
    const locks = await scope.acquireLocks(requests);
    const release = async (): Promise<void> => {
      forget();
      await locks.release();
    };
    return Object.assign(heldOf(request, locks), { [Symbol.asyncDispose]: release });
  } catch (error) {
    forget();
    throw error;
  }
}

/** Condition of a write that a lock protects, to an item whose attribute `fence` the write sets to the lock's. */
export function fenced({ fence }: HeldLock): Condition {
  return or(absent("fence"), compare("fence", "<=", fence));
}

function namesIn(scope: Scope): Set<string> {
  return new Set(holding.get(scope));
}

function listOf(request: LockRequest | readonly LockRequest[]): readonly LockRequest[] {
  return Array.isArray(request) ? (request as readonly LockRequest[]) : [request as LockRequest];
}

function heldOf<R>(request: R, { held }: AcquiredLocks): Held<R> {
  const answer = Array.isArray(request) ? [...held] : { ...held[0] };
  return answer as Held<R>;
}

function checkNesting(scope: Scope, requests: readonly LockRequest[]): void {
  const names = requests.map(lockName);
  const held = namesIn(scope);
  const again = names.find((name) => held.has(name));
  if (again !== undefined) throw lockHeld(again);
  if (held.size === 0 || scope.sideBySide === true) return;
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `Lock "${names.join('", "')}" was asked for while "${[...held].join('", "')}" is held: two who nest locks in different orders wait for each other. Take all of them in one call, with a list, which has one order.`,
  );
}
