import { Contended } from "../../engine/coordination/contended.ts";
import type { Machines, StatusEvent, World } from "../../engine/coordination/world.ts";
import type { JsonObject } from "../../engine/model/json.ts";
import { newRunId } from "../../engine/model/run-id.ts";
import { executionArn, workflowOf } from "../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../engine/model/workflow.ts";
import type { Items } from "../../engine/store/items.ts";
import { faultyItems, mortal, type Call, type Faults } from "./faulty.ts";

const SKEW_MS = 2_000;
const LOST_EVENTS = 0.1;
const DOUBLED_EVENTS = 0.1;

/** Step Functions and EventBridge, as far as coordination sees them, and the clocks of all processes. */
export class Services {
  readonly executions = new Map<string, StatusEvent>();
  /** Status events that were not delivered yet, in no order. */
  readonly events: StatusEvent[] = [];
  /** Tokens that somebody has answered; each begins with the execution whose state waits under it. */
  readonly answered = new Set<string>();
  /** Most executions at once, by workflow. */
  readonly peaks = new Map<string, number>();
  /** The sweep comes in the minutes in which it also looks at all executions. */
  time = Date.UTC(2026, 10, 24, 0, 58, 30);
  /** What three warm processes remember of contended limits; new processes come and go beside them. */
  readonly #hints = Array.from({ length: 3 }, () => new Contended(() => this.time));
  readonly #faults: Faults;
  readonly #items: Items;
  readonly #workflows: readonly WorkflowDefinition[];

  constructor(items: Items, workflows: readonly WorkflowDefinition[], faults: Faults) {
    this.#items = items;
    this.#workflows = workflows;
    this.#faults = faults;
  }

  /** A process of its own: its clock is up to two seconds off, and it knows nothing of the others. */
  process(): World {
    const { chance } = this.#faults;
    const skew = this.#faults.on ? (chance.next() * 2 - 1) * SKEW_MS : 0;
    const now = (): number => Math.round(this.time + skew);
    const once = mortal(this.#faults);
    return {
      items: faultyItems(this.#items, once),
      machines: this.#machines(once),
      timers: { at: () => once(async () => undefined), cancel: () => once(async () => undefined) },
      contended: this.#hints[chance.below(this.#hints.length)] ?? new Contended(now),
      workflows: () => this.#workflows,
      now,
      newId: () => newRunId(now(), (length) => Uint8Array.from({ length }, () => chance.below(256))),
      executionOf: (workflow, run) => executionArn("test", "000000000000", "test", workflow, run),
    };
  }

  running(workflow?: string): StatusEvent[] {
    return [...this.executions.values()].filter(
      ({ status, execution }) => status === "RUNNING" && (workflow === undefined || workflowOf(execution) === workflow),
    );
  }

  end(execution: string, end: Partial<StatusEvent>): void {
    const running = this.executions.get(execution);
    if (running?.status !== "RUNNING") return;
    const ended: StatusEvent = { ...running, status: "SUCCEEDED", endedAt: this.time, output: 1, ...end };
    this.executions.set(execution, ended);
    this.#publish(ended);
  }

  /** Begins an execution, as Step Functions does: once. */
  begin(execution: string, input: JsonObject): void {
    if (this.executions.has(execution)) return;
    const running: StatusEvent = { execution, status: "RUNNING", startedAt: this.time, input };
    this.executions.set(execution, running);
    this.#publish(running);
    const workflow = workflowOf(execution);
    this.peaks.set(workflow, Math.max(this.peaks.get(workflow) ?? 0, this.running(workflow).length));
  }

  #machines(once: Call): Machines {
    return {
      start: ({ execution, input }) => once(async () => this.begin(execution, input)),
      stop: (execution, { name, cause }) =>
        once(async () => this.end(execution, { status: "ABORTED", error: name, cause })),
      answer: (token) =>
        once(async () => {
          const waits =
            !this.answered.has(token) && this.executions.get(token.split(" ")[0] ?? "")?.status === "RUNNING";
          this.answered.add(token);
          return waits ? "answered" : "gone";
        }),
      describe: (execution) => once(async () => this.executions.get(execution)),
      list: (workflow, which) => this.#list(workflow, which),
    };
  }

  async *#list(workflow: string, which: "RUNNING" | { readonly endedSince: number }): AsyncIterable<StatusEvent> {
    const since = which === "RUNNING" ? undefined : which.endedSince;
    for (const event of [...this.executions.values()]) {
      const wanted = since === undefined ? event.status === "RUNNING" : (event.endedAt ?? 0) >= since;
      if (workflowOf(event.execution) === workflow && wanted) yield event;
    }
  }

  #publish(event: StatusEvent): void {
    const { chance, on, made } = this.#faults;
    if (on && chance.hits(LOST_EVENTS)) {
      made.lostEvents += 1;
      return;
    }
    this.events.push(event);
    if (on && chance.hits(DOUBLED_EVENTS)) {
      made.doubledEvents += 1;
      this.events.push(event);
    }
  }
}
