import type { EventDefinition } from "../model/event.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { MOST_SECONDS } from "../model/pause.ts";
import type { Output, Schema } from "../model/schema.ts";
import { ask } from "./scope.ts";

export interface WaitForEventOptions {
  /** Whole seconds from 1; the run itself ends after a year. */
  readonly timeoutSeconds: number;
}

/**
 * Waits in a flow until somebody answers: `workflows.answer(run, step, { value })`, `millrace answer <run> <step>`. One
 * state, which costs the same however long it waits.
 * @throws MillraceError `EventTimedOut`; the error that it is answered with
 */
export function waitForEvent<S extends Schema>(
  event: EventDefinition<S>,
  { timeoutSeconds }: WaitForEventOptions,
): Promise<Output<S>> {
  return ask("waitForEvent", (scope) => {
    if (Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1 && timeoutSeconds <= MOST_SECONDS) {
      return scope.waitForEvent(event, timeoutSeconds) as Promise<Output<S>>;
    }
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `waitForEvent was given timeoutSeconds ${timeoutSeconds}, allowed are whole seconds from 1 to ${MOST_SECONDS}.`,
    );
  });
}
