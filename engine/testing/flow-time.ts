import { quiet, VirtualClock } from "./virtual-clock.ts";

/**
 * Virtual time of flows that are called directly. It passes, without any real time, only while nothing is at work: then
 * it jumps to the end of the next sleep. What a task really does, such as reading a file, takes no virtual time.
 */
export class FlowTime {
  readonly #clock: VirtualClock;
  /** Ends of the sleeps that go on. */
  readonly #sleeps = new Set<{ readonly until: number }>();
  #working = 0;
  #passing = false;

  /** Milliseconds since the epoch. */
  constructor(start: number) {
    this.#clock = new VirtualClock(start);
  }

  now(): number {
    return this.#clock.now();
  }

  /** @throws the signal's reason */
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const sleep = { until: this.now() + milliseconds };
    this.#sleeps.add(sleep);
    this.#pass();
    try {
      await this.#clock.sleep(milliseconds, signal);
    } finally {
      this.#sleeps.delete(sleep);
    }
  }

  /** Is called when time has passed so far, which it does not on this account. Answers what stops it. */
  alarm(milliseconds: number, ring: () => void): () => void {
    const stopped = new AbortController();
    this.#clock.sleep(milliseconds, stopped.signal).then(ring, () => undefined);
    return () => stopped.abort();
  }

  /** No time passes while this work goes on. */
  async working<T>(work: () => Promise<T>): Promise<T> {
    this.#working += 1;
    try {
      return await work();
    } finally {
      this.#working -= 1;
      this.#pass();
    }
  }

  /** Time passes where work waits for this. */
  async waiting<T>(wait: () => Promise<T>): Promise<T> {
    this.#working -= 1;
    this.#pass();
    try {
      return await wait();
    } finally {
      this.#working += 1;
    }
  }

  #pass(): void {
    if (this.#passing) return;
    this.#passing = true;
    void this.#jump();
  }

  async #jump(): Promise<void> {
    for (;;) {
      await quiet();
      const next = Math.min(...Array.from(this.#sleeps, ({ until }) => until));
      if (this.#working > 0 || next === Infinity) break;
      await this.#clock.advance(Math.max(0, next - this.now()));
    }
    this.#passing = false;
  }
}
