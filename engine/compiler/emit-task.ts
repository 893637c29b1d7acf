import type { Retrier, TaskState, Template } from "../model/machine.ts";
import { NOT_RETRIED } from "../model/retry.ts";
import { RESERVED_KEY, type TaskPayload } from "../model/wire.ts";
import { type Expression, constant, textOf } from "./expression.ts";
import type { CallNode } from "./graph.ts";
import { literal } from "./literal.ts";
import type { TaskDeclaration } from "./task-declaration.ts";
import { evaluated, template } from "./template.ts";

/** Errors of the Lambda service, with a retrier of their own, so that they do not eat a task's retries. */
const SERVICE_ERRORS: Retrier = {
  ErrorEquals: [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
  ],
  IntervalSeconds: 1,
  MaxAttempts: 6,
  BackoffRate: 2,
  JitterStrategy: "FULL",
};

const FINAL_ERRORS: Retrier = { ErrorEquals: NOT_RETRIED, MaxAttempts: 0 };

const CONTEXT = `($context := $lookup($states.context.Execution.Input, ${literal(RESERVED_KEY)}).context; $exists($context) ? $context : {})`;

type PayloadTemplate = { readonly [key in keyof TaskPayload]: Template };

/** The state of one call, without its exits. */
export function taskState(node: CallNode, state: string): TaskState {
  const { task, tags, at } = node;
  const payload: PayloadTemplate = {
    task: task.name,
    input: template(node.input),
    run: evaluated("$states.context.Execution.Id"),
    step: template(stepName(state, node.indices)),
    at,
    attempt: evaluated("$states.context.State.RetryCount + 1"),
    context: evaluated(CONTEXT),
    ...(tags === undefined ? {} : { tags: template(tags) }),
  };
  return {
    Type: "Task",
    Comment: at,
    Resource: "arn:aws:states:::lambda:invoke",
    Arguments: { FunctionName: `\${${task.domain}}`, Payload: { ...payload } },
    TimeoutSeconds: task.timeoutSeconds,
    Retry: retriers(task),
  };
}

/** In loops with the index of each: `validate[3]`, `check[3][0]`. */
function stepName(state: string, indices: readonly Expression[]): Expression {
  return textOf([constant(state), ...indices.flatMap((index) => [constant("["), index, constant("]")])]);
}

/**
 * Service errors first, then what a task declares. Step Functions waits whole seconds and at least one, so a delay of 0
 * is a second there, and half a second too.
 */
function retriers(task: TaskDeclaration): readonly Retrier[] {
  if (task.retries === 0) return [SERVICE_ERRORS];
  const own: Retrier = {
    ErrorEquals: ["States.ALL"],
    IntervalSeconds: Math.max(1, Math.ceil(task.retryDelaySeconds)),
    MaxAttempts: task.retries,
    BackoffRate: task.retryBackoff,
  };
  return [SERVICE_ERRORS, FINAL_ERRORS, own];
}
