import type { Answer } from "../../../engine/coordination/world.ts";
import { lockKey, runKey } from "../../../engine/coordination/keys.ts";
import type { StoredLock } from "../../../engine/coordination/lock-item.ts";
import { sweepLocks } from "../../../engine/coordination/lock-sweep.ts";
import { Sweeping } from "../../../engine/coordination/sweeping.ts";
import { executionArn, type AcquireLocks, type LockRequest, type ReleaseLocks } from "../../../engine/model/wire.ts";
import type { Items } from "../../../engine/store/items.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";

export const LOCK = "repository.backbone";
const REQUEST: LockRequest = { namespace: "repository", name: "backbone" };

/** Id of the n-th run. */
export function runId(n: number): string {
  return `0193a0b1-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

/** The record of a run, as far as locks look at it. */
export async function record(
  world: FakeWorld,
  n: number,
  facts: { rank?: number; [name: string]: string | number | object } = {},
) {
  const attributes = { createdAt: world.time, workflow: "w", state: "running", rank: 40, ...facts };
  await world.items.put({ ...runKey(runId(n)), ...(attributes as unknown as { readonly [name: string]: string }) });
}

export function lockWorldOf(inner?: Items): FakeWorld {
  return fakeWorld(inner);
}

export function acquire(world: FakeWorld, n: number, changes: Partial<AcquireLocks> = {}): AcquireLocks {
  return {
    acquire: REQUEST,
    run: executionArn("test", "000000000000", "test", "w", runId(n)),
    step: "acquire lock",
    at: "functions/w/flows.ts:1",
    entered: new Date(world.time).toISOString(),
    attempt: 1,
    token: `token ${n}`,
    context: {},
    drainSeconds: 60,
    ...changes,
  };
}

export function release(n: number, changes: Partial<ReleaseLocks> = {}): ReleaseLocks {
  const run = executionArn("test", "000000000000", "test", "w", runId(n));
  return { release: REQUEST, run, step: "acquire lock", ...changes };
}

/** What the token of the n-th run was answered. */
export function answerTo(world: FakeWorld, n: number): Answer | undefined {
  return world.answered.find(({ token }) => token === `token ${n}`)?.answer;
}

export async function stored(world: FakeWorld, lock = LOCK): Promise<StoredLock & { gs?: string }> {
  return ((await world.items.get(lockKey(lock))) ?? {}) as StoredLock;
}

/** One pass, in which the runs with these numbers are open. */
export async function sweepOnce(world: FakeWorld, open: readonly number[]): Promise<Sweeping["report"]> {
  const sweeping = new Sweeping();
  await sweepLocks(world, sweeping, new Set(open.map(runId)));
  return sweeping.report;
}
