import type { Retrier, TaskState, Template } from "../model/machine.ts";
import { NOT_RETRIED } from "../model/retry.ts";
import {
  LOCK_FUNCTION,
  RESERVED_KEY,
  SUBMIT_FUNCTION,
  type AcquireLocks,
  type ChildSubmit,
  type ReleaseLocks,
  type TaskPayload,
  type WaitEvent,
} from "../model/wire.ts";
import { type Callee, awaitsToken } from "./callee.ts";
import { type Expression, constant, textOf } from "./expression.ts";
import type { CallNode } from "./graph.ts";
import { jsonata } from "./jsonata.ts";
import { literal } from "./literal.ts";

import type { ReadOptions } from "./task-options.ts";
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

/**
 * What submit and lock are called again for: each may be repeated, so also where the function died, timed out, or was
 * throttled by the table. The names of a child's errors come with the answer to the token, and are no part of these.
 */
const OWN_FUNCTION_ERRORS: Retrier = {
  ...SERVICE_ERRORS,
  ErrorEquals: [
    ...SERVICE_ERRORS.ErrorEquals,
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TimeoutError",
  ],
};

const FINAL_ERRORS: Retrier = { ErrorEquals: NOT_RETRIED, MaxAttempts: 0 };

export const CONTEXT = `($context := $lookup($states.context.Execution.Input, ${literal(RESERVED_KEY)}).context; $exists($context) ? $context : {})`;
const RUN = evaluated("$states.context.Execution.Id");
/** Stays the same when the state is retried. */
const ENTERED = evaluated("$states.context.State.EnteredTime");
const ATTEMPT = evaluated("$states.context.State.RetryCount + 1");
const TOKEN = evaluated("$states.context.Task.Token");

type TemplateOf<Payload> = { readonly [key in keyof Payload]: Template };

/** Name of the state that a node becomes. */
export type NameOf = (node: CallNode) => string;

/** The state of one call, without its exits. */
export function callState(node: CallNode, nameOf: NameOf): TaskState {
  const { callee, at } = node;
  const resource = `arn:aws:states:::lambda:invoke${awaitsToken(callee) ? ".waitForTaskToken" : ""}`;
  return {
    Type: "Task",
    Comment: at,
    Resource: resource,
    Arguments: { FunctionName: `\${${functionOf(callee)}}`, Payload: payloadOf(node, nameOf) },
    ...timeoutOf(callee),
    Retry: callee.kind === "task" ? retriers(callee.task) : [OWN_FUNCTION_ERRORS],
  };
}

/** The function that answers it, which is also the substitution in the definition: a domain's, or one of Millrace's own. */
export function functionOf(callee: Callee): string {
  if (callee.kind === "task") return callee.task.domain;
  return callee.kind === "child" || callee.kind === "event" ? SUBMIT_FUNCTION : LOCK_FUNCTION;
}

function timeoutOf(callee: Callee): { readonly TimeoutSeconds?: number | string } {
  if (callee.kind === "task") return { TimeoutSeconds: callee.task.timeoutSeconds };
  return callee.kind === "acquire" || callee.kind === "event"
    ? { TimeoutSeconds: secondsOf(callee.timeoutSeconds) }
    : {};
}

function secondsOf(seconds: Expression): number | string {
  return seconds.kind === "constant" ? Number(seconds.value) : evaluated(jsonata(seconds));
}

function payloadOf(node: CallNode, nameOf: NameOf): Template {
  const { callee, at } = node;
  const step = stepOf(nameOf(node), node.indices);
  switch (callee.kind) {
    case "task": {
      const payload: TemplateOf<TaskPayload> = {
        task: callee.task.name,
        input: template(callee.input),
        run: RUN,
        step,
        at,
        attempt: ATTEMPT,
        context: evaluated(CONTEXT),
        ...(callee.tags && { tags: template(callee.tags) }),
        ...(callee.logs && { logs: template(callee.logs) }),
        ...(callee.task.overridesTimeout && { timeoutSeconds: callee.task.timeoutSeconds }),
      };
      return { ...payload };
    }
    case "child": {
      const payload: TemplateOf<ChildSubmit> = {
        workflow: callee.workflow,
        parameters: template(callee.parameters),
        context: evaluated(contextOf(callee.priority)),
        parent: RUN,
        step,
        at,
        entered: ENTERED,
        attempt: ATTEMPT,
        ...(callee.tags && { tags: template(callee.tags) }),
        ...(callee.waits && { token: TOKEN }),
      };
      return { ...payload };
    }
    case "event": {
      const payload: TemplateOf<WaitEvent> = {
        event: callee.event,
        run: RUN,
        step,
        at,
        entered: ENTERED,
        attempt: ATTEMPT,
        token: TOKEN,
        timeoutSeconds: secondsOf(callee.timeoutSeconds),
      };
      return { ...payload };
    }
    case "acquire": {
      const payload: TemplateOf<AcquireLocks> = {
        acquire: template(callee.locks),
        run: RUN,
        step,
        at,
        entered: ENTERED,
        attempt: ATTEMPT,
        token: TOKEN,
        context: evaluated(CONTEXT),
        drainSeconds: callee.drainSeconds,
        ...(callee.sideBySide && { sideBySide: true }),
      };
      return { ...payload };
    }
    case "release": {
      const payload: TemplateOf<ReleaseLocks> = {
        release: template(callee.locks),
        run: RUN,
        step: stepOf(nameOf(callee.acquired), node.indices),
        ...(callee.timedOut && { timedOut: true }),
      };
      return { ...payload };
    }
  }
}

/** The run's own, with another priority where the call gives one. */
function contextOf(priority: Expression | undefined): string {
  return priority === undefined ? CONTEXT : `$merge([${CONTEXT}, {"priority": ${jsonata(priority)}}])`;
}

/** In loops with the index of each: `validate[3]`, `check[3][0]`. */
function stepOf(state: string, indices: readonly Expression[]): Template {
  return template(textOf([constant(state), ...indices.flatMap((index) => [constant("["), index, constant("]")])]));
}

/**
 * Service errors first, then what a task declares. Step Functions waits whole seconds and at least one, so a delay of 0
 * is a second there, and half a second too.
 */
export function retriers(task: ReadOptions): readonly Retrier[] {
  if (task.retries === 0) return [SERVICE_ERRORS];
  const { maxRetryDelaySeconds: most = Infinity } = task;
  const first = Math.max(1, Math.ceil(task.retryDelaySeconds));
  const own: Retrier = {
    ErrorEquals: task.retryOn ?? ["States.ALL"],
    IntervalSeconds: Math.min(first, most),
    MaxAttempts: task.retries,
    BackoffRate: first < most ? task.retryBackoff : 1,
    ...(first < most && most !== Infinity && { MaxDelaySeconds: most }),
    ...(task.retryJitter && { JitterStrategy: "FULL" as const }),
  };
  return [SERVICE_ERRORS, FINAL_ERRORS, own];
}
