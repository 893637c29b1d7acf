import { readCause } from "./cause.ts";
import type { RunError } from "./errors.ts";
import { isJsonObject, type Json } from "./json.ts";

/** A call that the machine of a run made, and that has ended: an attempt of a task, a child run, or a wait for an event. */
export interface RecordedCall {
  readonly kind: "task" | "child" | "event";
  /** Of the task, the workflow, or the event. */
  readonly name: string;
  /** Of a child its parameters as written. */
  readonly input: Json;
  /** Of a child that goes on by itself the run's id alone. */
  readonly result?: Json;
  readonly error?: RunError;
}

/** How a call ended, in the words of Step Functions. */
export interface CallEnd {
  readonly result?: Json | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** The call with these arguments; nothing where it is none of the flow's: locks, tags, the sweep. */
export function recordedCall(given: Json | undefined, { result, error, cause }: CallEnd): RecordedCall | undefined {
  const payload = isJsonObject(given) ? given["Payload"] : undefined;
  const called = isJsonObject(payload) ? calledBy(payload) : undefined;
  if (called === undefined) return undefined;
  if (error !== undefined) return { ...called, error: readCause(error, cause) };
  const isAnswer = isJsonObject(payload) && "token" in payload;
  const value = isAnswer ? result : isJsonObject(result) ? result["Payload"] : undefined;
  return { ...called, result: value ?? null };
}

function calledBy(payload: {
  readonly [key: string]: Json;
}): Pick<RecordedCall, "kind" | "name" | "input"> | undefined {
  const { task, input = null, workflow, parameters = {}, event } = payload;
  if (typeof task === "string") return OWN_TASK.test(task) ? undefined : { kind: "task", name: task, input };
  if (typeof workflow === "string") return { kind: "child", name: workflow, input: parameters };
  return typeof event === "string" ? { kind: "event", name: event, input: null } : undefined;
}

/** Tasks that are Millrace's own. */
const OWN_TASK = /^millrace\//;
