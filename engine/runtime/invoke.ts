import { createHash } from "node:crypto";
import { addTags } from "../coordination/run-tags.ts";
import type { BlobReference } from "../model/blob-reference.ts";
import { ErrorName, MillraceError, toError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import { runIdOf } from "../model/run-id.ts";
import { renderRunName } from "../model/run-name.ts";
import { parse } from "../model/schema.ts";
import {
  INVOKE_ENVELOPE_BYTES,
  PAYLOAD_LIMIT_BYTES,
  RESULT_PREFIX,
  stackOf,
  withWhere,
  workflowOf,
} from "../model/wire.ts";
import type { TaskPayload } from "../model/wire.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Items } from "../store/items.ts";
import { prefixBlobs, prefixItems } from "../store/prefix.ts";
import { checkTags, inScope, type Scope } from "./scope.ts";
import type { Log, TaskBlobs, TaskRun, TaskScope } from "./task-scope.ts";
import { DEFAULT_TIMEOUT_SECONDS, type Task } from "./task.ts";

/** What a platform gives the wrapper. Both ports are whole; the wrapper cuts them to the task's domain. */
export interface TaskHost {
  readonly items: Items;
  readonly blobs: Blobs;
  /** The folder under `functions/` that the task is declared in. */
  readonly domain: string;
  log(run: TaskRun): Log;
  now(): number;
  /** The platform's own deadline or shutdown. */
  readonly signal?: AbortSignal;
}

/**
 * One attempt of one task: the wrapper that every platform runs. Adds the flow's tags, checks input and output, holds
 * the result against 256 KiB. What the task throws keeps its name and message; its stack ends with the source line.
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
    const scope = taskScope(task, payload, run, host);
    if (task.options.runName !== undefined) scope.log.info(renderRunName(task.options.runName, payload.input));
    const result = await inScope(nested(scope, run, host), () => runHandler(task, payload.input, scope));
    return await deliver(task, result, run, host);
  } catch (thrown) {
    const error = toError(thrown);
    error.stack = withWhere(error.stack ?? `${error.name}: ${error.message}`, payload.at, run.stack, run.id);
    throw error;
  }
}

/** Input checked, handler called, output checked. */
async function runHandler(task: Task, given: Json, scope: TaskScope): Promise<Json> {
  const { name, input, output } = task.options;
  const parsed = parse(input, given);
  if (!parsed.ok) {
    throw new MillraceError(ErrorName.INVALID_INPUT, `Task "${name}" does not take this input: ${parsed.problem}.`);
  }
  const result = parse(output, await task.handler(parsed.value, scope));
  if (!result.ok) {
    throw new MillraceError(
      ErrorName.INVALID_OUTPUT,
      `Task "${name}" returned what its output schema refuses: ${result.problem}. Change the task or its schema.`,
    );
  }
  return result.value as Json;
}

/** A task that calls another task runs it within its own step. */
function nested(scope: TaskScope, run: TaskRun, host: TaskHost): Scope {
  return {
    call: (task, input) => runHandler(task, input as Json, scope),
    addTags: (tags) => addTags(host.items, run.id, tags),
  };
}

function taskScope(task: Task, payload: TaskPayload, run: TaskRun, host: TaskHost): TaskScope {
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
      return (signal ??= deadline(task, host.signal));
    },
  };
}

/** Where a domain's items lie: the partition keys of its tasks stand behind this. */
export function domainPrefix(domain: string): string {
  return `DOMAIN#${domain}#`;
}

function deadline(task: Task, platform: AbortSignal | undefined): AbortSignal {
  const own = AbortSignal.timeout((task.options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000);
  return platform === undefined ? own : AbortSignal.any([own, platform]);
}

function taskBlobs(blobs: Blobs, prefix: string): TaskBlobs {
  return {
    ...prefixBlobs(blobs, prefix),
    read: async (reference) => {
      // Another domain's blobs are none of this task's business, whatever a reference says.
      const own = reference.blob.startsWith(RESULT_PREFIX);
      const bytes = own ? await blobs.get(reference.blob) : undefined;
      if (bytes !== undefined) return JSON.parse(Buffer.from(bytes).toString("utf8")) as Json;
      throw new MillraceError(
        ErrorName.INVALID_REQUEST,
        `There is no result of a task at "${reference.blob}": results are kept 90 days. Run the task again.`,
      );
    },
  };
}

/** The result as it crosses to the machine: itself, or a reference to it in the blob store. */
async function deliver(task: Task, result: Json, run: TaskRun, host: TaskHost): Promise<Json> {
  const text = JSON.stringify(result) ?? "null";
  if (task.options.resultAs === "blob") {
    const bytes = Buffer.from(text, "utf8");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const reference: BlobReference = { blob: `${RESULT_PREFIX}${run.id}/${sha256}`, size: bytes.length, sha256 };
    await host.blobs.put(reference.blob, bytes);
    return { ...reference };
  }
  const size = Buffer.byteLength(text, "utf8");
  if (size + INVOKE_ENVELOPE_BYTES > PAYLOAD_LIMIT_BYTES) {
    throw new MillraceError(
      ErrorName.RESULT_TOO_LARGE,
      `Task "${task.options.name}" returned ${size} bytes; a result may have ${PAYLOAD_LIMIT_BYTES - INVOKE_ENVELOPE_BYTES}. Return less, or declare resultAs: "blob".`,
    );
  }
  return JSON.parse(text) as Json;
}
