import { runKey } from "../coordination/keys.ts";
import { endAttributes, type RunEnd } from "../coordination/run-end.ts";
import { getRun, tagsOf } from "../coordination/run-record.ts";
import { ErrorName, MillraceError, toError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import { hashedRunId, idempotentRunId } from "../model/run-id.ts";
import { executionArn, type RunContext, type Submitted, type SubmitRequest } from "../model/wire.ts";
import { checkParameters, type WorkflowDefinition } from "../model/workflow.ts";
import type { TaskHost } from "../runtime/invoke.ts";
import { inScope } from "../runtime/scope.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Items } from "../store/items.ts";
import { across, fromFlow } from "./boundary.ts";
import { standIns, type Fake } from "./fake.ts";
import type { FaultInjector } from "./faults.ts";
import { FlowEvents, type EventAnswers } from "./flow-events.ts";
import { explained, notAwaited } from "./flow-mistake.ts";
import { flowScope, type DirectRun } from "./flow-scope.ts";
import type { FlowTime } from "./flow-time.ts";
import { seededRandom, seededUuids } from "./seeded-random.ts";
import { TaskCalls } from "./task-calls.ts";
import { traceLog, type ChildRun, type Trace } from "./trace.ts";
import { Watch } from "./watched.ts";

export type Flow = (parameters: never) => Promise<unknown>;

interface Given {
  readonly items: Items;
  readonly blobs: Blobs;
  readonly time: FlowTime;
  readonly workflows: { readonly [workflow: string]: Flow };
  readonly fakes: readonly Fake[];
  readonly answers: EventAnswers;
  readonly faultOf: FaultInjector;
  readonly trace: Trace;
}

/** Numbers the runs, so that two of them over the same ports are two. */
let runs = 0;

function newId(): string {
  return hashedRunId(`direct ${(runs += 1)}`);
}

/** Flows run as plain functions, and their children in them, over one pair of ports and one clock. */
export class DirectRuns {
  readonly #given: Given;
  readonly #host: TaskHost;
  readonly #tasks: TaskCalls;
  readonly #events: FlowEvents;
  readonly #uuid = seededUuids(1);

  constructor(given: Given) {
    const { time, trace, fakes, answers, faultOf, blobs } = given;
    this.#given = given;
    this.#host = {
      ...given,
      now: () => time.now(),
      domain: "direct",
      log: (run) => traceLog(trace, run.step, () => time.now()),
      sleep: (milliseconds, signal) => time.sleep(milliseconds, signal),
      submit: (request, definition) => this.#submit(request, definition),
      answer: () => Promise.resolve("gone"),
    };
    const host: TaskHost = {
      ...this.#host,
      sleep: (milliseconds, signal) => time.waiting(() => time.sleep(milliseconds, signal)),
      submit: (request, definition) => time.waiting(() => this.#submit(request, definition)),
    };
    this.#events = new FlowEvents(answers, time, trace);
    const standIn = standIns(fakes, blobs);
    this.#tasks = new TaskCalls({ host, time, trace, standIn, faultOf, random: seededRandom(1) });
  }

  /** @throws what the flow throws */
  async run(flow: Flow, workflow: string, parameters: unknown, context: RunContext): Promise<Json> {
    const id = newId();
    try {
      return await this.#call(flow, { id, workflow, context }, parameters);
    } finally {
      const record = await this.#given.items.get(runKey(id));
      for (const tag of record === undefined ? [] : tagsOf(record)) this.#given.trace.tags.add(tag);
    }
  }

  async #call(flow: Flow, run: Omit<DirectRun, "execution">, parameters: unknown): Promise<Json> {
    const { time, trace } = this.#given;
    const watch = new Watch();
    const direct = { ...run, execution: executionOf(run.workflow, run.id) };
    const of = { host: this.#host, tasks: this.#tasks, events: this.#events, time, trace, watch, uuid: this.#uuid };
    let result: unknown;
    try {
      result = await inScope(flowScope(direct, of), () => flow(across<never>(parameters, "The parameters")));
    } catch (thrown) {
      throw explained(thrown);
    }
    const { forgotten } = watch;
    if (forgotten.length > 0) throw notAwaited(forgotten);
    return across(fromFlow(result), "The result of the flow");
  }

  /** A child has ended when its submit answers. */
  async #submit(request: SubmitRequest, definition: WorkflowDefinition): Promise<Submitted> {
    const { items, workflows } = this.#given;
    const { workflow, idempotencyKey: key, context = {} } = request;
    const id = key === undefined ? newId() : idempotentRunId(workflow, key);
    const execution = executionOf(workflow, id);
    if ((await getRun(items, id)) !== undefined) return { id, execution, existing: true };
    const flow = workflows[workflow];
    if (flow === undefined) throw missing(workflow);
    const parameters = checkParameters(definition, request.parameters);
    const createdAt = this.#host.now();
    const end = await this.#end(this.#call(flow, { id, workflow, context }, parameters), { id, workflow, parameters });
    const facts = { workflow, name: workflow, execution, context: { ...context }, parameters, createdAt };
    const whole = end.output === undefined ? {} : { result: end.output };
    await items.update(runKey(id), { set: { ...facts, ...endAttributes(end), ...whole } });
    return { id, execution, existing: false };
  }

  async #end(run: Promise<Json>, child: Pick<ChildRun, "id" | "workflow" | "parameters">): Promise<RunEnd> {
    const tell = (ended: Pick<ChildRun, "result" | "error">): number => {
      const at = this.#host.now();
      this.#given.trace.events.push({ at, child: { ...child, ...ended } });
      return at;
    };
    try {
      const result = await run;
      return { state: "completed", output: result, endedAt: tell({ result }) };
    } catch (thrown) {
      const { name, message } = toError(thrown);
      return { state: "failed", error: { name, message }, endedAt: tell({ error: name }) };
    }
  }
}

function executionOf(workflow: string, id: string): string {
  return executionArn("direct", "000000000000", "direct", workflow, id);
}

function missing(workflow: string): MillraceError {
  return new MillraceError(
    ErrorName.WORKFLOW_NOT_FOUND,
    `The flow starts the workflow "${workflow}", whose flow direct(…) was not given. Pass it: direct(flow, parameters, { workflows: { "${workflow}": itsFlow } }).`,
  );
}
