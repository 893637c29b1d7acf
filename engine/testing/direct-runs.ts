import { setImmediate } from "node:timers/promises";
import { runKey } from "../coordination/keys.ts";
import { endAttributes, type RunEnd } from "../coordination/run-end.ts";
import { getRun, tagsOf } from "../coordination/run-record.ts";
import { addTags } from "../coordination/run-tags.ts";
import { ErrorName, MillraceError, toError } from "../model/errors.ts";
import { overTheWire, type Json, type JsonObject } from "../model/json.ts";
import { NOT_RETRIED } from "../model/retry.ts";
import { hashedRunId, idempotentRunId } from "../model/run-id.ts";
import type { LogLine } from "../model/run.ts";
import { NOTHING_SWEPT } from "../model/sweep.ts";
import { executionArn, type RunContext, type Submitted, type SubmitRequest, type TaskPayload } from "../model/wire.ts";
import { checkParameters, type WorkflowDefinition } from "../model/workflow.ts";
import { invokeTask, type TaskHost } from "../runtime/invoke.ts";
import { checkTags, inScope, type Scope } from "../runtime/scope.ts";
import type { Log, TaskRun } from "../runtime/task-scope.ts";
import { taskChildren } from "../runtime/task-children.ts";
import { taskLocks } from "../runtime/task-locks.ts";
import type { Task } from "../runtime/task.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Items } from "../store/items.ts";
import type { Trace } from "./trace.ts";

export type Flow = (parameters: never) => Promise<unknown>;

interface Given {
  readonly items: Items;
  readonly blobs: Blobs;
  readonly now: () => number;
  readonly workflows: { readonly [workflow: string]: Flow };
  readonly trace: Trace;
}

/** Numbers the runs, so that two of them over the same ports are two. */
let runs = 0;

function newId(): string {
  return hashedRunId(`direct ${(runs += 1)}`);
}

/** Flows run as plain functions, and their children in them, over one pair of ports. */
export class DirectRuns {
  readonly #given: Given;
  readonly #host: TaskHost;
  /** Milliseconds that somebody has slept: no time passes otherwise. */
  #slept = 0;

  constructor(given: Given) {
    this.#given = given;
    const now = (): number => given.now() + this.#slept;
    this.#host = {
      ...given,
      now,
      domain: "direct",
      log: (run) => traceLog(given.trace, run, now),
      sleep: async (milliseconds) => {
        this.#slept += milliseconds;
        await setImmediate();
      },
      submit: (request, definition) => this.#submit(request, definition),
      answer: () => Promise.resolve("gone"),
    };
  }

  async run(flow: Flow, parameters: unknown, context: RunContext): Promise<Json> {
    const id = newId();
    try {
      return await this.#call(flow, id, "flow", parameters, context);
    } finally {
      const record = await this.#given.items.get(runKey(id));
      for (const tag of record === undefined ? [] : tagsOf(record)) this.#given.trace.tags.add(tag);
    }
  }

  async #call(flow: Flow, id: string, workflow: string, parameters: unknown, context: RunContext): Promise<Json> {
    const { items } = this.#given;
    const execution = executionOf(workflow, id);
    const run: TaskRun = { id, workflow, stack: "direct", step: workflow, attempt: 1 };
    const parent = { run, context, signal: NEVER, log: this.#host.log(run) };
    const scope: Scope = {
      call: (task, input) => this.#callTask(task, { input: overTheWire(input), run: execution, context }),
      addTags: async (tags) => {
        checkTags(tags);
        await addTags(items, id, tags);
      },
      ...taskChildren(parent, this.#host),
      ...taskLocks(parent, this.#host, Number.MAX_SAFE_INTEGER),
      sideBySide: true,
      sweep: () => Promise.resolve(NOTHING_SWEPT),
    };
    return overTheWire(await inScope(scope, () => flow(overTheWire(parameters) as never)));
  }

  async #callTask(task: Task, call: Pick<TaskPayload, "input" | "run" | "context">): Promise<Json> {
    const { calls } = this.#given.trace;
    const { name, retries = 0 } = task.options;
    const { input } = call;
    for (let attempt = 1; ; attempt += 1) {
      const payload: TaskPayload = { ...call, task: name, step: name, at: "functions/direct:1", attempt };
      try {
        const result = await invokeTask(task, payload, this.#host);
        calls.push({ task: name, input, attempt, result });
        return result;
      } catch (error) {
        const failed = (error as Error).name;
        calls.push({ task: name, input, attempt, error: failed });
        if (attempt > retries || NOT_RETRIED.some((refused) => refused === failed)) throw error;
      }
    }
  }

  /** A child has ended when its submit answers. */
  async #submit(request: SubmitRequest, definition: WorkflowDefinition): Promise<Submitted> {
    const { items, workflows, trace } = this.#given;
    const { workflow, idempotencyKey: key, context = {} } = request;
    const id = key === undefined ? newId() : idempotentRunId(workflow, key);
    const submitted = { id, execution: executionOf(workflow, id) };
    if ((await getRun(items, id)) !== undefined) return { ...submitted, existing: true };
    const flow = workflows[workflow];
    if (flow === undefined) throw missing(workflow);
    const parameters = checkParameters(definition, request.parameters);
    const createdAt = this.#host.now();
    const child = { id, workflow, parameters };
    let end: RunEnd;
    try {
      const result = await this.#call(flow, id, workflow, parameters, context);
      trace.children.push({ ...child, result });
      end = { state: "completed", output: result, endedAt: this.#host.now() };
    } catch (thrown) {
      const { name, message } = toError(thrown);
      trace.children.push({ ...child, error: name });
      end = { state: "failed", error: { name, message }, endedAt: this.#host.now() };
    }
    const { execution } = submitted;
    const facts = { workflow, name: workflow, execution, context: { ...context }, parameters, createdAt };
    const whole = end.output === undefined ? {} : { result: end.output };
    await items.update(runKey(id), { set: { ...facts, ...endAttributes(end), ...whole } });
    return { ...submitted, existing: false };
  }
}

const NEVER = new AbortController().signal;

function executionOf(workflow: string, id: string): string {
  return executionArn("direct", "000000000000", "direct", workflow, id);
}

function missing(workflow: string): MillraceError {
  return new MillraceError(
    ErrorName.WORKFLOW_NOT_FOUND,
    `The flow starts the workflow "${workflow}", whose flow direct(…) was not given. Pass it: direct(flow, parameters, { workflows: { "${workflow}": itsFlow } }).`,
  );
}

function traceLog(trace: Trace, run: TaskRun, now: () => number): Log {
  const line = (level: LogLine["level"]) => (message: string, fields?: JsonObject) => {
    trace.logs.push({ time: now(), level, message, step: run.step, ...(fields === undefined ? {} : { fields }) });
  };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
