import { Cron } from "croner";
import type { WorkflowDefinition } from "./workflow.ts";

const LONGEST_AGE_SECONDS = 3600;

/** Two fires that are less than an hour apart are so on every day that has both. */
const FIRES_LOOKED_AT = 100;

/**
 * The age in seconds from which on a fire of this workflow's cron entry is dropped: the shortest pause between two of
 * its fires, an hour at most. A later fire makes an older one worthless.
 */
export function maximumAgeSeconds(workflow: Pick<WorkflowDefinition, "cron" | "timezone">): number {
  const fires = cronOf(workflow)?.nextRuns(FIRES_LOOKED_AT, new Date(0)) ?? [];
  const pauses = fires.slice(1).map((fire, index) => (fire.getTime() - (fires[index]?.getTime() ?? 0)) / 1000);
  return Math.min(LONGEST_AGE_SECONDS, ...pauses);
}

/** The fires of one workflow's cron entry after a moment, oldest first, in its zone; milliseconds since the epoch. */
export function* firesAfter(
  workflow: Pick<WorkflowDefinition, "cron" | "timezone">,
  after: number,
): Generator<number, void> {
  const cron = cronOf(workflow);
  let next = cron?.nextRun(new Date(after));
  for (; next; next = cron?.nextRun(next)) yield next.getTime();
}

function cronOf({ cron, timezone = "UTC" }: Pick<WorkflowDefinition, "cron" | "timezone">): Cron | undefined {
  if (cron === undefined) return undefined;
  // A zone costs 8 MiB of time zone data, which UTC does without.
  const zone = timezone === "UTC" ? { utcOffset: 0 } : { timezone };
  return new Cron(cron, { ...zone, mode: "5-part", paused: true });
}
