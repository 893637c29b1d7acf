import type { Model, Violation } from "./explorer.ts";

export interface Walked {
  readonly walks: number;
  readonly steps: number;
  readonly seconds: number;
  readonly violation?: Violation;
}

export interface Walkable extends Model {
  /** Soon there are no numbers left for what has not been met yet. */
  readonly full: boolean;
}

/** A walk that takes more steps than this does not end by itself. */
const LONGEST = 5_000;

/**
 * Walks at random from the initial state until nothing is left to do: a good end is reached, and only faults that have not
 * happened remain. A model numbers what it meets in 16 bits, so a new one is made from time to time.
 */
export function walkAtRandom(make: () => Walkable, walks: number, random: () => number): Walked {
  const started = performance.now();
  let model = make();
  let steps = 0;
  const result = (done: number, problem?: string, trace: readonly string[] = []): Walked => ({
    walks: done,
    steps,
    seconds: (performance.now() - started) / 1000,
    ...(problem === undefined ? {} : { violation: { problem, trace } }),
  });
  for (let walk = 0; walk < walks; walk += 1) {
    if (model.full) model = make();
    const walked = walkOnce(model, random);
    steps += walked.labels.length;
    if (walked.problem !== undefined)
      return result(
        walk + 1,
        walked.problem,
        walked.labels.map((one) => model.label(one)),
      );
  }
  return result(walks);
}

function walkOnce(
  model: Model,
  random: () => number,
): { readonly labels: readonly number[]; readonly problem?: string } {
  const labels: number[] = [];
  const state = model.initial();
  const chosen = new Uint16Array(model.width);
  while (labels.length < LONGEST) {
    if (model.isGood(state)) return { labels };
    // Each of the transitions seen so far is the chosen one with the same chance.
    let seen = 0;
    let label = 0;
    let wrong: string | undefined;
    model.expand(state, (next, _, one, problem) => {
      seen += 1;
      if (random() * seen >= 1) return;
      chosen.set(next);
      label = one;
      wrong = problem;
    });
    if (seen === 0) return { labels, problem: "the walk cannot go on" };
    state.set(chosen);
    labels.push(label);
    const problem = wrong ?? model.problem(state);
    if (problem !== undefined) return { labels, problem };
  }
  return { labels, problem: `the walk has not ended after ${LONGEST} steps` };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
