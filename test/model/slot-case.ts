import { placeInLine } from "../../engine/coordination/keys.ts";
import type { SlotVariables } from "../../engine/coordination/slot-variables.ts";
import type { Step } from "../../engine/coordination/step.ts";
import type { ConcurrencyLimitStrategy } from "../../engine/model/limit.ts";
import type { Faults } from "./packed-model.ts";

/**
 * `crash`: a process dies between two of its steps; `submit`: a submission is repeated; `event`: the event of an end is
 * delivered twice; `lost`: it is lost; `cancel`; `sweep`: the sweep comes while others work, and not only while nobody
 * does; `change`: of the limit; `expire`: a run has waited in line for too long.
 */
export const FAULTS = ["crash", "submit", "event", "lost", "cancel", "sweep", "change", "expire"] as const;
export type Fault = (typeof FAULTS)[number];

export interface SlotCase {
  readonly runs: number;
  /** The limit, and what it may be changed to. */
  readonly limits: readonly number[];
  readonly faults?: Faults<Fault>;
  /** The one run that is submitted again, cancelled, ended twice, or waits too long; else any. */
  readonly faulty?: number;
  /** In which order runs are submitted; else in any, as runs of different priorities are. A run's number is its place. */
  readonly order?: readonly number[];
  readonly strategy?: ConcurrencyLimitStrategy;
  /** Submit and settle may start where a limit that is known to be contended lets them. */
  readonly hint?: boolean;
  /** Without a sweep nothing may be left behind, where no fault happens. */
  readonly sweep?: boolean;
  /** How often a later run was admitted before one that waited is counted, and held against the limit. */
  readonly overtaking?: boolean;
  /** What a crash has left: these runs stand in line, the last of them with a slot that it was handed. */
  readonly left?: readonly number[];
  readonly steps?: SlotSteps;
  /** False: the counters of a limit may fall, so that states that differ in numbers alone are not the same. */
  readonly numbersRise?: boolean;
  readonly world?: Partial<SlotWorld>;
}

export type SlotSteps = { readonly [step: string]: Step<SlotVariables, string, string> };

/** What a mutant may change around the table. */
export interface SlotWorld {
  /** A machine of a name that was started before is not started again. */
  readonly startsOnce: boolean;
  /** Of the limits, only a contended one is swept. */
  readonly sweepsContendedOnly: boolean;
  /** The sweep goes on with a grant that was not used. */
  readonly sweepsGrants: boolean;
}

export const LIMIT = "limit";
export const nameOf = (run: number): string => `r${run}`;
export const placeOf = (run: number): string => placeInLine(run + 1, "high", nameOf(run));
export const machineOf = (run: string): { readonly pk: string; readonly sk: string } => ({
  pk: `MACHINE#${run}`,
  sk: "#",
});

export const worldOf = ({ world }: SlotCase): SlotWorld => ({
  startsOnce: true,
  sweepsContendedOnly: false,
  sweepsGrants: true,
  ...world,
});
