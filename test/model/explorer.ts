import { StateSet } from "./state-set.ts";

/** What the explorer asks of a model: a state is a row of 16-bit cells. */
export interface Model {
  /** Cells of a state; even. */
  readonly width: number;
  initial(): Uint16Array;
  /** Gives each transition out of a state; the row that it hands on is its own, and is overwritten by the next. */
  expand(state: Uint16Array, take: Take): void;
  /** What is wrong with a state. */
  problem(state: Uint16Array): string | undefined;
  /** Everything has ended, and nothing is left over. */
  isGood(state: Uint16Array): boolean;
  /** A transition in words. */
  label(label: number): string;
  show(state: Uint16Array): string;
}

/**
 * A transition. `fault`: it is none that a good end may need. `problem`: what is wrong with the step itself, whatever
 * state it leads to.
 */
export type Take = (next: Uint16Array, fault: boolean, label: number, problem: string | undefined) => void;

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  readonly seconds: number;
  /** Absent where all states hold what is demanded. */
  readonly violation?: Violation;
}

export interface Violation {
  readonly problem: string;
  /** The shortest way to it. */
  readonly trace: readonly string[];
}

export interface Bounds {
  /** States at most; more are an error, since nothing is proved then. */
  readonly states?: number;
}

/**
 * Visits every state that can be reached, breadth first. Safety is asked of each state and each transition. Liveness: from
 * each state a good end can be reached by transitions that are no faults; that is propagated backward over the stored
 * transitions, in reverse order of discovery, until nothing changes.
 */
export function explore(model: Model, { states: bound = 60_000_000 }: Bounds = {}): Explored {
  const started = performance.now();
  const found = new StateSet(model.width);
  const parents = new Numbers();
  const firsts = new Numbers();
  const edges = new Numbers();
  const current = new Uint16Array(model.width);
  const words = new Uint32Array(current.buffer);
  let good = new Uint8Array(1 << 12);
  let from = 0;
  let transitions = 0;
  let violation: { readonly problem: string; readonly label: number; readonly next: Uint16Array } | undefined;

  const row = new Uint16Array(model.width);
  const rowWords = new Uint32Array(row.buffer);
  const add = (state: Uint16Array): number => {
    const count = found.count;
    for (let cell = 0; cell < row.length; cell += 1) row[cell] = state[cell] as number;
    const index = found.add(rowWords);
    if (index < count) return index;
    parents.push(from);
    if (index === good.length) {
      const larger = new Uint8Array(good.length * 2);
      larger.set(good);
      good = larger;
    }
    if (model.isGood(state)) good[index] = 1;
    return index;
  };
  const take: Take = (next, fault, label, problem) => {
    transitions += 1;
    const count = found.count;
    const index = add(next);
    const wrong = problem ?? (index === count ? model.problem(next) : undefined);
    if (wrong !== undefined) violation ??= { problem: wrong, label, next: next.slice() };
    if (!fault && index !== from) edges.push(index);
  };
  const result = (problem?: string, trace: readonly string[] = []): Explored => ({
    states: found.count,
    transitions,
    seconds: (performance.now() - started) / 1000,
    ...(problem === undefined ? {} : { violation: { problem, trace } }),
  });

  add(model.initial());
  for (; from < found.count; from += 1) {
    if (found.count > bound) throw new Error(`More than ${bound} states: the case is too large.`);
    firsts.push(edges.length);
    found.read(from, words);
    model.expand(current, take);
    if (violation === undefined) continue;
    const { problem, label, next } = violation;
    return result(problem, [...traceTo(model, found, parents, from), model.label(label), model.show(next)]);
  }
  firsts.push(edges.length);
  const stuck = firstStuck(good, firsts, edges, found.count);
  if (stuck === undefined) return result();
  return result("no good end can be reached from here", traceTo(model, found, parents, stuck));
}

/** The first state from which no good end can be reached. */
function firstStuck(good: Uint8Array, firsts: Numbers, edges: Numbers, count: number): number | undefined {
  for (let changed = true; changed;) {
    changed = false;
    for (let index = count - 1; index >= 0; index -= 1) {
      if (good[index] === 1) continue;
      const end = firsts.at(index + 1);
      for (let edge = firsts.at(index); edge < end; edge += 1) {
        if (good[edges.at(edge)] !== 1) continue;
        good[index] = 1;
        changed = true;
        break;
      }
    }
  }
  const stuck = good.indexOf(0);
  return stuck === -1 || stuck >= count ? undefined : stuck;
}

/** States and transitions alternately, from the initial state on. */
function traceTo(model: Model, found: StateSet, parents: Numbers, to: number): string[] {
  const path = [to];
  while (path[0] !== 0) path.unshift(parents.at(path[0] ?? 0));
  const row = (index: number): Uint16Array => {
    const state = new Uint16Array(model.width);
    found.read(index, new Uint32Array(state.buffer));
    return state;
  };
  return path.flatMap((index, at) => {
    const before = path[at - 1];
    if (before === undefined) return [model.show(row(index))];
    const wanted = row(index);
    let label = 0;
    model.expand(row(before), (next, _, one) => {
      if (next.every((cell, position) => cell === wanted[position])) label = one;
    });
    return [model.label(label), model.show(wanted)];
  });
}

/** A growing row of 32-bit numbers. */
class Numbers {
  length = 0;
  #row = new Uint32Array(1 << 12);

  push(value: number): void {
    if (this.length === this.#row.length) {
      const larger = new Uint32Array(this.#row.length * 2);
      larger.set(this.#row);
      this.#row = larger;
    }
    this.#row[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.#row[index] ?? 0;
  }
}
