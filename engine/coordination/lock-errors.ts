import { ErrorName, MillraceError } from "../model/errors.ts";
import type { StoredLock } from "./lock-item.ts";

/** @param seen The lock when its wait was over. */
export function lockTimedOut(lock: string, seconds: number, seen: StoredLock): MillraceError {
  const { owner, acquisition = "", since = 0 } = seen;
  const step = acquisition.split("\n", 1)[0];
  const holder =
    owner === undefined
      ? "nobody holds it now"
      : `run ${owner} (step "${step}") holds it since ${new Date(since).toISOString()}`;
  return new MillraceError(
    ErrorName.LOCK_TIMED_OUT,
    `Lock "${lock}" was not granted within ${seconds} s: ${holder}. Give a longer timeoutSeconds, or see who holds it with \`millrace locks\`.`,
  );
}

export function lockHeld(lock: string): MillraceError {
  return new MillraceError(
    ErrorName.LOCK_HELD,
    `The run holds lock "${lock}" already: locks do not nest. Release it first, or take it once around both.`,
  );
}
