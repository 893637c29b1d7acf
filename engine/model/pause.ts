/** The longest pause that Step Functions takes, in seconds. */
export const MOST_SECONDS = 99_999_999;

/** A pause in whole seconds, rounded up; none where it is below 0. */
export function pauseSeconds(seconds: number): number {
  return Math.min(MOST_SECONDS, Math.max(0, Math.ceil(seconds)));
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since the epoch of an ISO 8601 time such as `2026-01-31T09:30:00Z`; NaN for what is none. */
export function momentOf(timestamp: string): number {
  return TIMESTAMP.test(timestamp) ? Date.parse(timestamp) : NaN;
}
