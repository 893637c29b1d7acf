import { ErrorName } from "./errors.ts";
import type { CallOptions } from "./task-options.ts";

/** Errors that a further attempt cannot mend; a task's retries do not cover them. */
export const NOT_RETRIED: readonly ErrorName[] = [
  ErrorName.INVALID_INPUT,
  ErrorName.INVALID_OUTPUT,
  ErrorName.RESULT_TOO_LARGE,
];

/** Whether a task is tried again when this attempt, 1 for the first, has failed with an error of this name. */
export function isRetried({ retries = 0, retryOn }: CallOptions, attempt: number, error: string): boolean {
  if (attempt > retries || NOT_RETRIED.some((name) => name === error)) return false;
  return retryOn === undefined || retryOn.includes(error);
}
