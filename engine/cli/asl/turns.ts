import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../model/clock.ts";
import { framePathParts } from "../../local/machine/past.ts";

interface Sleeper {
  readonly until: number;
  /** Indices of the branches and items around; what is not in a frame comes last. */
  readonly place: readonly number[];
  readonly late: boolean;
  wake(): void;
}

/** A moment is over for whatever is not in a frame when it is over for every frame. */
const LAST = [Infinity];

/**
 * Virtual time in which one frame acts at a time: it jumps to the next moment when all sleep, and who wakes at the same
 * moment acts in the order of branches and items. So the same machine makes the same calls in the same order each time.
 */
export class Turns implements Clock {
  #now: number;
  readonly #sleepers: Sleeper[] = [];
  /** Grows with all that happens. */
  #activity = 0;

  /** Milliseconds since the epoch. */
  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.#sleep(milliseconds, signal, LAST, false);
  }

  /** The clock of one frame. What it sleeps with `late` wakes behind its other sleepers of that moment. */
  of(frame: string): { sleep(milliseconds: number, signal?: AbortSignal, late?: boolean): Promise<void> } {
    const place = framePathParts(frame).map(({ index }) => index);
    return { sleep: (milliseconds, signal, late = true) => this.#sleep(milliseconds, signal, place, late) };
  }

  /** Says that something happened: time must not pass yet. */
  stir(): void {
    this.#activity++;
  }

  /** Lets time pass until the promise settles. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => void (isSettled = true);
    promise.then(settled, settled);
    for (;;) {
      await this.#rest();
      const next = this.#next();
      if (isSettled || next === undefined) return promise;
      this.#now = Math.max(this.#now, next.until);
      next.wake();
    }
  }

  #sleep(milliseconds: number, signal: AbortSignal | undefined, place: readonly number[], late: boolean) {
    return new Promise<void>((resolve, reject) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- handed on as it was given
      const stop = (): void => (this.#forget(sleeper), reject(signal?.reason));
      const wake = (): void => (this.#forget(sleeper), signal?.removeEventListener("abort", stop), resolve());
      const sleeper: Sleeper = { until: this.#now + milliseconds, place, late, wake };
      if (signal?.aborted === true) return stop();
      signal?.addEventListener("abort", stop, { once: true });
      this.#sleepers.push(sleeper);
      this.stir();
    });
  }

  #forget(sleeper: Sleeper): void {
    const index = this.#sleepers.indexOf(sleeper);
    if (index >= 0) this.#sleepers.splice(index, 1);
  }

  #next(): Sleeper | undefined {
    return this.#sleepers.reduce<Sleeper | undefined>(
      (first, sleeper) => (first === undefined || compare(sleeper, first) < 0 ? sleeper : first),
      undefined,
    );
  }

  /** Turns of the event loop until one passes in which nothing happens. */
  async #rest(): Promise<void> {
    for (let seen = -1; seen !== this.#activity;) {
      seen = this.#activity;
      await setImmediate();
      await setImmediate();
    }
  }
}

function compare(left: Sleeper, right: Sleeper): number {
  return left.until - right.until || comparePlaces(left.place, right.place) || Number(left.late) - Number(right.late);
}

/** An outer frame before those in it. */
function comparePlaces(left: readonly number[], right: readonly number[]): number {
  for (let depth = 0; depth < Math.min(left.length, right.length); depth++) {
    const difference = (left[depth] ?? 0) - (right[depth] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
