import { Cron } from "croner";
import type { WorkflowDefinition } from "./workflow.ts";

type Scheduled = Pick<WorkflowDefinition, "cron" | "timezone">;

const LONGEST_AGE_SECONDS = 3600;

/** Two fires that are less than an hour apart are so on every day that has both. */
const FIRES_LOOKED_AT = 100;

/**
 * The age in seconds from which on a fire of this workflow's cron entry is dropped: the shortest pause between two of
 * its fires, an hour at most. A later fire makes an older one worthless.
 */
export function maximumAgeSeconds(workflow: Scheduled): number {
  const fires = nextFires(workflow, 0, FIRES_LOOKED_AT);
  const pauses = fires.slice(1).map((fire, index) => (fire - (fires[index] ?? 0)) / 1000);
  return Math.min(LONGEST_AGE_SECONDS, ...pauses);
}

/**
 * The fires of one workflow's cron entry after a moment, oldest first, in its zone; milliseconds since the epoch. A time
 * that the zone skips in spring does not fire, as EventBridge Scheduler has it.
 */
export function* firesAfter(workflow: Scheduled, after: number): Generator<number, void> {
  const cron = cronOf(workflow);
  let next = cron?.nextRun(new Date(after));
  for (; next; next = cron?.nextRun(next)) if (cron?.match(next)) yield next.getTime();
}

/** The same before a moment, newest first. */
export function* firesBefore(workflow: Scheduled, before: number): Generator<number, void> {
  const cron = cronOf(workflow);
  let [last] = cron?.previousRuns(1, new Date(before)) ?? [];
  for (; last; [last] = cron?.previousRuns(1, last) ?? []) if (cron?.match(last)) yield last.getTime();
}

/** The next fires after a moment. */
export function nextFires(workflow: Scheduled, after: number, count: number): number[] {
  return firesAfter(workflow, after).take(count).toArray();
}

/** The idempotency key of a fire: its time as EventBridge Scheduler writes it, `2026-11-01T02:00:00Z`. */
export function fireKey(scheduledAt: number): string {
  return new Date(scheduledAt).toISOString().replace(/\.\d+/, "");
}

function cronOf({ cron, timezone = "UTC" }: Scheduled): Cron | undefined {
  if (cron === undefined) return undefined;
  // A zone costs 8 MiB of time zone data, which UTC does without.
  const zone = timezone === "UTC" ? { utcOffset: 0 } : { timezone };
  return new Cron(cron, { ...zone, mode: "5-part", paused: true });
}
