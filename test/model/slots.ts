import { holderAttribute, holdersOf, lineKey, limitKey, runKey } from "../../engine/coordination/keys.ts";
import type { SlotVariables } from "../../engine/coordination/slot-variables.ts";
import { END_RANK, RANK, RunState } from "../../engine/model/run.ts";
import type { Take } from "./explorer.ts";
import { NOW, type Local } from "./pack.ts";
import { bits, label, PackedModel, SWEEP } from "./packed-model.ts";
import { Renumber, RENUMBERED_RUNS } from "./renumber.ts";
import {
  FAULTS,
  LIMIT,
  machineOf,
  nameOf,
  placeOf,
  worldOf,
  type Fault,
  type SlotCase,
  type SlotWorld,
} from "./slot-case.ts";
import { ALL, CONTENDED, ENDED, EXPIRED, MISCOUNTED, RUNNING, summaryOf } from "./slot-summary.ts";
import { AT_LIMIT, AT_LINE, AT_MAX, AT_OVERTAKEN, AT_RUNS, surroundings } from "./slot-world.ts";

/** At once; more are an error. */
const processesOf = (runs: number): number => Math.max(8, 2 * runs + 6);

const [SUBMIT, SUBMIT_AGAIN, END, CANCEL, CHANGE, EXPIRE] = [3, 4, 5, 6, 7, 8];
const LABELS = [
  "",
  "crash: ",
  "sweep: ",
  "submit r",
  "submit again r",
  "end of r",
  "cancel r",
  "change to ",
  "expire r",
];

/** A limit, its line, some runs and whoever acts on them. */
export class SlotModel extends PackedModel<SlotVariables, Fault> {
  readonly #case: SlotCase;
  readonly #world: SlotWorld;
  readonly #summaries: number[] = [];
  readonly #starts: { [step: string]: Map<number, number> } = {};
  readonly #endedMachines: number[] = [];
  readonly #settles = new Set<number>();
  readonly #renumber: Renumber | undefined;

  constructor(given: SlotCase) {
    super(AT_RUNS + 2 * given.runs, processesOf(given.runs), FAULTS, given.faults ?? 0, surroundings(given));
    this.#case = given;
    this.#world = worldOf(given);
    if (given.numbersRise !== false && given.runs <= RENUMBERED_RUNS)
      this.#renumber = new Renumber(this.procedures, AT_LIMIT, AT_RUNS, this.processes);
  }

  override initial(): Uint16Array {
    const state = super.initial();
    const { left = [] } = this.#case;
    const holder = left.at(-1);
    if (holder === undefined) return state;
    const { partitions } = this.procedures;
    const limit = { holders: 1, grants: 1, registered: 1, [holderAttribute(nameOf(holder))]: 1 };
    state[AT_LIMIT] = partitions.numberOf([{ ...limitKey(LIMIT), ...limit }]);
    state[AT_LINE] = partitions.numberOf(left.map((run) => ({ ...lineKey(LIMIT, placeOf(run)) })));
    for (const run of left) state[AT_RUNS + run] = this.#record(run, RunState.QUEUED);
    return state;
  }

  override problem(state: Uint16Array): string | undefined {
    const limit = this.#summary(state[AT_LIMIT] as number);
    const running = this.#running(state);
    if ((running & ~limit) !== 0) return "a machine runs without a slot";
    if (bits(running) > Math.max(...this.#case.limits)) return "more machines run than the limit allows";
    if ((limit & MISCOUNTED) !== 0) return "the count of holders is not that of the holders";
    return undefined;
  }

  override isGood(state: Uint16Array): boolean {
    if (!this.isIdle(state) || state[AT_LINE] !== 0) return false;
    if ((this.#summary(state[AT_LIMIT] as number) & ALL) !== 0 || this.#running(state) !== 0) return false;
    for (let run = 0; run < this.#case.runs; run += 1) if (this.#rank(state, run) !== END_RANK) return false;
    return true;
  }

  protected override events(state: Uint16Array, take: Take): void {
    for (let run = 0; run < this.#case.runs; run += 1) this.#eventsOf(state, run, take);
    if (this.left(state, "change")) {
      for (let max = 0; max < this.#case.limits.length; max += 1) {
        if (max === state[AT_MAX]) continue;
        const next = this.after(state, "change");
        next[AT_MAX] = max;
        take(next, true, label(CHANGE, this.#case.limits[max] ?? 0), undefined);
      }
    }
    if (this.isIdle(state)) {
      if (this.#case.sweep !== false) this.#sweep(state, take, undefined);
    } else if (this.left(state, "sweep")) this.#sweep(state, take, "sweep");
  }

  protected override strikes(state: Uint16Array, local: number): Fault | undefined {
    if (this.left(state, "crash")) return "crash";
    return this.#settles.has(local) && this.left(state, "lost") ? "lost" : undefined;
  }

  protected override died(): void {
    // Whoever started it does nothing about it.
  }

  protected override renumber(next: Uint16Array): boolean {
    return this.#renumber?.apply(next) === true;
  }

  override label(packed: number): string {
    const [kind, detail] = [packed >>> 16, packed & 0xffff];
    return `${LABELS[kind] ?? ""}${kind <= SWEEP ? textOf(this.procedures.locals.at(detail)) : detail}`;
  }

  override show(state: Uint16Array): string {
    const { runs, limits } = this.#case;
    const records = Array.from({ length: runs }, (_, run) => {
      return `r${run} ${this.text(state, AT_RUNS + run)} ${this.text(state, AT_RUNS + runs + run)}`;
    });
    const limit = `limit ${limits[state[AT_MAX] as number]} ${this.text(state, AT_LIMIT)} line [${this.text(state, AT_LINE)}]`;
    return `    ${limit} ${records.join("; ")} processes: ${this.atWork(state).map(textOf).join(", ")}`;
  }

  protected override changed(state: Uint16Array, next: Uint16Array, cell: number): string | undefined {
    if (cell === AT_LIMIT && this.#case.overtaking === true) return this.#count(state, next);
    const run = cell - AT_RUNS - this.#case.runs;
    if (run < 0) return undefined;
    if (this.#machine(next, run) === ENDED) this.begin(next, this.#settle(state, run, "release"));
    else if (this.#rank(state, run) === END_RANK) return "a machine is started after the end of its run";
    return undefined;
  }

  /** What happens to a run from outside. */
  #eventsOf(state: Uint16Array, run: number, take: Take): void {
    const rank = this.#rank(state, run);
    const record = AT_RUNS + run;
    const from = this.#case.hint === true ? ["acquire", "enqueue"] : ["acquire"];
    const settles = this.#case.hint === true ? ["release", "reread"] : ["release"];
    if (rank === 0) {
      const { order = [] } = this.#case;
      const before = order[order.indexOf(run) - 1];
      if (before !== undefined && this.#rank(state, before) === 0) return;
      for (const step of from) {
        const next = this.after(state);
        next[record] = this.#record(run, step === "enqueue" ? RunState.QUEUED : RunState.SCHEDULED);
        this.begin(next, this.#submit(state, run, step));
        take(next, false, label(SUBMIT, run), undefined);
      }
      return;
    }
    const faulty = this.#case.faulty === undefined || this.#case.faulty === run;
    if (faulty && rank !== END_RANK && this.left(state, "submit")) {
      const next = this.after(state, "submit");
      this.begin(next, this.#resume(state, run));
      take(next, true, label(SUBMIT_AGAIN, run), undefined);
    }
    if (this.#machine(state, run) === RUNNING) {
      for (const step of settles) {
        for (const fault of [undefined, "event"] as const) {
          if (fault !== undefined && !(faulty && this.left(state, fault))) continue;
          const next = this.after(state, fault);
          next[record + this.#case.runs] = this.#ended(run);
          this.begin(next, this.#settle(state, run, step));
          if (fault !== undefined) this.begin(next, this.#settle(state, run, step));
          take(next, fault !== undefined, label(END, run), undefined);
        }
      }
    }
    if (faulty && rank !== END_RANK && this.left(state, "cancel")) {
      const next = this.after(state, "cancel");
      this.step(state, next, this.#withdraw(state, run, rank === RANK.running ? "cancel" : "leave to cancel"));
      take(next, true, label(CANCEL, run), undefined);
    }
    if (faulty && rank !== END_RANK && this.left(state, "expire") && !this.#expired(state, run)) {
      const next = this.after(state, "expire");
      const [item] = this.procedures.partitions.at(state[record] as number);
      if (item !== undefined) next[record] = this.procedures.partitions.numberOf([{ ...item, expiresAt: NOW }]);
      take(next, true, label(EXPIRE, run), undefined);
    }
  }

  /**
   * What one look at everything would repair; each repair is a process like any other. While others work, a submission
   * or an end that it goes on with is as one that was repeated, so those are left to these faults.
   */
  #sweep(state: Uint16Array, take: Take, fault: Fault | undefined): void {
    const limit = this.#summary(state[AT_LIMIT] as number);
    const line = this.#summary(state[AT_LINE] as number);
    const begin = (local: number): void => {
      const next = this.after(state, fault);
      this.begin(next, local);
      take(next, fault !== undefined, label(SWEEP, local), undefined);
    };
    const contended = (limit & CONTENDED) !== 0;
    const idle = fault === undefined;
    for (let run = 0; run < this.#case.runs; run += 1) {
      const rank = this.#rank(state, run);
      const machine = this.#machine(state, run);
      const holds = (limit & (1 << run)) !== 0;
      if (rank === END_RANK) {
        if (holds && (contended || !this.#world.sweepsContendedOnly)) begin(this.#granted(state, run, "release"));
      } else if (rank === RANK.running) {
        if (idle && machine === ENDED) begin(this.#settle(state, run, "release"));
        else if (machine === 0) begin(this.#resume(state, run));
      } else if (rank !== 0) {
        if (holds && this.#world.sweepsGrants) begin(this.#granted(state, run, "claim"));
        if (this.#expired(state, run)) begin(this.#withdraw(state, run, "leave to expire"));
        else if (idle && (line & (1 << run)) === 0) begin(this.#resume(state, run));
      }
    }
    const pumps = contended || (line !== 0 && !this.#world.sweepsContendedOnly);
    if (pumps && (!idle || !this.#isSettled(state))) begin(this.#start(state, undefined, "look"));
  }

  /** A pump that nobody disturbs would change nothing: the limit is full, and its waiters are registered. */
  #isSettled(state: Uint16Array): boolean {
    const limit = this.#summary(state[AT_LIMIT] as number);
    const line = this.#summary(state[AT_LINE] as number);
    const max = this.#case.limits[state[AT_MAX] as number] ?? 0;
    return (limit & CONTENDED) !== 0 && line !== 0 && (limit & line) === 0 && bits(limit & ALL) >= max;
  }

  #submit(state: Uint16Array, run: number, step: string): number {
    const { strategy = "ENQUEUE" } = this.#case;
    const queued = step === "enqueue" ? { queued: true as const } : {};
    return this.#start(state, run, step, { place: placeOf(run), strategy, ...queued });
  }

  /** How a submission goes on, by the state of its run. */
  #resume(state: Uint16Array, run: number): number {
    const rank = this.#rank(state, run);
    if (rank === RANK.running) return this.#start(state, run, "start");
    return this.#submit(state, run, rank === RANK.queued ? "enqueue" : "acquire");
  }

  /** The sweep acts on the grant that it saw, and on no later one. */
  #granted(state: Uint16Array, run: number, step: "claim" | "release"): number {
    const limit = state[AT_LIMIT] as number;
    const grant = holdersOf(this.procedures.partitions.at(limit)[0])[nameOf(run)] ?? 0;
    return this.#start(state, run, step, { grant, ...(step === "claim" ? { place: placeOf(run) } : {}) });
  }

  #withdraw(state: Uint16Array, run: number, step: "cancel" | "leave to cancel" | "leave to expire"): number {
    return this.#start(state, run, step, { place: placeOf(run) });
  }

  #settle(state: Uint16Array, run: number, step: string): number {
    const local = this.#start(state, run, step, {}, nameOf(run));
    this.#settles.add(local);
    return local;
  }

  /** The first step of a procedure, under the limit that is in force now. */
  #start(
    state: Uint16Array,
    run: number | undefined,
    step: string,
    more: Partial<SlotVariables> = {},
    ends?: string,
  ): number {
    const max = this.#case.limits[state[AT_MAX] as number] ?? 0;
    const { grant = 0 } = more;
    const key = ((grant * 8 + (run ?? 7)) * 8 + (state[AT_MAX] as number)) * 2 + (ends === undefined ? 0 : 1);
    const starts = (this.#starts[step] ??= new Map<number, number>());
    const known = starts.get(key);
    if (known !== undefined) return known;
    const variables: SlotVariables = {
      limit: LIMIT,
      max,
      run: run === undefined ? "" : nameOf(run),
      ...(step === "look" ? { pumping: true } : {}),
      ...more,
    };
    const local = this.procedures.numberOf({ step, variables, ...(ends === undefined ? {} : { ends }) });
    starts.set(key, local);
    return local;
  }

  #ended(run: number): number {
    return (this.#endedMachines[run] ??= this.procedures.partitions.numberOf([
      { ...machineOf(nameOf(run)), status: "ended" },
    ]));
  }

  #record(run: number, state: "scheduled" | "queued"): number {
    return this.procedures.partitions.numberOf([{ ...runKey(nameOf(run)), state, rank: RANK[state] }]);
  }

  /** Counts the waiters that the new holders stood behind, and have overtaken. */
  #count(state: Uint16Array, next: Uint16Array): string | undefined {
    const held = this.#summary(state[AT_LIMIT] as number) & ALL;
    const admitted = this.#summary(next[AT_LIMIT] as number) & ALL & ~held;
    const line = this.#summary(state[AT_LINE] as number);
    for (let run = 0; run < this.#case.runs; run += 1) {
      const waits = (line & (1 << run)) !== 0 && (held & (1 << run)) === 0 && this.#rank(state, run) === RANK.queued;
      const later = bits(admitted >> (run + 1));
      if (!waits || later === 0) continue;
      const total = (((next[AT_OVERTAKEN] as number) >> (4 * run)) & 15) + later;
      if (total > Math.max(...this.#case.limits)) return `a waiter was overtaken by ${total} later runs`;
      next[AT_OVERTAKEN] = (next[AT_OVERTAKEN] as number) + (later << (4 * run));
    }
    return undefined;
  }

  #rank(state: Uint16Array, run: number): number {
    return this.#summary(state[AT_RUNS + run] as number) & 0xff;
  }

  #expired(state: Uint16Array, run: number): boolean {
    return (this.#summary(state[AT_RUNS + run] as number) & EXPIRED) !== 0;
  }

  #machine(state: Uint16Array, run: number): number {
    return this.#summary(state[AT_RUNS + this.#case.runs + run] as number);
  }

  /** The runs whose machines run, as bits. */
  #running(state: Uint16Array): number {
    let running = 0;
    for (let run = 0; run < this.#case.runs; run += 1) if (this.#machine(state, run) === RUNNING) running |= 1 << run;
    return running;
  }

  #summary(partition: number): number {
    return (this.#summaries[partition] ??= summaryOf(this.procedures.partitions.at(partition)));
  }
}

function textOf(local: Local<SlotVariables> | undefined): string {
  if (local === undefined) return "over";
  const { run, grant, submitted } = local.variables;
  const details = [
    run,
    ...(grant === undefined ? [] : [`grant ${grant}`]),
    ...(submitted === undefined ? [] : [`submitting ${submitted}`]),
  ];
  return `${local.step}(${details.join(", ")})${local.ends === undefined ? "" : ` settling ${local.ends}`}`;
}
