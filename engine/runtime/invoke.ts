import { randomUUID } from "node:crypto";
import { writeProgress } from "../coordination/run-progress.ts";
import { addTags } from "../coordination/run-tags.ts";
import type { Machines } from "../coordination/world.ts";
import { ErrorName, MillraceError, toError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import { runIdOf } from "../model/run-id.ts";
import { renderRunName } from "../model/run-name.ts";
import { stackOf, withWhere, workflowOf } from "../model/wire.ts";
import type { Submitted, SubmitRequest, TaskPayload } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Items } from "../store/items.ts";
import { prefixBlobs, prefixItems } from "../store/prefix.ts";
import { getResult } from "./blob-result.ts";
import type { Attempt } from "./cached.ts";
import { progressOf } from "./progress.ts";
import { runTask, runWithin } from "./run-task.ts";
import { checkTags, inScope, type Scope } from "./scope.ts";
import { taskChildren } from "./task-children.ts";
import { taskLocks } from "./task-locks.ts";
import type { Log, TaskBlobs, TaskRun, TaskScope } from "./task-scope.ts";
import { timeoutSecondsOf, type Task } from "./task.ts";

/** What a platform gives the wrapper. Both ports are whole; the wrapper cuts them to the task's domain. */
export interface TaskHost {
  readonly items: Items;
  readonly blobs: Blobs;
  /** The folder under `functions/` that the task is declared in. */
  readonly domain: string;
  /** `line`: of a flow's own line, which tells it from others. */
  log(run: TaskRun, line?: string): Log;
  now(): number;
  /** Resolves after that many milliseconds, or rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Starts a run as the child of this one. @throws MillraceError as `submit` does */
  submit(request: SubmitRequest, definition: WorkflowDefinition): Promise<Submitted>;
  /** Answers the state of a flow that waits for a lock, which this task passes on to it. */
  readonly answer: Machines["answer"];
  /** The platform's own deadline or shutdown. */
  readonly signal?: AbortSignal;
}

/**
 * One attempt of one task: the wrapper that every platform runs. Adds the flow's tags, checks input and output, holds
 * the result against 256 KiB. What the task throws keeps its name and message, and those of an error that is its cause;
 * its stack ends with the source line.
 */
export async function invokeTask(task: Task, payload: TaskPayload, host: TaskHost): Promise<Json> {
  const run: TaskRun = {
    id: runIdOf(payload.run),
    workflow: workflowOf(payload.run),
    stack: stackOf(payload.run),
    step: payload.step,
    attempt: payload.attempt,
  };
  try {
    if (payload.tags !== undefined && payload.tags.length > 0) {
      checkTags(payload.tags);
      await addTags(host.items, run.id, payload.tags);
    }
    for (const { level, message, fields, at, line } of payload.logs ?? []) {
      host.log({ ...run, step: at }, line)[level](message, fields);
    }
    const timeoutSeconds = payload.timeoutSeconds ?? timeoutSecondsOf(task);
    const scope = taskScope(timeoutSeconds, payload, run, host);
    if (task.options.runName !== undefined) scope.log.info(renderRunName(task.options.runName, payload.input));
    const attempt: Attempt = { host, scope, endsAt: host.now() + timeoutSeconds * 1000, calls: 0 };
    const { value, reference } = await inScope(nested(attempt), () => runTask(task, payload.input, attempt));
    return task.options.resultAs === "blob" && reference !== undefined ? { ...reference } : value;
  } catch (thrown) {
    const error = toError(thrown);
    const cause = Error.isError(error.cause) ? error.cause : undefined;
    if (cause === undefined) delete error.cause; // as on every platform
    error.stack = withWhere(error.stack ?? `${error.name}: ${error.message}`, payload.at, run.stack, run.id, cause);
    throw error;
  }
}

/** A task that calls another task runs it within its own step. */
function nested(attempt: Attempt): Scope {
  const { host, scope } = attempt;
  return {
    call: (task, input) => runWithin(task, input as Json, attempt),
    addTags: (tags) => addTags(host.items, scope.run.id, tags),
    log: scope.log,
    now: scope.now,
    uuid: randomUUID,
    sleep: (milliseconds) => host.sleep(milliseconds, scope.signal),
    reportProgress: progressOf(
      (percent) => writeProgress(host.items, scope.run.id, percent),
      () => host.now(),
    ),
    ...taskChildren(scope, host),
    ...taskLocks(scope, host, attempt.endsAt),
    waitForEvent: () => Promise.reject(notInTask("waitForEvent")),
    sweep: () => Promise.reject(notInTask("sweep")),
  };
}

function notInTask(what: string): MillraceError {
  return new MillraceError(ErrorName.INVALID_REQUEST, `${what}() is a step of a flow: call it there, not in a task.`);
}

function taskScope(timeoutSeconds: number, payload: TaskPayload, run: TaskRun, host: TaskHost): TaskScope {
  const prefix = domainPrefix(host.domain);
  let signal: AbortSignal | undefined;
  return {
    log: host.log(run),
    items: prefixItems(host.items, prefix),
    blobs: taskBlobs(host.blobs, `${host.domain}/`),
    run,
    context: payload.context,
    now: () => host.now(),
    get signal() {
      return (signal ??= deadline(timeoutSeconds, host.signal));
    },
  };
}

/** Where a domain's items lie: the partition keys of its tasks stand behind this. */
export function domainPrefix(domain: string): string {
  return `DOMAIN#${domain}#`;
}

function deadline(seconds: number, platform: AbortSignal | undefined): AbortSignal {
  const own = AbortSignal.timeout(seconds * 1000);
  return platform === undefined ? own : AbortSignal.any([own, platform]);
}

function taskBlobs(blobs: Blobs, prefix: string): TaskBlobs {
  return {
    ...prefixBlobs(blobs, prefix),
    read: async (reference) => {
      const result = await getResult(blobs, reference);
      if (result !== undefined) return result;
      throw new MillraceError(
        ErrorName.INVALID_REQUEST,
        `There is no result of a task at "${reference.blob}": results are kept 90 days. Run the task again.`,
      );
    },
  };
}
