/** How long a limit is thought to be contended after it was seen so. */
const REMEMBERED_MS = 30_000;
const REMEMBERED = 1_000;

/**
 * Limits that this process has lately seen a line before. Only a hint: it saves a write that the condition would refuse,
 * and the procedures are right without it.
 */
export class Contended {
  readonly #now: () => number;
  readonly #seen = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  note(limit: string, contended: boolean): void {
    this.#seen.delete(limit);
    if (contended) this.#seen.set(limit, this.#now());
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
  }

  has(limit: string): boolean {
    const seen = this.#seen.get(limit);
    return seen !== undefined && this.#now() - seen < REMEMBERED_MS;
  }
}
