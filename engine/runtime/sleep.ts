import { ErrorName, MillraceError } from "../model/errors.ts";
import { momentOf, pauseSeconds } from "../model/pause.ts";
import { ask } from "./scope.ts";

/**
 * A pause, in whole seconds: a fraction is rounded up, and there is none below 0. In a flow it is a state that waits
 * up to a year and costs the same however long it is; in a task it takes from the attempt's time.
 */
export function sleep(seconds: number): Promise<void> {
  return ask("sleep", (scope) => scope.sleep(pauseSeconds(seconds) * 1000));
}

/**
 * A pause until an ISO 8601 time with its zone, `2026-01-31T09:30:00Z`; none where it is over.
 * @throws MillraceError `InvalidRequest` for what is no such time; a machine fails there
 */
export function sleepUntil(timestamp: string): Promise<void> {
  return ask("sleepUntil", (scope) => {
    const moment = momentOf(timestamp);
    if (Number.isNaN(moment)) {
      throw new MillraceError(
        ErrorName.INVALID_REQUEST,
        `sleepUntil was given ${JSON.stringify(timestamp)}, allowed is a time such as "2026-01-31T09:30:00Z".`,
      );
    }
    return scope.sleep(Math.max(0, moment - scope.now()));
  });
}
