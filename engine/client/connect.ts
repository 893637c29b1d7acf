import { getRun as readRecord } from "../coordination/run-record.ts";
import { queryRuns, type RunPage, type RunQuery } from "../coordination/run-index.ts";
import { ErrorName, MillraceError, RunFailed } from "../model/errors.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { parse, type Input, type Output, type Schema } from "../model/schema.ts";
import { isEnded, type LogLine, type Run, type Step, type WorkflowInfo } from "../model/run.ts";
import type { RunContext, Submitted } from "../model/wire.ts";
import { checkParameters, type WorkflowDefinition } from "../model/workflow.ts";
import { endedRun, wholeRun } from "./ended-run.ts";
import type { Execution, Platform } from "./platform.ts";

export interface SubmitOptions<P extends Schema> {
  readonly parameters: Input<P>;
  /** Beside the workflow's own. */
  readonly tags?: readonly string[];
  readonly context?: RunContext;
  /** The same key answers with the same run. */
  readonly idempotencyKey?: string;
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
  queryRuns(query?: RunQuery): Promise<RunPage>;
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
    const { parameters, tags, context, idempotencyKey } = options;
    checkParameters(workflow, parameters);
    return platform.submit(workflow, {
      workflow: workflow.name,
      parameters: JSON.parse(JSON.stringify(parameters)) as JsonObject,
      ...(tags === undefined ? {} : { tags }),
      ...(context === undefined ? {} : { context }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
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
    const run = await recordOf(id);
    if (isEnded(run.state)) return getRun(id);
    const execution = await wait(platform, run.execution, id, options);
    return wholeRun(endedRun(await recordOf(id), execution), execution);
  }

  return {
    submitWorkflow: async (workflow, options) => ({ id: (await start(workflow, options)).id }),
    executeWorkflow: async (workflow, options) => {
      const { id, execution } = await start(workflow, options);
      return resultOf(workflow, id, await wait(platform, execution, id, options));
    },
    getRun,
    waitForRun,
    queryRuns: (query = {}) => queryRuns(platform.items, query, platform.now()),
    steps: async (id) => platform.steps(await recordOf(id)),
    logs: async (id) => platform.logs(await recordOf(id)),
    close: () => platform.close(),
  };
}

async function wait(platform: Platform, execution: string, id: string, options: WaitOptions): Promise<Execution> {
  const { timeoutSeconds, signal } = options;
  const limit = timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000);
  const signals = [signal, limit].filter((one) => one !== undefined);
  try {
    return await platform.ended(execution, AbortSignal.any(signals));
  } catch (error) {
    if (limit?.aborted !== true || signal?.aborted === true) throw error;
    throw new MillraceError(
      ErrorName.WAIT_TIMED_OUT,
      `Run ${id} has not ended after ${timeoutSeconds} s. It goes on: \`millrace show ${id}\` shows where it is.`,
    );
  }
}

function resultOf<R extends Schema>(workflow: WorkflowDefinition<Schema, R>, id: string, ended: Execution): Output<R> {
  const { error } = ended;
  const message = error?.message ?? `Run ${id} ended without a result.`;
  if (ended.status === "ABORTED" && error?.name !== ErrorName.INVALID_PARAMETERS) {
    throw new MillraceError(ErrorName.RUN_CANCELLED, `Run ${id} was cancelled: ${message}`);
  }
  if (ended.status === "TIMED_OUT") throw new MillraceError(ErrorName.RUN_TIMED_OUT, `Run ${id} timed out: ${message}`);
  if (ended.status !== "SUCCEEDED") throw new RunFailed(id, error ?? { name: "Error", message });
  const output: Json = ended.output ?? null;
  const parsed = parse(workflow.result, output);
  if (parsed.ok) return parsed.value;
  throw new MillraceError(
    ErrorName.INVALID_OUTPUT,
    `Run ${id} of "${workflow.name}" returned what the workflow's result schema refuses: ${parsed.problem}.`,
  );
}
