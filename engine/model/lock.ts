import type { LockRequest } from "./wire.ts";

/** Longest rendered name, in UTF-16 units: it is part of an item's key. */
export const LOCK_NAME_MAX_LENGTH = 200;
export const LOCK_TIMEOUT_SECONDS = 60;

/** As in the original: `[local.|global.][namespace.]name`, such as `global.branch_create.main`, `repository.backbone`. */
export function lockName({ namespace, name, local }: LockRequest): string {
  const scope = local === undefined ? [] : [local ? "local" : "global"];
  return [...scope, ...(namespace === undefined ? [] : [namespace]), name].join(".");
}

/** Why a request cannot be for a lock, or nothing. */
export function lockProblem(request: LockRequest): string | undefined {
  const { namespace, name, timeoutSeconds = LOCK_TIMEOUT_SECONDS } = request;
  if (name.length === 0 || namespace?.length === 0) return "a lock's name and namespace cannot be empty";
  const rendered = lockName(request);
  if (rendered.length > LOCK_NAME_MAX_LENGTH) {
    return `a lock's name has at most ${LOCK_NAME_MAX_LENGTH} characters, this one ${rendered.length}`;
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f#]/.test(rendered)) {
    return `a lock's name has no "#" and no control characters: ${JSON.stringify(rendered)}`;
  }
  if (!(Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1)) {
    return `timeoutSeconds of a lock is ${timeoutSeconds}, allowed are whole seconds from 1`;
  }
  return undefined;
}
