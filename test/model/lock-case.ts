import type { Claim } from "../../engine/coordination/lock-item.ts";
import type { LockVariables } from "../../engine/coordination/lock-variables.ts";
import type { Step } from "../../engine/coordination/step.ts";
import type { Partition } from "./pack.ts";
import type { Faults } from "./packed-model.ts";

/**
 * `crash`: a process dies between two of its steps, and its state is tried again; `again`: an acquire is delivered twice;
 * `abort`: a flow is stopped; `timeout`: it waits no longer, and says so; `lost`: the event of its end; `sweep`: the sweep
 * comes while others work, and not only while nobody does.
 */
export const FAULTS = ["crash", "again", "abort", "timeout", "lost", "sweep"] as const;
export type Fault = (typeof FAULTS)[number];

export interface LockCase {
  /** Each takes all the locks, holds them and releases them. */
  readonly flows: number;
  readonly locks?: number;
  /** Flows begin in the order of their places in line; else in any, as flows of different priorities do. */
  readonly inOrder?: boolean;
  readonly faults?: Faults<Fault>;
  /** The one flow that is stopped, waits no longer, or whose acquire is delivered twice; else any. */
  readonly faulty?: number;
  /** Tasks of a stopped flow may go on: its locks expire instead of being freed. */
  readonly drains?: boolean;
  readonly sweep?: boolean;
  readonly steps?: LockSteps;
}

export type LockSteps = { readonly [step: string]: Step<LockVariables, string, unknown> };

export const lockOf = (lock: number): string => `l${lock}`;
export const nameOf = (flow: number): string => `r${flow}`;
export const ACQUISITION = "step";

/** What a flow is at: it waits under a token, holds the locks that it was told of, releases them, or has ended. */
export interface Flow {
  readonly status: "waiting" | "holding" | "releasing" | "ended";
  readonly token: number;
  readonly told?: { readonly [lock: string]: number };
  readonly failed?: true;
  /** It was stopped while it held the locks: a task may be at work. */
  readonly works?: true;
}

export const flowKey = (flow: string): { readonly pk: string; readonly sk: string } => ({
  pk: `FLOW#${flow}`,
  sk: "#",
});
export const flowIn = ([item]: Partition): Flow | undefined => item as unknown as Flow | undefined;
/** `r1/0`: flow and attempt. */
export const tokenOf = (flow: string, attempt: number): string => `${flow}/${attempt}`;

export const flowOf = (run: string): number => Number(run.slice(1));

export function claimOf(run: string, acquisition: string, names: readonly string[]): Claim {
  return { run, acquisition, askedAt: 0, names, taken: {} };
}

/** What a flow's release of one of its locks begins with. */
export function released(run: string, lock: number, locks: number): LockVariables {
  const names = Array.from({ length: locks }, (_, one) => lockOf(one));
  return { lock: lockOf(lock), claim: claimOf(run, ACQUISITION, names) };
}
