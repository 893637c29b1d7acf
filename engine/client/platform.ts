import type { World } from "../coordination/world.ts";
import type { RunError } from "../model/errors.ts";
import type { EventAnswer } from "../model/event.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { RecordedCall } from "../model/recorded-call.ts";
import type { LogLine, Run, Step } from "../model/run.ts";
import type { Submitted, SubmitRequest } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { Items } from "../store/items.ts";

/** Where runs live, as a caller sees it. `millrace/local` and `millrace/aws` make one each. */
export interface Platform {
  readonly kind: "local" | "aws";
  /** `local`, or the stack's name. */
  readonly name: string;
  /** Admits and starts a run; the parameters were checked against the definition's schema. */
  submit(definition: WorkflowDefinition, request: SubmitRequest): Promise<Submitted>;
  /**
   * Cancels a run that has not ended, with the children that it executes; answers with the run as it stands.
   * @throws MillraceError `RunNotFound`, `RunEnded`
   */
  cancel(run: string): Promise<Run>;
  /** Submits the run once more. @throws MillraceError `RunNotFound`, `Conflict` where it has not ended */
  retry(run: string): Promise<Submitted>;
  /** Answers a step that waits for an event. @throws MillraceError as `Workflows.answer` */
  answer(run: string, step: string, answer: EventAnswer): Promise<null>;
  /** The execution behind a run as the machine itself knows it; nothing where there is none. */
  describe(execution: string): Promise<Execution | undefined>;
  /** Resolves when the execution has ended. @throws the signal's reason when it aborts first */
  ended(execution: string, signal: AbortSignal): Promise<Execution>;
  /** The run index's items. */
  readonly items: Items;
  /**
   * What coordination itself reaches the platform through, with the caller's own leave; for what operators do to limits,
   * locks, schedules and runs.
   */
  world(workflows: readonly WorkflowDefinition[]): Promise<World>;
  /** Why runs of a workflow, or without one any runs, do not go on here; nothing where they do. One sentence. */
  obstacle(workflow?: string): Promise<string | undefined>;
  /** Timeline from the machine's own history, in order of start. */
  steps(run: Run): Promise<Step[]>;
  /** What its machine called and what came back, in order of start: tasks by attempts, children, events. */
  calls(run: Run): Promise<RecordedCall[]>;
  /** Log lines in order of time. */
  logs(run: Run): Promise<LogLine[]>;
  now(): number;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A machine's own view of one execution, in Step Functions' words. */
export interface Execution {
  readonly execution: string;
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly input?: JsonObject;
  readonly output?: Json;
  readonly error?: RunError;
}
