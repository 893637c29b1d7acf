import { setImmediate } from "node:timers/promises";
import type { Clock } from "../model/clock.ts";

interface Sleeper {
  readonly until: number;
  wake(): void;
}

/** A clock that stands still until it is told to advance; those who sleep wake when it has. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  /** Milliseconds since the epoch. */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- handed on as it was given
      const stop = (): void => (this.#sleepers.delete(sleeper), reject(signal?.reason));
      const wake = (): void => (signal?.removeEventListener("abort", stop), resolve());
      const sleeper: Sleeper = { until: this.#now + milliseconds, wake };
      if (signal?.aborted === true) return stop();
      signal?.addEventListener("abort", stop, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** Moves on by so many milliseconds; sleepers wake in the order of their times, each with time to act. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await quiet();
    for (let next = this.#next(); next !== undefined && next.until <= end; next = this.#next()) {
      this.#now = Math.max(this.#now, next.until);
      this.#sleepers.delete(next);
      next.wake();
      await quiet();
    }
    this.#now = end;
  }

  /** Jumps from sleeper to sleeper until the promise settles. What it does beside sleeping must take no real time. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => void (isSettled = true);
    promise.then(settled, settled);
    await quiet();
    while (!isSettled) {
      const next = this.#next();
      await this.advance(next === undefined ? 0 : Math.max(0, next.until - this.#now));
    }
    return promise;
  }

  #next(): Sleeper | undefined {
    return [...this.#sleepers].sort((left, right) => left.until - right.until)[0];
  }
}

/** A few turns of the event loop, for whatever was woken to come to rest. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
