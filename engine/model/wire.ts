import type { EventAnswer } from "./event.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Priority } from "./limit.ts";
import type { LogLevel } from "./run.ts";

/**
 * The wire contract: what crosses between a caller, a state machine and a task. Frozen by `test/unit/model/wire.test.ts`.
 */

/** The one reserved key of an execution's input; the other keys are the workflow's parameters as written. */
export const RESERVED_KEY = "$millrace";

/** Step Functions' limit for the input and output of a state, in bytes of UTF-8 JSON. */
export const PAYLOAD_LIMIT_BYTES = 262_144;

/**
 * What `lambda:invoke` wraps around a task's result (ExecutedVersion, StatusCode, SdkHttpMetadata, …) counts too; 2 KiB
 * is more than was seen of it (about 1.1 KB), so a result that passes here passes there.
 */
export const INVOKE_ENVELOPE_BYTES = 2_048;

/** Context that a run carries and hands to its tasks and children. */
export interface RunContext {
  readonly branch?: string;
  readonly account?: string;
  /** The place of the run, and of what it starts, in lines; `medium` where it is left out. */
  readonly priority?: Priority;
}

/** The value of `$millrace` in an execution's input. */
export interface ReservedInput {
  readonly context?: RunContext;
  /** Id of the run that submitted this one. */
  readonly parent?: string;
  /** Tags given at submit, beside the static ones. */
  readonly tags?: readonly string[];
}

/** The parameters in an execution's input, without the reserved key. */
export function parametersOf(input: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(input).filter(([key]) => key !== RESERVED_KEY));
}

/** What a machine sends to the Lambda function of a domain for one attempt of one task. */
export interface TaskPayload {
  /** The task's name. */
  readonly task: string;
  readonly input: Json;
  /** ARN of the execution; `runIdOf` makes the run's id of it. */
  readonly run: string;
  /** The step's name; in a loop with its index, `validate-single-object[3]`. */
  readonly step: string;
  /** The source line of the call, `functions/git/flows.ts:31`. */
  readonly at: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly context: RunContext;
  /** Tags that the flow added before this call. */
  readonly tags?: readonly string[];
  /** Lines that the flow logged before this call. */
  readonly logs?: readonly FlowLine[];
  /** Of the attempt, where the call gives another one than the task declares. */
  readonly timeoutSeconds?: number;
}

/** A line that a flow logged: the task that carries it writes it. */
export interface FlowLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: JsonObject;
  /** `functions/git/flows.ts:31` */
  readonly at: string;
  /** Tells it from the run's other lines, since a repeated attempt writes it again. */
  readonly line: string;
}

/** What a caller sends to `<stack>_submit`. */
export interface SubmitRequest {
  readonly workflow: string;
  readonly parameters: JsonObject;
  readonly tags?: readonly string[];
  readonly context?: RunContext;
  /** Id of the run that submits this one. */
  readonly parent?: string;
  /** The parent waits for the result, so whoever stops the parent stops this run. */
  readonly executes?: boolean;
  /** The same key answers with the same run; other parameters under the same key are a conflict. */
  readonly idempotencyKey?: string;
  /** Start then, in milliseconds since the epoch; at once where it is left out. */
  readonly startAt?: number;
}

/** What a state of a flow sends to `<stack>_submit` for a child run. */
export interface ChildSubmit {
  readonly workflow: string;
  readonly parameters: JsonObject;
  readonly tags?: readonly string[];
  /** The parent's own, with the child's priority where the call gives one. */
  readonly context: RunContext;
  /** ARN of the parent's execution. */
  readonly parent: string;
  /** The step's name, in a loop with its index. */
  readonly step: string;
  /** `functions/git/flows.ts:31` */
  readonly at: string;
  /** When the state was entered, ISO 8601: the same when it is retried. Parent, step and this are the idempotency key. */
  readonly entered: string;
  /** 1 for the first; an earlier one that comes late does not put its token over that of a later one. */
  readonly attempt: number;
  /** Callback token of the state that waits for the child; without one the child goes on alone. */
  readonly token?: string;
}

export function childKey({ parent, step, entered }: Pick<ChildSubmit, "parent" | "step" | "entered">): string {
  return `${parent}\n${step}\n${entered}`;
}

/** What a state of a flow sends to `<stack>_submit` that waits for an event: the answer goes to the token. */
export interface WaitEvent {
  /** Name of the event. */
  readonly event: string;
  /** ARN of the execution. */
  readonly run: string;
  readonly step: string;
  readonly at: string;
  readonly entered: string;
  /** 1 for the first, as of a `ChildSubmit`. */
  readonly attempt: number;
  readonly token: string;
  readonly timeoutSeconds: number;
}

/** One lock that a flow or a task asks for. */
export interface LockRequest {
  readonly namespace?: string;
  readonly name: string;
  /** As in the original: `true` renders `local.`, `false` `global.`, left out nothing in front. */
  readonly local?: boolean;
  /** How long to wait in line; 60 where it is left out. */
  readonly timeoutSeconds?: number;
}

/** A lock that is held; pass `fence` to every write that the lock protects. */
export interface HeldLock {
  /** Rendered: `repository.backbone`. */
  readonly name: string;
  /** Rises with each grant of the lock. */
  readonly fence: number;
}

/** What a state of a flow sends to `<stack>_lock`, which answers the token with a `HeldLock`, or a list for a list. */
export interface AcquireLocks {
  readonly acquire: LockRequest | readonly LockRequest[];
  /** ARN of the execution that will hold them. */
  readonly run: string;
  readonly step: string;
  readonly at: string;
  readonly entered: string;
  /** 1 for the first, as of a `ChildSubmit`. */
  readonly attempt: number;
  readonly token: string;
  readonly context: RunContext;
  /** Longest task that the flow calls under the lock: how long a stopped run's task may go on. */
  readonly drainSeconds: number;
  /** The flow calls others beside that task: one that fails and ends the run stops no other. */
  readonly sideBySide?: true;
}

/** What a state of a flow sends to `<stack>_lock` to end its hold of these, or its wait for them. */
export interface ReleaseLocks {
  readonly release: LockRequest | readonly LockRequest[];
  readonly run: string;
  /** Of the state that acquired, in a loop with its index. */
  readonly step: string;
  /** That state has timed out: when its wait is over, the answer is the error `LockTimedOut`. */
  readonly timedOut?: true;
}

/** What a schedule sends to `<stack>_submit`; the scheduled time is the idempotency key. */
export interface ScheduledSubmit {
  readonly workflow: string;
  /** `<aws.scheduler.scheduled-time>`: ISO 8601. */
  readonly scheduledTime: string;
  readonly parameters: JsonObject;
}

/** What a caller or a timer asks of `<stack>_submit` about a run that is there. */
export interface RunCommand {
  readonly command: "cancel" | "retry" | "resume";
  /** Id of the run. */
  readonly run: string;
  /** Of a retry: the same key answers with the same new run. */
  readonly idempotencyKey?: string;
}

/** What a caller asks of `<stack>_submit` about a state that waits for an event; it answers null. */
export interface AnswerCommand {
  readonly command: "answer";
  /** Id of the run. */
  readonly run: string;
  readonly step: string;
  readonly answer: EventAnswer;
}

/** What submit answers. */
export interface Submitted {
  /** Id of the run. */
  readonly id: string;
  /** ARN of its execution. */
  readonly execution: string;
  /** The run was there already: the same idempotency key with the same parameters. */
  readonly existing: boolean;
}

/** `_` cannot occur in a stack's name, so the prefix `<stack>_` names the machines of one stack and of no other. */
export const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]*$/;
export const STACK_NAME_MAX_LENGTH = 30;
/** Step Functions allows 80 characters for `<stack>_<workflow>`; with a stack name of at most 30 that leaves 49. */
export const WORKFLOW_NAME_MAX_LENGTH = 49;

export function machineName(stack: string, workflow: string): string {
  return `${stack}_${workflow}`;
}

export const SUBMIT_FUNCTION = "submit";
export const SETTLE_FUNCTION = "settle";
export const LOCK_FUNCTION = "lock";
export const SWEEP_FUNCTION = "sweep";
export const ITEMS_TABLE = "items";
/** The table's index of the items that have `gk` and `gs`. */
export const OPEN_INDEX = "open";

/** Lambda functions, the table and the log groups of a stack share this form: `millrace_submit`, `millrace_git`. */
export function resourceName(stack: string, part: string): string {
  return `${stack}_${part}`;
}

/** The workflow of an execution's or a machine's ARN, read after the last `_`-less stack name. */
export function workflowOf(executionArn: string): string {
  const machine = executionArn.split(":")[6] ?? "";
  return machine.slice(machine.indexOf("_") + 1);
}

export function stackOf(executionArn: string): string {
  const machine = executionArn.split(":")[6] ?? "";
  return machine.slice(0, machine.indexOf("_"));
}

/** Whether an ARN is of an item of a distributed Map, `…:execution:<machine>/<label>:<name>`, which is no run of its own. */
export function isItem(executionArn: string): boolean {
  return executionArn.split(":")[6]?.includes("/") === true;
}

/** The ARN of an execution; the local platform uses the same form with account 000000000000 and region `local`. */
export function executionArn(region: string, account: string, stack: string, workflow: string, run: string): string {
  return `arn:aws:states:${region}:${account}:execution:${machineName(stack, workflow)}:${run}`;
}

/** What an error has as its `cause` where that is an error too; its own cause stays behind. */
export interface ErrorCause {
  readonly name: string;
  readonly message: string;
}

/** Stands before the JSON of an `ErrorCause`. */
export const CAUSED_BY = "\n    caused by ";

/**
 * The last lines of a failed task's stack and of the cause of a `throw`, so that the AWS console alone answers "where".
 * The message itself stays as thrown and is what comes before.
 */
export function withWhere(text: string, at: string, stack: string, run: string, cause?: ErrorCause): string {
  const why = cause === undefined ? "" : `${CAUSED_BY}${JSON.stringify({ name: cause.name, message: cause.message })}`;
  return `${text}\n    at ${at}${why}\n    npx millrace show ${run} --stack ${stack}`;
}

/** The message and the source line of a text made by `withWhere`. */
export function splitWhere(text: string): { readonly message: string; readonly at?: string } {
  const found = WHERE.exec(text);
  if (found === null) return { message: text };
  return { message: text.slice(0, found.index), at: found[1] ?? "" };
}

const WHERE = /\n {4}at (functions\/[^\n]+:\d+)(?:\n {4}caused by [^\n]+)?\n {4}npx millrace show [^\n]+$/;

/** Where results of tasks lie that are declared with `resultAs: "blob"`; they expire after 90 days. */
export const RESULT_PREFIX = "runs/";

/** The built-in task that writes tags and log lines where no task of the flow's own follows; its input is the list of tags. */
export const ADD_TAGS_TASK = "millrace/add-tags";

/** The built-in task of `clean-up-deadlocks`, answered by `<stack>_sweep`. */
export const SWEEP_TASK = "millrace/sweep";
