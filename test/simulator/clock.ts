interface Due {
  readonly time: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Virtual time in milliseconds: nothing waits, and what is due next happens next. */
export class SimulatedClock {
  now: number;
  #order = 0;
  /** A binary heap, the earliest first. */
  readonly #heap: Due[] = [];

  constructor(start: number) {
    this.now = start;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => this.at(this.now + milliseconds, wake));
  }

  at(time: number, wake: () => void): void {
    const due = { time, order: (this.#order += 1), wake };
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above];
      if (other === undefined || !earlier(due, other)) break;
      heap[at] = other;
      heap[above] = due;
      at = above;
    }
  }

  /** Lets time pass until nothing is due any more, or until a time. */
  async run(until = Infinity): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.time <= until; next = this.#heap[0]) {
      this.#pop();
      this.now = next.time;
      next.wake();
      await new Promise((resolve) => setImmediate(resolve)); // all that follows at this very moment
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left === undefined) break;
      const lesser = right !== undefined && earlier(right, left) ? right : left;
      if (lesser === right) below += 1;
      if (!earlier(lesser, last)) break;
      heap[at] = lesser;
      at = below;
    }
    heap[at] = last;
  }
}

function earlier(one: Due, other: Due): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order);
}
