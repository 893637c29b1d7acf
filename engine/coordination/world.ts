import type { Json, JsonObject } from "../model/json.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { Items } from "../store/items.ts";
import type { Contended } from "./contended.ts";

/** What the procedures of coordination reach the platform through; each platform makes one. */
export interface World {
  readonly items: Items;
  readonly machines: Machines;
  readonly timers: Timers;
  readonly contended: Contended;
  /** The catalogue. */
  workflows(): readonly WorkflowDefinition[];
  /** Milliseconds since the epoch. */
  now(): number;
  /** A new UUIDv7. */
  newId(): string;
  /** ARN of the execution that a run of this workflow with this id has or will have. */
  executionOf(workflow: string, run: string): string;
}

export function findWorkflow(world: World, name: string): WorkflowDefinition | undefined {
  return world.workflows().find((workflow) => workflow.name === name);
}

export interface Machines {
  /**
   * Starts an execution; nothing happens where one of that name was started with the same input before.
   * @throws MillraceError `WorkflowNotFound` where there is no such machine
   */
  start(request: StartRequest): Promise<void>;
  /** Ends a running execution as ABORTED with this error; nothing happens where it has ended. */
  stop(execution: string, error: { readonly name: string; readonly cause: string }): Promise<void>;
  /**
   * Answers the callback token of a waiting state. `"gone"`: nothing waits under it, because the state was answered
   * before, timed out, or its execution has ended; Step Functions does not say which.
   */
  answer(token: string, answer: Answer): Promise<"answered" | "gone">;
  /** The execution as the machine itself knows it, in its last status; nothing where there is none. */
  describe(execution: string): Promise<StatusEvent | undefined>;
  /**
   * Executions of a workflow, newest first: those that run, or those that ended since. One that had started before the
   * moment may be missing: whoever lists at that moment too finds it among those that run. The listing is eventual.
   */
  list(workflow: string, which: "RUNNING" | { readonly endedSince: number }): AsyncIterable<ListedExecution>;
}

/** Wakes a run that was submitted for later. A timer may be late, doubled or lost: the sweep finds the run all the same. */
export interface Timers {
  /** Resumes the run at a time, in milliseconds since the epoch; the same timer again changes nothing. */
  at(run: string, workflow: string, time: number): Promise<void>;
  /** Nothing happens where there is no timer for the run. */
  cancel(run: string): Promise<void>;
}

export type Answer = { readonly output: Json } | { readonly error: { readonly name: string; readonly cause: string } };

export type ListedExecution = Pick<StatusEvent, "execution" | "status" | "startedAt" | "endedAt">;

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
