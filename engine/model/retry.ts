import { ErrorName } from "./errors.ts";

/** Errors that a further attempt cannot mend; a task's retries do not cover them. */
export const NOT_RETRIED: readonly ErrorName[] = [
  ErrorName.INVALID_INPUT,
  ErrorName.INVALID_OUTPUT,
  ErrorName.RESULT_TOO_LARGE,
];
