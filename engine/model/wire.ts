import type { Json, JsonObject } from "./json.ts";

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
}

/** What a caller sends to `<stack>_submit`. */
export interface SubmitRequest {
  readonly workflow: string;
  readonly parameters: JsonObject;
  readonly tags?: readonly string[];
  readonly context?: RunContext;
  readonly parent?: string;
  /** The same key answers with the same run; other parameters under the same key are a conflict. */
  readonly idempotencyKey?: string;
}

/** What a schedule sends to `<stack>_submit`; the scheduled time is the idempotency key. */
export interface ScheduledSubmit {
  readonly workflow: string;
  /** `<aws.scheduler.scheduled-time>`: ISO 8601. */
  readonly scheduledTime: string;
  readonly parameters: JsonObject;
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

/** The ARN of an execution; the local platform uses the same form with account 000000000000 and region `local`. */
export function executionArn(region: string, account: string, stack: string, workflow: string, run: string): string {
  return `arn:aws:states:${region}:${account}:execution:${machineName(stack, workflow)}:${run}`;
}

/**
 * The last lines of a failed task's stack and of the cause of a `throw`, so that the AWS console alone answers "where".
 * The message itself stays as thrown and is what comes before.
 */
export function withWhere(text: string, at: string, stack: string, run: string): string {
  return `${text}\n    at ${at}\n    npx millrace show ${run} --stack ${stack}`;
}

/** The message and the source line of a text made by `withWhere`. */
export function splitWhere(text: string): { readonly message: string; readonly at?: string } {
  const found = WHERE.exec(text);
  if (found === null) return { message: text };
  return { message: text.slice(0, found.index), at: found[1] ?? "" };
}

const WHERE = /\n {4}at (functions\/[^\n]+:\d+)\n {4}npx millrace show [^\n]+$/;

/** Where results of tasks lie that are declared with `resultAs: "blob"`; they expire after 90 days. */
export const RESULT_PREFIX = "runs/";

/** The built-in task that writes tags where no task of the flow's own follows; its input is the list of tags. */
export const ADD_TAGS_TASK = "millrace/add-tags";
