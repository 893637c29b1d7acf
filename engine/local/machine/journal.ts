import type { JsonObject } from "../../model/json.ts";

/**
 * The record that a machine keeps of one execution, append-only. A killed process walks the machine again from the
 * start and takes from the past what is recorded there, so no task whose result is recorded is called again.
 */
export interface Journal {
  /** Entries of earlier processes, in the order in which they were appended. */
  readonly past: readonly JournalEntry[];
  /** Resolves when the entry survives a SIGKILL; entries become durable in the order of the calls. */
  append(entry: JournalEntry): Promise<void>;
}

/**
 * | kind    | meaning                                                                                   |
 * |---------|-------------------------------------------------------------------------------------------|
 * | started | the work of a Task, Map or Parallel begins after states without an entry of their own, or |
 * |         | with values of the clock or chance, which the entry has                                   |
 * | waiting | a Wait state ends at a known moment; the call of a Task that waits for an answer was made |
 * | failed  | one attempt failed and will be made again at a known moment                               |
 * | exited  | a Task, Map or Parallel was left, by its end or by a catcher; or a branch or item is over |
 * | ended   | the execution is over                                                                     |
 *
 * The other states have no entry of their own: the next entry of their frame carries them, and until then a process
 * that dies repeats them, which changes nothing.
 */
export interface JournalEntry {
  /** Path of the branch or item: empty for the execution itself, `each object[3]` for an item of that Map state. */
  readonly frame: string;
  readonly kind: "started" | "waiting" | "failed" | "exited" | "ended";
  /** The state; absent for `ended`. */
  readonly state?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What the kind needs; written and read by the machine alone. */
  readonly data: JsonObject;
}
