import { ErrorName, MillraceError } from "../model/errors.ts";
import { overTheWire, type Json } from "../model/json.ts";
import { parse } from "../model/schema.ts";
import { INVOKE_ENVELOPE_BYTES, PAYLOAD_LIMIT_BYTES } from "../model/wire.ts";
import { putResult } from "./blob-result.ts";
import { cached, type Attempt, type TaskResult } from "./cached.ts";
import type { TaskScope } from "./task-scope.ts";
import type { Task } from "./task.ts";

/** A task as a step of its own: from its cache, or run. Its result is small enough to leave the step, or a reference. */
export async function runTask(task: Task, given: Json, attempt: Attempt): Promise<TaskResult> {
  const input = checkedInput(task, given);
  const body = async (): Promise<TaskResult> => deliver(task, await runHandler(task, input, attempt.scope), attempt);
  const { cache } = task.options;
  return cache === undefined ? body() : cached(task, cache, overTheWire(input), attempt, body);
}

/** A task within the step of the task that calls it: its result may be of any size, unless it is cached. */
export async function runWithin(task: Task, given: Json, attempt: Attempt): Promise<Json> {
  if (task.options.cache !== undefined) return (await runTask(task, given, attempt)).value;
  return runHandler(task, checkedInput(task, given), attempt.scope);
}

function checkedInput({ options: { name, input } }: Task, given: Json): unknown {
  const parsed = parse(input, given);
  if (parsed.ok) return parsed.value;
  throw new MillraceError(ErrorName.INVALID_INPUT, `Task "${name}" does not take this input: ${parsed.problem}.`);
}

async function runHandler(task: Task, input: unknown, scope: TaskScope): Promise<Json> {
  const { name, output } = task.options;
  const result = parse(output, await task.handler(input, scope));
  if (result.ok) return result.value as Json;
  throw new MillraceError(
    ErrorName.INVALID_OUTPUT,
    `Task "${name}" returned what its output schema refuses: ${result.problem}. Change the task or its schema.`,
  );
}

async function deliver(task: Task, result: Json, { host, scope }: Attempt): Promise<TaskResult> {
  const { name, resultAs } = task.options;
  const text = JSON.stringify(result) ?? "null";
  const value = JSON.parse(text) as Json;
  if (resultAs === "blob") return { value, reference: await putResult(host.blobs, scope.run.id, text) };
  const size = Buffer.byteLength(text, "utf8");
  if (size + INVOKE_ENVELOPE_BYTES <= PAYLOAD_LIMIT_BYTES) return { value };
  throw new MillraceError(
    ErrorName.RESULT_TOO_LARGE,
    `Task "${name}" returned ${size} bytes; a result may have ${PAYLOAD_LIMIT_BYTES - INVOKE_ENVELOPE_BYTES}. Return less, or declare resultAs: "blob".`,
  );
}
