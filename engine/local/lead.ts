import { randomUUID } from "node:crypto";
import type { Clock } from "../model/clock.ts";
import type { Database } from "./sqlite/database.ts";
import { LEASE_MS, otherHolder, releaseLease, takeLease, type Leased } from "./lease.ts";

/** How often the writes of others are looked at, and the lease of another by one who wants it. */
const TICK_MS = 50;
const RENEW_MS = LEASE_MS / 5;
const PATIENCE_MS = 2_000;

/** What a process does as holder of the lease, and what it does with the writes of others. */
export interface LeadDuties {
  /** The lease is new here: drive the runs. `before`: until when they were driven; absent where they never were. */
  readonly begin: (before: number | undefined) => Promise<void>;
  /** The lease is lost, or about to be given up: leave the runs where they are. Resolves when nothing works on them. */
  readonly end: () => Promise<void>;
  /** Every few seconds, by the holder. */
  readonly tidy: () => Promise<unknown>;
  /** Other processes have written. */
  readonly changed: () => void;
  /** The store fails, and nothing more happens here. */
  readonly fail: (error: unknown) => void;
}

/** Holds the lease for a process that wants to drive the runs, and watches what other processes write. */
export class Lead {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #duties: LeadDuties;
  readonly #owner = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #version = 0;
  #wanted = false;
  #held = false;
  #claiming: Promise<Leased> | undefined;
  /** When the lease is renewed. */
  #due = 0;

  constructor(database: Database, clock: Clock, duties: LeadDuties) {
    this.#database = database;
    this.#clock = clock;
    this.#duties = duties;
  }

  /** Takes the lease where it is free. Where it is not, it is taken when it is, until `close`. */
  async want(): Promise<Leased> {
    this.#wanted = true;
    this.watch(false);
    const by = otherHolder(this.#database, this.#owner, this.#clock.now());
    return by === undefined ? this.#claim() : { held: false, by };
  }

  /** As `want`, and looks again for a while: a command may hold the lease for a moment. @throws the signal's reason */
  async insist(signal: AbortSignal): Promise<Leased> {
    const until = this.#clock.now() + PATIENCE_MS;
    let leased = await this.want();
    while (!leased.held && this.#clock.now() < until) {
      await this.#clock.sleep(TICK_MS, signal);
      leased = await this.want();
    }
    return leased;
  }

  /** Watches the writes of others; the watch keeps the process alive where that is asked for. */
  watch(alive: boolean): void {
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    if (alive) this.#timer.ref();
    else this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#claiming?.catch(() => undefined);
    await this.#duties.end();
    await this.#release();
  }

  #tick(): void {
    try {
      const version = this.#database.version();
      if (version !== this.#version) this.#duties.changed();
      this.#version = version;
      if (this.#isDue())
        this.#claim()
          .then(this.#duties.tidy)
          .catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #isDue(): boolean {
    const now = this.#clock.now();
    return this.#held ? now >= this.#due : this.#wanted && otherHolder(this.#database, this.#owner, now) === undefined;
  }

  #claim(): Promise<Leased> {
    return (this.#claiming ??= this.#take().finally(() => (this.#claiming = undefined)));
  }

  async #take(): Promise<Leased> {
    const leased = await takeLease(this.#database, this.#owner, this.#clock.now());
    const goesOn = this.#held && leased.held && leased.renewed;
    const ends = this.#held && !goesOn;
    this.#held = leased.held;
    this.#due = this.#clock.now() + RENEW_MS;
    if (ends) await this.#duties.end();
    if (leased.held && !goesOn) await this.#begin(leased.before);
    return leased;
  }

  async #begin(before: number | undefined): Promise<void> {
    try {
      await this.#duties.begin(before);
    } catch (error) {
      await this.#release();
      throw error;
    }
  }

  async #release(): Promise<void> {
    if (this.#held) await releaseLease(this.#database, this.#owner, this.#clock.now());
    this.#held = false;
  }

  #fail(error: unknown): void {
    clearInterval(this.#timer);
    this.#duties.fail(error);
  }
}
