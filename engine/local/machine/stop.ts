import type { Clock } from "../../model/clock.ts";

/** The promise, or the signal's reason as soon as it aborts, whatever the promise does then. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- handed on as it was given
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
    if (signal.aborted) stop();
  });
}

/** A controller that aborts with the signal as well. `release` parts them. */
export function controllerBelow(signal: AbortSignal): {
  readonly controller: AbortController;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return { controller, release: () => signal.removeEventListener("abort", abort) };
}

/** Timers of JavaScript hold no more milliseconds; a wait may last a year. */
const LONGEST_SLEEP = 2 ** 31 - 1;

/** Returns at that moment, at once where it is past. Rejects with the signal's reason. */
export async function sleepUntil(clock: Clock, moment: number, signal: AbortSignal): Promise<void> {
  for (let left = moment - clock.now(); left > 0; left = moment - clock.now()) {
    await clock.sleep(Math.min(left, LONGEST_SLEEP), signal);
  }
}

/** Calls back at that moment unless told to stop before. */
export function alarm(clock: Clock, moment: number, ring: () => void): { readonly stop: () => void } {
  const timer = new AbortController();
  sleepUntil(clock, moment, timer.signal).then(ring, () => undefined);
  return { stop: () => timer.abort(STOPPED) };
}

/** Given as a reason, since an AbortController that makes its own takes longer than the rest of a step. */
const STOPPED = new Error("The alarm is not needed any longer.");
