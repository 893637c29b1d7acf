import type { Action, Outcome, Step } from "../../engine/coordination/step.ts";
import { canonicalJson, type Json } from "../../engine/model/json.ts";
import { applyUpdate } from "../../engine/store/apply-update.ts";
import { holds, type Condition } from "../../engine/store/condition.ts";
import type { Item, Key } from "../../engine/store/items.ts";

/** The items of a partition, in the order of their sort keys. */
export type Partition = readonly Item[];

/** What a process has before it: a step of a table with its variables, and the run whose end it writes afterwards. */
export interface Local<V> {
  readonly step: string;
  readonly variables: V;
  readonly ends?: string;
}

/** What is around the tables. */
export interface Surroundings<V> {
  readonly steps: { readonly [step: string]: Step<V, string, string> };
  /** Where a process goes on when a procedure has its result; nowhere: it is over. */
  readonly after: (local: Local<V>, result: string) => Local<V> | undefined;
  /** The cell of a state that holds a partition; `MACHINE#<run>` and `TOKEN#<token>` are partitions too. */
  readonly cellOf: (pk: string) => number;
  /** What a start, or an answer, makes of the partition of its machine or token. */
  readonly effect: (action: Action, before: Partition) => { readonly after: Partition; readonly ok: boolean };
  /** An item without what no condition reads, so that fewer items differ. */
  readonly kept: (item: Item) => Item;
  /** What is before a process, without the variables that nothing after this step reads; the model checks that. */
  readonly live: (local: Local<V>) => Local<V>;
  /** Whether a step that changed nothing would have the same outcome whatever others do first. */
  readonly isStable: (local: Local<V>, before: Partition, ok: boolean) => boolean;
  /** What is wrong with a step. */
  readonly problem: (local: Local<V>, before: Partition, after: Partition) => string | undefined;
}

interface Computed<V> {
  readonly next: Local<V> | undefined;
  readonly after: Partition;
  readonly ok: boolean;
  readonly problem?: string;
}

/** Time stands still in the model: what it does to a run is an event of the model's world. */
export const NOW = 1;

/** With so many different sets of dead variables each process is tried. */
const VARIANTS = 4;

/**
 * Runs the step tables themselves, over packed states. The step that a process has before it, and the partition that this
 * step acts on, decide what comes of both: each such pair is computed once, by the tables' own functions and by the
 * rules that the stores share, and remembered under the numbers of both.
 */
export class Procedures<V> {
  /** 0: the process is over. */
  readonly locals = new Interner<Local<V> | undefined>(undefined);
  /** 0: it is empty. */
  readonly partitions = new Interner<Partition>([]);
  readonly #world: Surroundings<V>;
  readonly #cells: number[] = [];
  readonly #problems = new Map<number, string>();
  readonly #stable = new Set<number>();
  readonly #memo = new PairMap();
  /** Of a local without its dead variables: some that had them, and the partitions that it was tried with. */
  readonly #variants = new Map<number, { readonly dead: Map<string, Local<V>>; readonly tried: number[] }>();

  constructor(world: Surroundings<V>) {
    this.#world = world;
  }

  /** The cell that the process acts on next. */
  cellOf(local: number): number {
    const known = this.#cells[local];
    if (known !== undefined) return known;
    const { step, variables } = this.#local(local);
    return (this.#cells[local] = this.#world.cellOf(partitionOf(this.#stepOf(step).act(variables, NOW))));
  }

  /** The next step of the process in the high 16 bits, the partition in the low ones. */
  step(local: number, partition: number): number {
    const pair = local * 0x10000 + partition;
    const known = this.#memo.get(pair);
    return known === undefined ? this.#compute(local, partition, pair) : known;
  }

  /** What is wrong with this step. */
  problem(local: number, partition: number): string | undefined {
    return this.#problems.size === 0 ? undefined : this.#problems.get(local * 0x10000 + partition);
  }

  /** Whether this step changes nothing, and has the same outcome whatever others do first. */
  isStable(local: number, partition: number): boolean {
    this.step(local, partition);
    return this.#stable.has(local * 0x10000 + partition);
  }

  /** The number of a process, which has only the variables that matter. */
  numberOf(local: Local<V> | undefined): number {
    if (local === undefined) return 0;
    const live = this.#world.live(local);
    const number = this.locals.numberOf(live);
    const { dead, tried } = this.#variantsOf(number);
    const text = dead.size < VARIANTS ? canonicalJson(local as unknown as Json) : "";
    if (text === "" || dead.has(text)) return number;
    dead.set(text, local);
    for (const partition of tried) this.#check(local, number, partition);
    return number;
  }

  #compute(number: number, partition: number, pair: number): number {
    const local = this.#local(number);
    const { next, after, ok, problem } = this.#outcome(local, partition);
    const before = this.partitions.at(partition);
    if (this.partitions.numberOf(after) === partition && this.#world.isStable(local, before, ok))
      this.#stable.add(pair);
    if (problem !== undefined) this.#problems.set(pair, problem);
    const result = this.numberOf(next) * 0x10000 + this.partitions.numberOf(after);
    this.#memo.set(pair, result);
    const { dead, tried } = this.#variantsOf(number);
    tried.push(partition);
    for (const variant of dead.values()) this.#check(variant, number, partition);
    return result;
  }

  #outcome(local: Local<V>, partition: number): Computed<V> {
    const step = this.#stepOf(local.step);
    const before = this.partitions.at(partition);
    const { after, outcome } = this.#apply(step.act(local.variables, NOW), before);
    const next = step.then(local.variables, outcome);
    const problem = this.#world.problem(local, before, after);
    const following =
      "done" in next
        ? this.#world.after(local, next.done)
        : { step: next.step, variables: next.variables, ...(local.ends === undefined ? {} : { ends: local.ends }) };
    return { next: following, after, ok: outcome.ok, ...(problem === undefined ? {} : { problem }) };
  }

  /** What is left out as dead must change nothing. */
  #check(variant: Local<V>, number: number, partition: number): void {
    const [one, other] = [this.#outcome(variant, partition), this.#outcome(this.#local(number), partition)];
    const same =
      this.numberOf(one.next) === this.numberOf(other.next) &&
      this.partitions.numberOf(one.after) === this.partitions.numberOf(other.after);
    if (!same)
      throw new Error(`A variable of "${variant.step}" is not dead: ${canonicalJson(variant as unknown as Json)}`);
  }

  #variantsOf(number: number): { readonly dead: Map<string, Local<V>>; readonly tried: number[] } {
    const known = this.#variants.get(number) ?? { dead: new Map<string, Local<V>>(), tried: [] };
    this.#variants.set(number, known);
    return known;
  }

  #apply(action: Action, before: Partition): { readonly after: Partition; readonly outcome: Outcome } {
    const none: Outcome = { ok: true, item: undefined, line: [] };
    if ("start" in action || "answer" in action) {
      const { after, ok } = this.#world.effect(action, before);
      return { after, outcome: { ...none, ok } };
    }
    if ("line" in action) return { after: before, outcome: { ...none, line: before.slice(0, action.limit) } };
    if ("get" in action) return { after: before, outcome: { ...none, item: find(before, action.get) } };
    const key = "put" in action ? action.put : "update" in action ? action.update : action.delete;
    const item = find(before, key);
    const when: Condition | undefined = action.when;
    if (when !== undefined && !holds(when, item)) return { after: before, outcome: { ok: false, item, line: [] } };
    const others = before.filter((one) => one.sk !== key.sk);
    if ("delete" in action) return { after: others, outcome: { ...none, item } };
    const written = "put" in action ? action.put : applyUpdate(key, item, action.change);
    const after = [...others, this.#world.kept(written)].sort((one, other) => (one.sk < other.sk ? -1 : 1));
    return { after, outcome: { ...none, item: written } };
  }

  #local(number: number): Local<V> {
    const local = this.locals.at(number);
    if (local === undefined) throw new Error("A process that is over has no step.");
    return local;
  }

  #stepOf(step: string): Step<V, string, string> {
    const found = this.#world.steps[step];
    if (found === undefined) throw new Error(`No table has a step "${step}".`);
    return found;
  }
}

function find(partition: Partition, key: Key): Item | undefined {
  return partition.find((item) => item.sk === key.sk);
}

function partitionOf(action: Action): string {
  if ("start" in action) return `MACHINE#${action.start}`;
  if ("answer" in action) return `TOKEN#${action.answer}`;
  if ("line" in action) return action.line;
  if ("get" in action) return action.get.pk;
  return ("put" in action ? action.put : "update" in action ? action.update : action.delete).pk;
}

/** Values ↔ small numbers; the one given first has 0. */
class Interner<T> {
  readonly #numbers = new Map<string, number>();
  readonly #values: T[] = [];

  constructor(zero: T) {
    this.numberOf(zero);
  }

  get size(): number {
    return this.#values.length;
  }

  numberOf(value: T): number {
    const text = value === undefined ? "" : canonicalJson(value as Json);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#values.length;
    if (number > 0xffff) throw new Error("More values than a cell of 16 bits can number.");
    this.#values.push(value);
    this.#numbers.set(text, number);
    return number;
  }

  at(number: number): T {
    return this.#values[number] as T;
  }
}

/** 32-bit number, not 0 → 32-bit number. */
class PairMap {
  #count = 0;
  #keys = new Uint32Array(1 << 12);
  #values = new Uint32Array(1 << 12);

  get(key: number): number | undefined {
    const slot = this.#slot(key);
    return this.#keys[slot] === 0 ? undefined : this.#values[slot];
  }

  set(key: number, value: number): void {
    if (this.#count * 2 >= this.#keys.length) this.#grow();
    const slot = this.#slot(key);
    if (this.#keys[slot] === 0) this.#count += 1;
    this.#keys[slot] = key;
    this.#values[slot] = value;
  }

  #slot(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = (Math.imul(key, 0x9e3779b1) ^ (key >>> 13)) & mask;
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Uint32Array(keys.length * 2);
    this.#values = new Uint32Array(keys.length * 2);
    for (let at = 0; at < keys.length; at += 1) {
      if (keys[at] === 0) continue;
      const slot = this.#slot(keys[at] as number);
      this.#keys[slot] = keys[at] as number;
      this.#values[slot] = values[at] as number;
    }
  }
}
