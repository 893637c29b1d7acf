import { retriers } from "../compiler/emit-call.ts";
import { nextRetry } from "../local/machine/retry.ts";
import { unlessAborted } from "../local/machine/stop.ts";
import { toError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import type { TaskPayload } from "../model/wire.ts";
import { invokeTask, type TaskHost } from "../runtime/invoke.ts";
import { timeoutSecondsOf, type Task } from "../runtime/task.ts";
import { across } from "./boundary.ts";
import { crashed, timedOut, type FaultInjector } from "./faults.ts";
import type { FlowTime } from "./flow-time.ts";
import type { Trace } from "./trace.ts";

interface Given {
  readonly host: TaskHost;
  readonly time: FlowTime;
  readonly trace: Trace;
  /** The task, or its fake. */
  readonly standIn: (task: Task) => Task;
  readonly faultOf: FaultInjector;
  readonly random: () => number;
}

type Call = Pick<TaskPayload, "input" | "run" | "context">;

/** Calls of tasks as a machine makes them: each in attempts, by the very retriers that the compiler writes for it. */
export class TaskCalls {
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  /** @throws what the last attempt failed with */
  async call(called: Task, call: Call): Promise<Json> {
    const { time, trace, standIn, random } = this.#given;
    const task = standIn(called);
    const { name, retries = 0, retryDelaySeconds = 0, retryBackoff = 1 } = task.options;
    const options = { ...task.options, retries, retryDelaySeconds, retryBackoff };
    const declared = retriers({ ...options, timeoutSeconds: timeoutSecondsOf(task) });
    const taken: number[] = [];
    for (let attempt = 1; ; attempt += 1) {
      const told = { task: name, input: call.input, attempt };
      try {
        const payload = { ...call, task: name, step: name, at: "functions/direct:1", attempt };
        const result = await this.#attempt(task, payload, attempt > retries);
        trace.events.push({ at: time.now(), call: { ...told, result } });
        return result;
      } catch (thrown) {
        const error = toError(thrown);
        trace.events.push({ at: time.now(), call: { ...told, error: error.name } });
        const retry = nextRetry(declared, taken, error.name, random);
        if (retry === undefined) throw error;
        taken.push(retry.retrier);
        await time.sleep(retry.milliseconds);
      }
    }
  }

  async #attempt(task: Task, payload: TaskPayload, isLast: boolean): Promise<Json> {
    const { time, faultOf } = this.#given;
    const fault = faultOf(task, payload.attempt, isLast);
    if (fault instanceof Error) throw fault;
    if (fault === "timeout") {
      await time.sleep(timeoutSecondsOf(task) * 1000);
      throw timedOut(task);
    }
    const result = await time.working(() => this.#invoke(task, across(payload, `Payload of task "${payload.task}"`)));
    if (fault === "crash-after-commit") throw crashed(task);
    return across(result, `Result of task "${payload.task}"`);
  }

  /** Ends at the task's timeout, where so much time passes beside it. */
  async #invoke(task: Task, payload: TaskPayload): Promise<Json> {
    const { host, time } = this.#given;
    const late = new AbortController();
    const stop = time.alarm(timeoutSecondsOf(task) * 1000, () => late.abort(timedOut(task)));
    try {
      return await unlessAborted(invokeTask(task, payload, { ...host, signal: late.signal }), late.signal);
    } finally {
      stop();
    }
  }
}
