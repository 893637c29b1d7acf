import { runKey } from "../coordination/keys.ts";
import { addTags } from "../coordination/run-tags.ts";
import { overTheWire, type Json, type JsonObject } from "../model/json.ts";
import { hashedRunId } from "../model/run-id.ts";
import type { LogLine } from "../model/run.ts";
import { executionArn, type RunContext, type TaskPayload } from "../model/wire.ts";
import { invokeTask, type TaskHost } from "../runtime/invoke.ts";
import { NOT_RETRIED } from "../model/retry.ts";
import { checkTags, inScope, type Scope } from "../runtime/scope.ts";
import type { Log, TaskRun } from "../runtime/task-scope.ts";
import type { Task } from "../runtime/task.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Items } from "../store/items.ts";
import { memoryBlobs } from "./memory-blobs.ts";
import { memoryItems } from "./memory-items.ts";

export interface DirectOptions {
  /** In memory and empty where they are left out. */
  readonly items?: Items;
  readonly blobs?: Blobs;
  readonly context?: RunContext;
  /** Milliseconds since the epoch; 0 where it is left out. */
  readonly now?: () => number;
  /** Is filled while the flow runs, also when it throws. */
  readonly trace?: Trace;
}

/** What a flow did: its task calls in order (each attempt), its tags, its log lines. */
export interface Trace {
  readonly calls: TaskCall[];
  readonly tags: Set<string>;
  readonly logs: LogLine[];
}

export interface TaskCall {
  readonly task: string;
  readonly input: Json;
  /** 1 for the first. */
  readonly attempt: number;
  readonly result?: Json;
  /** The error's name. */
  readonly error?: string;
}

export function newTrace(): Trace {
  return { calls: [], tags: new Set(), logs: [] };
}

/** Numbers the calls, so that two of them over the same ports are two runs. */
let calls = 0;

function newRun(): { readonly id: string; readonly execution: string } {
  const id = hashedRunId(`direct ${(calls += 1)}`);
  return { id, execution: executionArn("direct", "000000000000", "direct", "flow", id) };
}

/**
 * Calls a flow as the plain function that it is. Inputs and results of its tasks take a trip through JSON, tasks are
 * retried as declared without waiting, and all domains share one pair of ports. Throws what the flow throws.
 */
export async function direct<P, R>(
  flow: (parameters: P) => Promise<R>,
  parameters: P,
  options: DirectOptions = {},
): Promise<R> {
  const { items = memoryItems(), blobs = memoryBlobs(), context = {}, now = () => 0, trace = newTrace() } = options;
  const { id, execution } = newRun();
  const host: TaskHost = { items, blobs, domain: "direct", now, log: (run) => traceLog(trace, run, now) };
  const scope: Scope = {
    call: (task, input) => callWithRetries(task, { input: overTheWire(input), run: execution, context }, host, trace),
    addTags: async (tags) => {
      checkTags(tags);
      await addTags(items, id, tags);
    },
  };
  try {
    return overTheWire(await inScope(scope, () => flow(overTheWire(parameters) as P))) as R;
  } finally {
    const tags = (await items.get(runKey(id)))?.["tags"];
    if (tags instanceof Set) for (const tag of tags as ReadonlySet<string>) trace.tags.add(tag);
  }
}

async function callWithRetries(
  task: Task,
  call: Pick<TaskPayload, "input" | "run" | "context">,
  host: TaskHost,
  trace: Trace,
): Promise<Json> {
  const { name, retries = 0 } = task.options;
  const { input } = call;
  for (let attempt = 1; ; attempt += 1) {
    const payload: TaskPayload = { ...call, task: name, step: name, at: "functions/direct:1", attempt };
    try {
      const result = await invokeTask(task, payload, host);
      trace.calls.push({ task: name, input, attempt, result });
      return result;
    } catch (error) {
      const failed = (error as Error).name;
      trace.calls.push({ task: name, input, attempt, error: failed });
      if (attempt > retries || NOT_RETRIED.some((refused) => refused === failed)) throw error;
    }
  }
}

function traceLog(trace: Trace, run: TaskRun, now: () => number): Log {
  const line = (level: LogLine["level"]) => (message: string, fields?: JsonObject) => {
    trace.logs.push({ time: now(), level, message, step: run.step, ...(fields === undefined ? {} : { fields }) });
  };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
