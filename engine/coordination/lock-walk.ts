import type { HeldLock } from "../model/wire.ts";
import type { Items } from "../store/items.ts";
import { LOCK_STEPS } from "./lock-steps.ts";
import type { LockResult, LockStep, LockVariables } from "./lock-variables.ts";
import { walk } from "./walk.ts";
import type { Machines, World } from "./world.ts";

/** What locks are worked through: the world of coordination, or what a task has of it. */
export interface LockWorld {
  readonly items: Items;
  now(): number;
  readonly answer: Machines["answer"];
}

export function lockWorld(world: World): LockWorld {
  return {
    items: world.items,
    now: () => world.now(),
    answer: (token, answer) => world.machines.answer(token, answer),
  };
}

/** A way through the table of locks. */
export function walkLocks(world: LockWorld, step: LockStep, variables: LockVariables): Promise<LockResult> {
  const performer = {
    items: world.items,
    now: () => world.now(),
    answer: world.answer,
    start: () => Promise.resolve(false), // no step of a lock starts a run
    saw: () => undefined,
  };
  return walk(performer, LOCK_STEPS, { step, variables });
}

/** Frees a lock that a run holds under this fence, or passes it on; nothing happens where it holds it no longer. */
export async function releaseHold(world: LockWorld, run: string, { name, fence }: HeldLock): Promise<void> {
  const claim = { run, acquisition: "", askedAt: 0, names: [name], taken: {} };
  await walkLocks(world, "release", { lock: name, claim, fence });
}

/** Moves a lock on whose lease is over or whose holder may not know of it. */
export async function pumpLock(world: LockWorld, name: string): Promise<void> {
  const claim = { run: "", acquisition: "", askedAt: 0, names: [name], taken: {} };
  await walkLocks(world, "look", { lock: name, claim });
}
