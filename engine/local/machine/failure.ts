import { ErrorName } from "../../model/errors.ts";

/** Step Functions' own names for what the machine itself raises. */
export const StatesError = {
  TIMEOUT: ErrorName.TIMEOUT,
  TASK_FAILED: "States.TaskFailed",
  ALL: "States.ALL",
  RUNTIME: "States.Runtime",
  QUERY_EVALUATION: "States.QueryEvaluationError",
  NO_CHOICE_MATCHED: "States.NoChoiceMatched",
  DATA_LIMIT: "States.DataLimitExceeded",
} as const;

/** Error and cause of a failed state; the error is empty where a Fail state names none, a timeout has no cause. */
export type Failure = {
  readonly error: string;
  readonly cause?: string;
};

/** A state failed; its retriers and catchers may take it, or those of the Map or Parallel around. */
export class StateFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.cause ?? "");
    this.name = failure.error;
    this.failure = failure;
  }
}

export function queryFailure(cause: string): StateFailed {
  return new StateFailed({ error: StatesError.QUERY_EVALUATION, cause });
}

/** What a call threw, as Lambda's runtime for Node writes it for a function, or as its message for other resources. */
export function callFailure(resource: string, thrown: unknown): StateFailed {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const isFunction = resource.startsWith("arn:aws:states:::lambda:invoke");
  const trace = (stack ?? "").split("\n");
  const cause = isFunction ? JSON.stringify({ errorType: name, errorMessage: message, trace }) : message;
  return new StateFailed({ error: name, cause });
}

/** A value in a message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
