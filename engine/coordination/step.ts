import type { Condition } from "../store/condition.ts";
import type { Item, Key, Update } from "../store/items.ts";
import type { Answer } from "./world.ts";

/**
 * Procedures over shared items are tables of steps: each step is one atomic action, and a pure function from its outcome
 * to the next step. What a step knows is in its variables alone, which are plain JSON. `walk` runs a table against the
 * stores; the model checker and the simulator run the same tables.
 */
export interface Step<V, S extends string, R> {
  readonly act: (variables: V, now: number) => Action;
  readonly then: (variables: V, outcome: Outcome) => Next<V, S, R>;
}

export type Steps<V, S extends string, R> = { readonly [step in S]: Step<V, S, R> };

/** Where a step leads: to another step, or out of the procedure with its result. */
export type Next<V, S extends string, R> = { readonly step: S; readonly variables: V } | { readonly done: R };

export type Action =
  /** A strong read. */
  | { readonly get: Key }
  | { readonly put: Item; readonly when?: Condition }
  | { readonly update: Key; readonly change: Update; readonly when?: Condition }
  | { readonly delete: Key; readonly when?: Condition }
  /** The first items of a partition in the order of their sort keys, strongly read. */
  | { readonly line: string; readonly limit: number }
  /** Starts the machine of the run with this id; nothing happens where it was started before. */
  | { readonly start: string }
  | { readonly answer: string; readonly with: Answer };

export interface Outcome {
  /** Whether the condition held; of `answer` whether somebody waited; otherwise true. */
  readonly ok: boolean;
  /** What a read found; what a write left, or, where its condition failed, found. */
  readonly item: Item | undefined;
  readonly line: readonly Item[];
}
