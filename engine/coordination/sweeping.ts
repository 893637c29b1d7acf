import { toError } from "../model/errors.ts";
import type { SweepReport } from "../model/sweep.ts";

type Count = Exclude<keyof SweepReport, "openRuns" | "problems">;

/** Problems that one report lists; the number of further ones is the last line. */
const SHOWN_PROBLEMS = 20;

/** What a sweep has done so far. */
export class Sweeping {
  readonly #counts = { openRuns: 0, settled: 0, started: 0, released: 0, granted: 0, cancelled: 0, answered: 0 };
  readonly #problems: string[] = [];

  set openRuns(count: number) {
    this.#counts.openRuns = count;
  }

  count(what: Count, by = 1): void {
    this.#counts[what] += by;
  }

  problem(what: string, error: unknown): void {
    const { name, message } = toError(error);
    this.#problems.push(`${what}: ${name}: ${message}`);
  }

  /** One repair, alone: an error of it is told and stops no other. False where it failed. */
  async attempt(what: string, repair: () => Promise<void>): Promise<boolean> {
    try {
      await repair();
      return true;
    } catch (error) {
      this.problem(what, error);
      return false;
    }
  }

  get report(): SweepReport {
    const more = this.#problems.length - SHOWN_PROBLEMS;
    const problems = this.#problems.slice(0, SHOWN_PROBLEMS);
    return { ...this.#counts, problems: more > 0 ? [...problems, `and ${more} more`] : problems };
  }
}
