import type { Retrier } from "../../model/machine.ts";
import { StatesError } from "./failure.ts";

/** Whether a list of `ErrorEquals` covers an error. `States.Runtime` is never covered. */
export function covers(names: readonly string[], error: string | undefined): boolean {
  if (error === StatesError.RUNTIME) return false;
  const isTimeout = error === StatesError.TIMEOUT || error === StatesError.HEARTBEAT;
  return names.some((name) => {
    if (name === StatesError.ALL) return true;
    if (name === StatesError.TASK_FAILED) return !isTimeout && error !== StatesError.QUERY_EVALUATION;
    return name === error || (name === StatesError.TIMEOUT && isTimeout);
  });
}

/** No execution lasts longer. */
const YEAR_SECONDS = 31_536_000;

export interface Retry {
  /** Index of the retrier. */
  readonly retrier: number;
  /** Pause before the next attempt. */
  readonly milliseconds: number;
}

/**
 * The retry that an error calls for. Only the first retrier that covers the error counts, and its attempts add up over
 * all errors that it covered. `earlier` has the retriers that took the failures of this visit so far.
 */
export function nextRetry(
  retriers: readonly Retrier[],
  earlier: readonly number[],
  error: string | undefined,
  random: () => number,
): Retry | undefined {
  const index = retriers.findIndex(({ ErrorEquals }) => covers(ErrorEquals, error));
  const retrier = retriers[index];
  if (retrier === undefined) return undefined;
  const {
    IntervalSeconds = 1,
    MaxAttempts = 3,
    BackoffRate = 2,
    MaxDelaySeconds = YEAR_SECONDS,
    JitterStrategy,
  } = retrier;
  const attempts = earlier.filter((taker) => taker === index).length;
  if (attempts >= MaxAttempts) return undefined;
  const longest = Math.min(IntervalSeconds * BackoffRate ** attempts, MaxDelaySeconds) * 1000;
  return { retrier: index, milliseconds: Math.round(JitterStrategy === "FULL" ? random() * longest : longest) };
}
