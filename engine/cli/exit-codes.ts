import { isMillraceError, RunFailed, type ErrorName } from "../model/errors.ts";

/** What the process ends with; frozen by a test, because scripts branch on it. */
export const ExitCode = {
  OK: 0,
  RUN_FAILED: 1,
  USAGE: 2,
  NOT_FOUND: 3,
  CANCELLED: 4,
  WAIT_TIMED_OUT: 5,
  LIMIT_REACHED: 6,
  INVALID_INPUT: 7,
  DENIED: 8,
  CONFLICT: 9,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * `PlatformUnavailable` is a denial: a folder that cannot be written, a damaged database, a stack that is not there. So
 * 1 always says that something ran and failed.
 */
export const EXIT_CODE_OF: { readonly [name in ErrorName]: ExitCode } = {
  InvalidDefinition: ExitCode.INVALID_INPUT,
  InvalidParameters: ExitCode.INVALID_INPUT,
  InvalidInput: ExitCode.RUN_FAILED,
  InvalidOutput: ExitCode.RUN_FAILED,
  ResultTooLarge: ExitCode.RUN_FAILED,
  NotAnError: ExitCode.RUN_FAILED,
  "States.Timeout": ExitCode.RUN_FAILED,
  WorkflowNotFound: ExitCode.NOT_FOUND,
  TaskNotFound: ExitCode.RUN_FAILED,
  RunNotFound: ExitCode.NOT_FOUND,
  RunCancelled: ExitCode.CANCELLED,
  RunTimedOut: ExitCode.RUN_FAILED,
  WaitTimedOut: ExitCode.WAIT_TIMED_OUT,
  LimitReached: ExitCode.LIMIT_REACHED,
  QueueTimedOut: ExitCode.LIMIT_REACHED,
  RunEnded: ExitCode.CONFLICT,
  LockTimedOut: ExitCode.LIMIT_REACHED,
  LockHeld: ExitCode.CONFLICT,
  LockNotHeld: ExitCode.CONFLICT,
  EventTimedOut: ExitCode.RUN_FAILED,
  InvalidAnswer: ExitCode.INVALID_INPUT,
  AlreadyAnswered: ExitCode.CONFLICT,
  NotWaiting: ExitCode.CONFLICT,
  Conflict: ExitCode.CONFLICT,
  AccessDenied: ExitCode.DENIED,
  PlatformUnavailable: ExitCode.DENIED,
  InvalidRequest: ExitCode.USAGE,
};

/** A run's own error is 1, whatever its author named it. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof RunFailed) return ExitCode.RUN_FAILED;
  return isMillraceError(error) ? EXIT_CODE_OF[error.name] : ExitCode.RUN_FAILED;
}
