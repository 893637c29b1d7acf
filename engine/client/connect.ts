import { getRun as readRecord } from "../coordination/run-record.ts";
import { countRuns, type RunCount } from "../coordination/run-count.ts";
import { queryRuns, type RunPage } from "../coordination/run-index.ts";
import type { RunFilter, RunQuery } from "../coordination/run-query.ts";
import { eventsOf } from "../coordination/events.ts";
import { ErrorName, MillraceError, RunFailed, type RunError } from "../model/errors.ts";
import type { EventAnswer, WaitingEvent } from "../model/event.ts";
import type { Priority } from "../model/limit.ts";
import { parse, type Input, type Output, type Schema } from "../model/schema.ts";
import { isEnded, type LogLine, type Run, type Step, type WorkflowInfo } from "../model/run.ts";
import type { RunContext, Submitted } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { batchOf, type Batch, type BatchOptions } from "./batch.ts";
import { submitBulk, type SubmitOutcome } from "./bulk.ts";
import { endedRun, endOfExecution, wholeRun, type Ended } from "./ended-run.ts";
import type { Execution, Platform } from "./platform.ts";
import { requestOf } from "./request.ts";

export interface SubmitOptions<P extends Schema> {
  readonly parameters: Input<P>;
  /** Beside the workflow's own. */
  readonly tags?: readonly string[];
  readonly context?: RunContext;
  /** Its place in the line of a limit; else the context's, else the workflow's own, else `medium`. */
  readonly priority?: Priority;
  /** The same key answers with the same run. */
  readonly idempotencyKey?: string;
  /** Start then, in milliseconds since the epoch, within a year; at once where it is left out or over. */
  readonly startAt?: number;
}

export interface WaitOptions {
  /** Stop waiting after this long; the run goes on. Without it the wait has no end. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

/** What a program does with workflows, the same on every platform. */
export interface Workflows {
  /** Returns when the run is recorded and started. @throws MillraceError `InvalidParameters`, `Conflict`, … */
  submitWorkflow<P extends Schema, R extends Schema>(
    workflow: WorkflowDefinition<P, R>,
    options: SubmitOptions<P>,
  ): Promise<WorkflowInfo>;
  /**
   * Submits up to 1,000 runs; answers with the outcome of each, in order. When one entry is wrong, nothing is submitted.
   * @throws MillraceError `InvalidRequest`, `InvalidParameters`, `Conflict`
   */
  submitWorkflows<P extends Schema, R extends Schema>(
    workflow: WorkflowDefinition<P, R>,
    list: readonly SubmitOptions<P>[],
  ): Promise<SubmitOutcome[]>;
  /**
   * Submits and waits for the result.
   * @throws RunFailed with the name and message of the error that ended the run; MillraceError `RunCancelled`,
   * `RunTimedOut`, `WaitTimedOut`
   */
  executeWorkflow<P extends Schema, R extends Schema>(
    workflow: WorkflowDefinition<P, R>,
    options: SubmitOptions<P> & WaitOptions,
  ): Promise<Output<R>>;
  /** @throws MillraceError `RunNotFound` */
  getRun(id: string): Promise<Run>;
  /** The run when it has ended, however it ended. */
  waitForRun(id: string, options?: WaitOptions): Promise<Run>;
  /**
   * Cancels a run with the children that it executes. A run that waits is `cancelled` at once; one that runs is stopped, and
   * its state follows. @throws MillraceError `RunNotFound`, `RunEnded`
   */
  cancelRun(id: string): Promise<Run>;
  /** A new run from the parameters of one that has ended. @throws MillraceError `RunNotFound`, `Conflict` */
  retryRun(id: string): Promise<WorkflowInfo>;
  /**
   * Answers a step that waits for an event, `{ value }` or `{ error: { name, message } }`; the same answer again changes
   * nothing. @throws MillraceError `RunNotFound`, `RunEnded`, `NotWaiting`, `InvalidAnswer`, `AlreadyAnswered`
   */
  answer(id: string, step: string, answer: EventAnswer): Promise<void>;
  /** The steps that wait for answers. */
  waitingEvents(id: string): Promise<WaitingEvent[]>;
  /** @throws MillraceError `InvalidRequest` */
  queryRuns(query?: RunQuery): Promise<RunPage>;
  /** How many runs match, exact to 1,000. @throws MillraceError `InvalidRequest` */
  countRuns(filter?: RunFilter): Promise<RunCount>;
  /** A batch whose workflows are executed here. @throws MillraceError `InvalidRequest` */
  createBatch<R = unknown, N = unknown>(options?: BatchOptions): Batch<R, N>;
  steps(id: string): Promise<Step[]>;
  logs(id: string): Promise<LogLine[]>;
  close(): Promise<void>;
}

/** Chooses where runs live, once, where a program starts: `connect(local())` or `connect(aws({ stack: "millrace" }))`. */
export function connect(platform: Platform): Workflows {
  async function start<P extends Schema, R extends Schema>(
    workflow: WorkflowDefinition<P, R>,
    options: SubmitOptions<P>,
  ): Promise<Submitted> {
    return platform.submit(workflow, requestOf(workflow, options));
  }

  async function recordOf(id: string): Promise<Run> {
    const run = await readRecord(platform.items, id);
    if (run === undefined) {
      throw new MillraceError(
        ErrorName.RUN_NOT_FOUND,
        `There is no run "${id}" on the platform "${platform.name}". \`millrace runs\` lists them.`,
      );
    }
    return run;
  }

  /** With what is above 32 KiB, which the record leaves with the execution. */
  async function getRun(id: string): Promise<Run> {
    const run = await recordOf(id);
    const whole = run.parameters !== undefined && (run.state !== "completed" || run.result !== undefined);
    const execution = whole ? undefined : await platform.describe(run.execution);
    return execution === undefined ? run : wholeRun(run, execution);
  }

  async function waitForRun(id: string, options: WaitOptions = {}): Promise<Run> {
    const { run, execution } = await ended(platform, recordOf, id, options);
    return execution === undefined ? getRun(id) : wholeRun(endedRun(run, execution), execution);
  }

  async function executeWorkflow<P extends Schema, R extends Schema>(
    workflow: WorkflowDefinition<P, R>,
    options: SubmitOptions<P> & WaitOptions,
  ): Promise<Output<R>> {
    const { id, execution, existing } = await start(workflow, options);
    // A new run that starts at once is its execution, and its record need not be read.
    const atOnce = !existing && workflow.concurrencyLimit === undefined && options.startAt === undefined;
    const end = atOnce
      ? endOfExecution(await waiting(id, options, (signal) => platform.ended(execution, signal)))
      : await waitForRun(id, options);
    return resultOf(workflow, id, end);
  }

  return {
    submitWorkflow: async (workflow, options) => ({ id: (await start(workflow, options)).id }),
    submitWorkflows: (workflow, list) => submitBulk(platform, workflow, list),
    executeWorkflow,
    getRun,
    waitForRun,
    cancelRun: (id) => platform.cancel(id),
    retryRun: async (id) => ({ id: (await platform.retry(id)).id }),
    answer: async (id, step, answer) => void (await platform.answer(id, step, answer)),
    waitingEvents: (id) => eventsOf(platform.items, id, platform.now()),
    queryRuns: (query = {}) => queryRuns(platform.items, query, platform.now()),
    countRuns: (filter = {}) => countRuns(platform.items, filter, platform.now()),
    createBatch: (options = {}) =>
      batchOf((workflow, given, signal) => executeWorkflow(workflow, { ...given, signal }), options),
    steps: async (id) => platform.steps(await recordOf(id)),
    logs: async (id) => platform.logs(await recordOf(id)),
    close: () => platform.close(),
  };
}

/** How long a run that waits is looked at again after, at first and at the most. */
const LOOK_MS = { first: 100, most: 2_000 };
/** How long the end of an execution is waited for before the record is read again, which may have ended without one. */
const WATCH_MS = 15_000;

/** The run when it has ended, and its execution where that told so. */
function ended(
  platform: Platform,
  recordOf: (id: string) => Promise<Run>,
  id: string,
  options: WaitOptions,
): Promise<{ readonly run: Run; readonly execution?: Execution }> {
  return waiting(id, options, async (signal) => {
    for (let pause = LOOK_MS.first; ; pause = Math.min(2 * pause, LOOK_MS.most)) {
      const run = await recordOf(id);
      if (isEnded(run.state)) return { run };
      if (run.state === "running") {
        const execution = await endedExecution(platform, run.execution, signal);
        if (execution !== undefined) return { run: await recordOf(id), execution };
      } else await platform.sleep(pause, signal);
    }
  });
}

/** Waits as long as the caller wants. @throws MillraceError `WaitTimedOut`; the reason of the caller's own signal */
async function waiting<T>(
  id: string,
  { timeoutSeconds, signal }: WaitOptions,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    return await wait(AbortSignal.any([signal, limit].filter((one) => one !== undefined)));
  } catch (error) {
    if (limit?.aborted !== true || signal?.aborted === true) throw error;
    throw new MillraceError(
      ErrorName.WAIT_TIMED_OUT,
      `Run ${id} has not ended after ${timeoutSeconds} s. It goes on: \`millrace show ${id}\` shows where it is.`,
    );
  }
}

async function endedExecution(
  platform: Platform,
  execution: string,
  signal: AbortSignal,
): Promise<Execution | undefined> {
  const watched = AbortSignal.timeout(WATCH_MS);
  try {
    return await platform.ended(execution, AbortSignal.any([signal, watched]));
  } catch (error) {
    if (watched.aborted && !signal.aborted) return undefined;
    throw error;
  }
}

function resultOf<R extends Schema>(workflow: WorkflowDefinition<Schema, R>, id: string, end: Run | Ended): Output<R> {
  if (end.state === "cancelled") throw cancelled(id, end.error);
  if (end.state === "timed-out") {
    throw new MillraceError(ErrorName.RUN_TIMED_OUT, `Run ${id} timed out: ${end.error.message}`);
  }
  if (end.state === "failed") throw new RunFailed(id, end.error);
  const parsed = parse(workflow.result, end.state === "completed" ? (end.result ?? null) : null);
  if (parsed.ok) return parsed.value;
  throw new MillraceError(
    ErrorName.INVALID_OUTPUT,
    `Run ${id} of "${workflow.name}" returned what the workflow's result schema refuses: ${parsed.problem}.`,
  );
}

/** A limit says itself why the run did not start. */
function cancelled(id: string, { name, message }: RunError): MillraceError {
  const own = name === ErrorName.LIMIT_REACHED || name === ErrorName.QUEUE_TIMED_OUT ? name : ErrorName.RUN_CANCELLED;
  return new MillraceError(own, `Run ${id} was cancelled: ${message}`);
}
