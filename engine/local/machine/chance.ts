import type { Clock } from "../../model/clock.ts";

/** Where the values come from that another evaluation would not give again. */
export interface ChanceSource {
  readonly clock: Clock;
  random(): number;
  uuid(): string;
}

/** Hands out time, random numbers and ids, and remembers that it did: what used them must be recorded before it acts. */
export class Chance {
  readonly #source: ChanceSource;
  used = false;

  constructor(source: ChanceSource) {
    this.#source = source;
  }

  now(): number {
    this.used = true;
    return this.#source.clock.now();
  }

  random(): number {
    this.used = true;
    return this.#source.random();
  }

  uuid(): string {
    this.used = true;
    return this.#source.uuid();
  }
}
