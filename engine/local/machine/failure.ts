import { ErrorName } from "../../model/errors.ts";
import type { Json } from "../../model/json.ts";

/** Step Functions' own names for what the machine itself raises. */
export const StatesError = {
  TIMEOUT: ErrorName.TIMEOUT,
  HEARTBEAT: "States.HeartbeatTimeout",
  TASK_FAILED: "States.TaskFailed",
  ALL: "States.ALL",
  RUNTIME: "States.Runtime",
  QUERY_EVALUATION: "States.QueryEvaluationError",
  DATA_LIMIT: "States.DataLimitExceeded",
  EXCEEDED_TOLERANCE: "States.ExceedToleratedFailureThreshold",
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

/** A field of the state could not be evaluated, or gave what the field does not allow. */
export class EvaluationFailed extends StateFailed {}

/** A failure as it is told. A missed heartbeat is caught by its own name too, and told as a timeout. */
export function told(failure: Failure): Failure {
  return failure.error === StatesError.HEARTBEAT ? { ...failure, error: StatesError.TIMEOUT } : failure;
}

/** The failure of a state that was entered with that event, as Step Functions tells it. */
export function inState(name: string, event: number | undefined, { error, cause = "" }: Failure): StateFailed {
  const entered = event === undefined ? "" : ` (entered at the event id #${event})`;
  return new StateFailed({ error, cause: `An error occurred while executing the state '${name}'${entered}. ${cause}` });
}

export function queryFailure(cause: string): EvaluationFailed {
  return new EvaluationFailed({ error: StatesError.QUERY_EVALUATION, cause });
}

/** What a call threw: a failure of the state as it is, another error as Lambda's runtime for Node writes it for a function, or as its message for other resources. */
export function callFailure(resource: string, thrown: unknown): StateFailed {
  if (thrown instanceof StateFailed) return thrown;
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const isFunction = resource.startsWith("arn:aws:states:::lambda:invoke");
  const trace = (stack ?? "").split("\n");
  const cause = isFunction ? JSON.stringify({ errorType: name, errorMessage: message, trace }) : message;
  return new StateFailed({ error: name, cause });
}

/** An expression gave what its field does not take. `named` is how Step Functions begins what it says of it. */
export function unexpectedResult(named: string, value: Json, expected: string): EvaluationFailed {
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const said = `Expected '${expected}', but was '${type}' for value: ${JSON.stringify(value)}`;
  return queryFailure(`${named} returned an unexpected result type. ${said}`);
}
