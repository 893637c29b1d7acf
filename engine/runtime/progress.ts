import { ErrorName, MillraceError } from "../model/errors.ts";
import { currentScope } from "./scope.ts";

/** A run's progress is written this seldom, in milliseconds, whatever its task tells. */
const EVERY_MS = 5_000;

/**
 * Tells from a task how far the run is, 0 to 100 percent; `Run.progress` shows it. It is written every five seconds at
 * the most, and at 100. @throws MillraceError `InvalidRequest`
 */
export async function reportProgress(percent: number): Promise<void> {
  if (!(percent >= 0 && percent <= 100)) {
    throw new MillraceError(ErrorName.INVALID_REQUEST, `The progress is ${percent}, allowed are 0 to 100 percent.`);
  }
  const scope = currentScope("reportProgress");
  if (scope.reportProgress !== undefined) return scope.reportProgress(percent);
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    "reportProgress was called in a flow. Call it in a task, which knows how far it is.",
  );
}

/** The progress of one attempt: passes on what is told first, after a while, and at the end. */
export function progressOf(
  write: (percent: number) => Promise<void>,
  now: () => number,
): (percent: number) => Promise<void> {
  let due = -Infinity;
  return async (percent) => {
    if (now() < due && percent < 100) return;
    due = now() + EVERY_MS;
    await write(percent);
  };
}
