/**
 * The errors that Millrace itself raises. Their names cross wires (Step Functions' `ErrorEquals`, the run record, exit
 * codes of the command line), so they are constants, frozen by a test. Errors of a task keep the name their author gave.
 */
export const ErrorName = {
  /** A workflow definition that cannot work, refused where it is defined. */
  INVALID_DEFINITION: "InvalidDefinition",
  /** Parameters that do not fit the workflow's schema. */
  INVALID_PARAMETERS: "InvalidParameters",
  /** A task's input does not fit its schema. */
  INVALID_INPUT: "InvalidInput",
  /** What a task returned does not fit its schema. */
  INVALID_OUTPUT: "InvalidOutput",
  /** A task's result with its envelope is above 256 KiB. */
  RESULT_TOO_LARGE: "ResultTooLarge",
  /** A task threw something that is not an Error. */
  NOT_AN_ERROR: "NotAnError",
  /** A task took longer than its `timeoutSeconds`; Step Functions' own name for it. */
  TIMEOUT: "States.Timeout",
  WORKFLOW_NOT_FOUND: "WorkflowNotFound",
  TASK_NOT_FOUND: "TaskNotFound",
  RUN_NOT_FOUND: "RunNotFound",
  RUN_CANCELLED: "RunCancelled",
  RUN_TIMED_OUT: "RunTimedOut",
  /** The caller stopped waiting; the run goes on. */
  WAIT_TIMED_OUT: "WaitTimedOut",
  LIMIT_REACHED: "LimitReached",
  /** A run waited in line for longer than its `queueTimeoutSeconds`. */
  QUEUE_TIMED_OUT: "QueueTimedOut",
  /** What was asked of a run can only be asked of one that has not ended. */
  RUN_ENDED: "RunEnded",
  /** The lock was not granted within its `timeoutSeconds`. */
  LOCK_TIMED_OUT: "LockTimedOut",
  /** The run holds this lock already: locks do not nest. */
  LOCK_HELD: "LockHeld",
  /** The lock belongs to somebody else, or to nobody. */
  LOCK_NOT_HELD: "LockNotHeld",
  /** An event was not answered within its `timeoutSeconds`. */
  EVENT_TIMED_OUT: "EventTimedOut",
  /** An answer that the event's schema refuses. */
  INVALID_ANSWER: "InvalidAnswer",
  /** The event has another answer already. */
  ALREADY_ANSWERED: "AlreadyAnswered",
  /** No state of the run waits under this name. */
  NOT_WAITING: "NotWaiting",
  /** The same idempotency key with other parameters. */
  CONFLICT: "Conflict",
  ACCESS_DENIED: "AccessDenied",
  /** The store, the stack or a service that the platform stands on cannot be used. */
  PLATFORM_UNAVAILABLE: "PlatformUnavailable",
  /** A cursor, filter or option that no query of ours gives out. */
  INVALID_REQUEST: "InvalidRequest",
} as const;
export type ErrorName = (typeof ErrorName)[keyof typeof ErrorName];

/** An error of Millrace itself. `message` says what happened, the value given, the values allowed, what to change. */
export class MillraceError extends Error {
  override readonly name: ErrorName;

  constructor(name: ErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** How an error is written on a run record. `at` is the source line of the failing step, `functions/git/flows.ts:31`. */
export interface RunError {
  readonly name: string;
  readonly message: string;
  readonly at?: string;
}

/** A run that failed, at its caller: `name` and `message` are those of the error that ended the run. */
export class RunFailed extends Error {
  override readonly name: string;
  /** Id of the run. */
  readonly run: string;
  /** Source line of the failing step, where one is known. */
  readonly at: string | undefined;

  constructor(run: string, error: RunError) {
    super(error.message);
    this.name = error.name;
    this.run = run;
    this.at = error.at;
  }
}

export function isMillraceError(error: unknown, name?: ErrorName): error is MillraceError {
  return error instanceof MillraceError && (name === undefined || error.name === name);
}

/** Any thrown value as an Error; one that is no Error becomes `NotAnError` with the value in its message. */
export function toError(thrown: unknown): Error {
  if (Error.isError(thrown)) {
    if (thrown.name === "") thrown.name = "Error"; // Step Functions takes no empty name
    return thrown;
  }
  const shown = typeof thrown === "string" ? JSON.stringify(thrown) : inspect(thrown);
  return new MillraceError(
    ErrorName.NOT_AN_ERROR,
    `Something that is not an Error was thrown: ${shown}. Throw \`new Error(…)\` or a subclass of it.`,
  );
}

function inspect(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
