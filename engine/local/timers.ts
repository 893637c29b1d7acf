import type { Timers } from "../coordination/world.ts";
import type { Clock } from "../model/clock.ts";
import { alarm } from "./machine/stop.ts";
import type { Database } from "./sqlite/database.ts";

const SET = "INSERT INTO timers (run, at) VALUES (?, ?) ON CONFLICT (run) DO UPDATE SET at = excluded.at";
const CANCEL = "DELETE FROM timers WHERE run = ?";
const NEXT = "SELECT min(at) AS at FROM timers";
const DUE = "SELECT run FROM timers WHERE at <= ? ORDER BY at LIMIT 100";

/** When runs that were submitted for later are to be looked at; whoever drives the runs does so. */
export class LocalTimers implements Timers {
  readonly #database: Database;
  readonly #clock: Clock;
  #ring: ((run: string) => Promise<void>) | undefined;
  #alarm: { readonly at: number; stop(): void } | undefined;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async at(run: string, _workflow: string, time: number): Promise<void> {
    await this.#database.write(() => void this.#database.prepare(SET).run(run, time));
    this.poll();
  }

  async cancel(run: string): Promise<void> {
    await this.#database.write(() => void this.#database.prepare(CANCEL).run(run));
  }

  /** Rings from now on. */
  start(ring: (run: string) => Promise<void>): void {
    this.#ring = ring;
    this.poll();
  }

  stop(): void {
    this.#ring = undefined;
    this.#alarm?.stop();
    this.#alarm = undefined;
  }

  /** There may be a new timer. */
  poll(): void {
    if (this.#ring === undefined) return;
    const { at } = this.#database.read(() => this.#database.prepare(NEXT).get()) as { readonly at: number | null };
    if (at === (this.#alarm?.at ?? null)) return;
    this.#alarm?.stop();
    this.#alarm = at === null ? undefined : { at, ...alarm(this.#clock, at, () => this.#ringDue()) };
  }

  /** What fails, as where the platform is closed, is left to the sweep. */
  #ringDue(): void {
    this.#due().catch(() => undefined);
  }

  async #due(): Promise<void> {
    const ring = this.#ring;
    if (ring === undefined) return;
    const now = this.#clock.now();
    const rows = this.#database.read(() => this.#database.prepare(DUE).all(now)) as unknown as {
      readonly run: string;
    }[];
    for (const { run } of rows) {
      await ring(run);
      await this.cancel(run);
    }
    this.#alarm = undefined;
    this.poll();
  }
}
