import { currentScope } from "./scope.ts";

/** The time, `2026-01-31T09:30:00.000Z`. In a flow it is taken once, where it stands. */
export function now(): string {
  return new Date(currentScope("now").now()).toISOString();
}

/** A new random UUID. In a flow it is made once, where it stands. */
export function uuid(): string {
  return currentScope("uuid").uuid();
}
