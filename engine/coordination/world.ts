import type { Json, JsonObject } from "../model/json.ts";
import type { Items } from "../store/items.ts";

/** What the procedures of coordination reach the platform through; each platform makes one. */
export interface World {
  readonly items: Items;
  readonly machines: Machines;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A new UUIDv7. */
  newId(): string;
  /** ARN of the execution that a run of this workflow with this id has or will have. */
  executionOf(workflow: string, run: string): string;
}

export interface Machines {
  /**
   * Starts an execution; nothing happens where one of that name was started with the same input before.
   * @throws MillraceError `WorkflowNotFound` where there is no such machine
   */
  start(request: StartRequest): Promise<void>;
  /** Ends a running execution as ABORTED with this error; nothing happens where it has ended. */
  stop(execution: string, error: { readonly name: string; readonly cause: string }): Promise<void>;
}

export interface StartRequest {
  readonly workflow: string;
  /** Id of the run; the execution's name. */
  readonly run: string;
  /** ARN of the execution. */
  readonly execution: string;
  /** Parameters as written, and `$millrace`. */
  readonly input: JsonObject;
}

/** One status event of an execution, in Step Functions' words; it may be lost, doubled or out of order. */
export interface StatusEvent {
  readonly execution: string;
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly input?: JsonObject;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}
