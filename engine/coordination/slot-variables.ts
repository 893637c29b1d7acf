import type { ConcurrencyLimitStrategy } from "../model/limit.ts";
import type { Seen } from "./slot-item.ts";

/** The steps of `SLOT_STEPS`. */
export type SlotStep =
  | "acquire"
  | "enqueue"
  | "register"
  | "mark"
  | "claim"
  | "start"
  | "drop"
  | "dismiss"
  | "release"
  | "reread"
  | "line"
  | "hand"
  | "clear"
  | "shrink"
  | "look"
  | "waiters"
  | "grant"
  | "empty"
  | "note";

export interface SlotVariables {
  /** The limit's name with its key. */
  readonly limit: string;
  readonly max: number;
  /** The run that a slot is taken for, freed of, or given to. */
  readonly run: string;
  /** Sort key of the run in the line; absent where it does not stand there. */
  readonly place?: string;
  /** The number under which the run was granted its slot. */
  readonly grant?: number;
  /** Set for the run that is being submitted. */
  readonly strategy?: ConcurrencyLimitStrategy;
  /** Its record says already that it waits. */
  readonly queued?: true;
  /** The run that is being submitted, while slots are given to others on the way. */
  readonly submitted?: string;
  /** The limit as it was read before the line. */
  readonly seen?: Seen;
  /** Free slots are looked for until there are none. */
  readonly pumping?: true;
}

/** `queued`: it waits in line. `refused`: the limit is reached, and nothing was taken. */
export type SlotResult = "started" | "queued" | "refused" | "done";
