import { Contended } from "../../engine/coordination/contended.ts";
import { settle } from "../../engine/coordination/settle.ts";
import { submit } from "../../engine/coordination/submit.ts";
import { sweep } from "../../engine/coordination/sweep.ts";
import type { StatusEvent, World } from "../../engine/coordination/world.ts";
import { newRunId, runIdOf } from "../../engine/model/run-id.ts";
import { executionArn, workflowOf } from "../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../engine/model/workflow.ts";
import { Chance } from "../faults/chance.ts";
import { SimulatedClock } from "./clock.ts";
import { SimulatedStore } from "./store.ts";

/** What goes wrong, and how long things take; the numbers are those of coordination.md's plan, measured by others. */
const CRASH_OF_A_CALL = 1e-4;
const LOST_EVENTS = 1e-4;
const DOUBLED_EVENTS = 1e-3;
const REDELIVERED_MS = 180_000;
const SKEW_MS = 50;
/** Records of ended runs are forgotten after it, to spare memory. */
const KEPT_MS = 3_600_000;

class Crash extends Error {}

/** A deployed stack in virtual time, running the code of coordination itself. */
export class SimulatedSystem {
  readonly clock: SimulatedClock;
  readonly store: SimulatedStore;
  readonly chance: Chance;
  /** No status event is delivered. */
  silent = false;
  /** Runs that ended, and how many executions began. */
  ended = 0;
  started = 0;
  overAdmissions = 0;
  crashes = 0;
  lostEvents = 0;
  /** From the end of a run to the start of the next in its line, in milliseconds. */
  readonly wakeUps: number[] = [];
  /** From the end of a run to when its slot was free, or another's. */
  readonly leaks: number[] = [];
  readonly #definitions: ReadonlyMap<string, WorkflowDefinition>;
  readonly #workflows: readonly WorkflowDefinition[];
  readonly #duration: (workflow: string) => number;
  readonly #executions = new Map<string, StatusEvent>();
  readonly #running = new Map<string, Set<string>>();
  /** By limit: when its slots were left by runs that ended, the earliest first. */
  readonly #vacated = new Map<string, number[]>();
  /** By run: when it ended, while it holds a slot. */
  readonly #endedAt = new Map<string, number>();
  readonly #hints: Contended;

  constructor(workflows: readonly WorkflowDefinition[], seed: number, duration: (workflow: string) => number) {
    this.chance = new Chance(seed);
    this.clock = new SimulatedClock(Date.UTC(2026, 10, 24));
    this.store = new SimulatedStore(this.clock, {
      latency: () => this.#logNormal(4, 0.79),
      released: (run) => this.#released(run),
    });
    this.#workflows = workflows;
    this.#definitions = new Map(workflows.map((one) => [one.name, one]));
    this.#duration = duration;
    this.#hints = new Contended(() => this.clock.now);
  }

  /** Runs that wait or run. */
  get open(): number {
    return this.store.openRuns;
  }

  async submit(workflow: string): Promise<void> {
    const definition = this.#definitions.get(workflow);
    if (definition === undefined) return;
    try {
      await submit(this.#process(), definition, { workflow, parameters: {} });
    } catch (error) {
      this.#survive(error);
    }
  }

  /** A sweep each minute, at a moment within it, until nothing is open after a time. */
  async sweepEachMinute(until: number): Promise<void> {
    while (this.clock.now < until || this.open > 0) {
      const minute = this.clock.now + 60_000;
      await this.clock.sleep(this.chance.next() * 15_000);
      const { problems } = await sweep(this.#process(false), { run: "sweep", sleep: (ms) => this.clock.sleep(ms) });
      if (problems.length > 0) throw new Error(problems.join("\n"));
      await this.clock.sleep(Math.max(0, minute - this.clock.now));
    }
  }

  #process(mortal = true): World {
    const skew = (this.chance.next() * 2 - 1) * SKEW_MS;
    const now = (): number => Math.round(this.clock.now + skew);
    let left = mortal && this.chance.hits(CRASH_OF_A_CALL) ? this.chance.below(12) : Infinity;
    const reached = (): void => {
      if ((left -= 1) >= 0) return;
      this.crashes += 1;
      throw new Crash();
    };
    return {
      items: this.store.items(reached),
      machines: {
        start: async ({ execution, input }) => {
          reached();
          await this.clock.sleep(this.#logNormal(20, 0.6));
          this.#begin(execution, input);
        },
        stop: async () => undefined,
        answer: async () => "answered",
        describe: async (execution) => {
          await this.clock.sleep(this.#logNormal(15, 0.6));
          return this.#executions.get(execution);
        },
        list: (workflow, which) => this.#list(workflow, which),
      },
      timers: { at: async () => undefined, cancel: async () => undefined },
      contended: this.#hints,
      workflows: () => this.#workflows,
      now,
      newId: () => newRunId(now(), (length) => Uint8Array.from({ length }, () => this.chance.below(256))),
      executionOf: (workflow, run) => executionArn("sim", "000000000000", "sim", workflow, run),
    };
  }

  #begin(execution: string, input: StatusEvent["input"]): void {
    if (this.#executions.has(execution)) return;
    const workflow = workflowOf(execution);
    const limit = this.#definitions.get(workflow)?.concurrencyLimit;
    const running = this.#running.get(workflow) ?? new Set();
    this.#running.set(workflow, running.add(execution));
    this.started += 1;
    if (typeof limit === "number" && running.size > limit) this.overAdmissions += 1;
    const startedAt = this.clock.now;
    const left = this.#vacated.get(workflow)?.shift();
    if (left !== undefined) this.wakeUps.push(startedAt - left);
    const event = { execution, status: "RUNNING" as const, startedAt, input: input ?? {} };
    this.#executions.set(execution, event);
    this.clock.at(startedAt + this.#duration(workflow), () => this.#end(event));
  }

  #end(running: StatusEvent): void {
    const workflow = workflowOf(running.execution);
    const event: StatusEvent = { ...running, status: "SUCCEEDED", endedAt: this.clock.now, output: null };
    this.#running.get(workflow)?.delete(running.execution);
    this.#executions.set(running.execution, event);
    this.ended += 1;
    if (this.#definitions.get(workflow)?.concurrencyLimit !== undefined) this.#vacate(workflow, running.execution);
    this.clock.at(this.clock.now + KEPT_MS, () => this.#forget(running.execution));
    if (this.silent || this.chance.hits(LOST_EVENTS)) this.lostEvents += 1;
    else this.#publish(event);
    if (!this.silent && this.chance.hits(DOUBLED_EVENTS)) this.#publish(event);
  }

  #publish(event: StatusEvent): void {
    this.clock.at(this.clock.now + this.#logNormal(60, 1.43), () => void this.#settle(event));
  }

  async #settle(event: StatusEvent): Promise<void> {
    try {
      await settle(this.#process(), event);
    } catch (error) {
      this.#survive(error);
      await this.clock.sleep(REDELIVERED_MS);
      await this.#settle(event);
    }
  }

  /** Whoever starts next under this limit, while others wait, was woken by this end. */
  #vacate(workflow: string, execution: string): void {
    this.#endedAt.set(runIdOf(execution), this.clock.now);
    if (!this.#hints.has(workflow)) return;
    const left = this.#vacated.get(workflow) ?? [];
    left.push(this.clock.now);
    this.#vacated.set(workflow, left);
  }

  #released(run: string): void {
    const endedAt = this.#endedAt.get(run);
    if (endedAt !== undefined) this.leaks.push(this.clock.now - endedAt);
    this.#endedAt.delete(run);
  }

  #forget(execution: string): void {
    this.#executions.delete(execution);
    this.store.forget({ pk: `RUN#${runIdOf(execution)}`, sk: "#" });
  }

  async *#list(workflow: string, which: "RUNNING" | { readonly endedSince: number }): AsyncIterable<StatusEvent> {
    if (which !== "RUNNING") return;
    await this.clock.sleep(this.#logNormal(30, 0.6));
    for (const execution of this.#running.get(workflow) ?? []) {
      const event = this.#executions.get(execution);
      if (event !== undefined) yield event;
    }
  }

  #survive(error: unknown): void {
    if (!(error instanceof Crash)) throw error;
  }

  #logNormal(median: number, sigma: number): number {
    const [u, v] = [Math.max(this.chance.next(), 1e-12), this.chance.next()];
    return median * Math.exp(sigma * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
  }
}
