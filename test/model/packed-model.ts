import type { Model, Take } from "./explorer.ts";
import { Procedures, type Local, type Surroundings } from "./pack.ts";

/** How often each fault may happen, 3 times at most; or how many there may be, whatever they are. */
export type Faults<F extends string> = number | { readonly [fault in F]?: number };

/** The cell that counts the faults that are left. */
export const AT_FAULTS = 0;

/** Kinds of transitions that every model has; a label is its kind and 16 bits of detail. */
export const STEP = 0;
export const CRASH = 1;
export const SWEEP = 2;

/**
 * A state is one row: the faults left, cells of the model's own, and the processes at work, each the number of what it has
 * before it, in falling order: which of them is which does not matter. A process does its steps one by one, whenever; it
 * may die before each.
 */
export abstract class PackedModel<V, F extends string> implements Model {
  readonly width: number;
  readonly procedures: Procedures<V>;
  /** The first cell of a process. */
  protected readonly processes: number;
  readonly #next: Uint16Array;
  readonly #initialFaults: number;
  /** Where in the cell of faults those of a kind are counted. */
  readonly #shifts: { readonly [fault in F]: number };

  constructor(cells: number, processes: number, faults: readonly F[], given: Faults<F>, world: Surroundings<V>) {
    this.processes = cells;
    this.width = 2 * Math.ceil((cells + processes) / 2);
    this.#next = new Uint16Array(this.width);
    const shift = (at: number): number => (typeof given === "number" ? 0 : 2 * at);
    this.#shifts = Object.fromEntries(faults.map((fault, at) => [fault, shift(at)])) as { [fault in F]: number };
    this.#initialFaults =
      typeof given === "number"
        ? given
        : faults.reduce((packed, fault, at) => packed | ((given[fault] ?? 0) << shift(at)), 0);
    this.procedures = new Procedures(world);
  }

  /** Soon there are no numbers left for what has not been met yet. */
  get full(): boolean {
    return this.procedures.locals.size > 50_000 || this.procedures.partitions.size > 50_000;
  }

  initial(): Uint16Array {
    const state = new Uint16Array(this.width);
    state[AT_FAULTS] = this.#initialFaults;
    return state;
  }

  expand(state: Uint16Array, given: Take): void {
    const take: Take = (next, fault, label, problem) => {
      if (this.renumber(next)) this.#sort(next);
      given(next, fault, label, problem);
    };
    if (this.#stableStep(state, take)) return;
    this.#steps(state, take);
    this.events(state, take);
  }

  abstract problem(state: Uint16Array): string | undefined;
  abstract isGood(state: Uint16Array): boolean;
  abstract show(state: Uint16Array): string;
  abstract label(label: number): string;

  /** What happens beside the steps of processes. */
  protected abstract events(state: Uint16Array, take: Take): void;
  /** What follows from a step that changed a cell, and what is wrong with it. */
  protected abstract changed(state: Uint16Array, next: Uint16Array, cell: number): string | undefined;
  /** Faults that may strike before this step; `next` is without the process. */
  protected abstract strikes(state: Uint16Array, local: number): F | undefined;
  /** What follows from the death of a process. */
  protected abstract died(next: Uint16Array, local: Local<V>): void;
  /** Puts the state that stands for this one in its place; true where processes may be in another order. */
  protected abstract renumber(next: Uint16Array): boolean;

  protected isIdle(state: Uint16Array): boolean {
    return state[this.processes] === 0;
  }

  protected text(state: Uint16Array, cell: number): string {
    const partition = this.procedures.partitions.at(state[cell] as number);
    return partition
      .map(({ pk: _, sk, ...others }) => (Object.keys(others).length === 0 ? sk : JSON.stringify(others)))
      .join(" ");
  }

  protected atWork(state: Uint16Array): Local<V>[] {
    return [...state.subarray(this.processes)].flatMap((local) => this.procedures.locals.at(local) ?? []);
  }

  /** A copy to make the next state of, one fault of this kind poorer. */
  protected after(state: Uint16Array, fault?: F): Uint16Array {
    const next = this.#next;
    for (let cell = 0; cell < this.width; cell += 1) next[cell] = state[cell] as number;
    if (fault !== undefined) next[AT_FAULTS] = (next[AT_FAULTS] as number) - (1 << this.#shifts[fault]);
    return next;
  }

  protected left(state: Uint16Array, fault: F): boolean {
    return (((state[AT_FAULTS] as number) >> this.#shifts[fault]) & 3) !== 0;
  }

  protected begin(next: Uint16Array, local: number): void {
    if (local === 0) return;
    if (next[this.width - 1] !== 0) throw new Error(`More than ${this.width - this.processes} processes at once.`);
    let at = this.width - 1;
    for (; at > this.processes && (next[at - 1] as number) < local; at -= 1) next[at] = next[at - 1] as number;
    next[at] = local;
  }

  /** Does the step of a process that is not among those of `next`; answers what is wrong with it. */
  protected step(state: Uint16Array, next: Uint16Array, local: number): string | undefined {
    const cell = this.procedures.cellOf(local);
    const before = state[cell] as number;
    const packed = this.procedures.step(local, before);
    const problem = this.procedures.problem(local, before);
    this.begin(next, packed >>> 16);
    if ((packed & 0xffff) === before) return problem;
    next[cell] = packed & 0xffff;
    return this.changed(state, next, cell) ?? problem;
  }

  #steps(state: Uint16Array, take: Take): void {
    for (let at = this.processes; at < this.width; at += 1) {
      const local = state[at] as number;
      if (local === 0) return;
      if (at > this.processes && state[at - 1] === local) continue;
      const next = this.after(state);
      this.#remove(next, at);
      const problem = this.step(state, next, local);
      take(next, false, label(STEP, local), problem);
      const fault = this.strikes(state, local);
      if (fault === undefined) continue;
      const dead = this.after(state, fault);
      this.#remove(dead, at);
      this.died(dead, this.procedures.locals.at(local) as Local<V>);
      take(dead, true, label(CRASH, local), undefined);
    }
  }

  /**
   * A step that changes nothing, and whose outcome others cannot change, is done before all others: every state behaves as
   * the one after it, and a crash before the step is a crash after it.
   */
  #stableStep(state: Uint16Array, take: Take): boolean {
    for (let at = this.processes; at < this.width && state[at] !== 0; at += 1) {
      const local = state[at] as number;
      const before = state[this.procedures.cellOf(local)] as number;
      if (!this.procedures.isStable(local, before)) continue;
      const next = this.after(state);
      this.#remove(next, at);
      this.begin(next, this.procedures.step(local, before) >>> 16);
      take(next, false, label(STEP, local), this.procedures.problem(local, before));
      return true;
    }
    return false;
  }

  #remove(next: Uint16Array, from: number): void {
    for (let at = from; at < this.width - 1; at += 1) next[at] = next[at + 1] as number;
    next[this.width - 1] = 0;
  }

  #sort(next: Uint16Array): void {
    for (let at = this.processes + 1; at < this.width && next[at] !== 0; at += 1) {
      const local = next[at] as number;
      let to = at;
      for (; to > this.processes && (next[to - 1] as number) < local; to -= 1) next[to] = next[to - 1] as number;
      next[to] = local;
    }
  }
}

export function label(kind: number, detail: number): number {
  return kind * 0x10000 + detail;
}

export function bits(set: number): number {
  let count = 0;
  for (let left = set; left !== 0; left &= left - 1) count += 1;
  return count;
}
