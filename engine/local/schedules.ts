import type { Clock } from "../model/clock.ts";
import type { JsonObject } from "../model/json.ts";
import { firesAfter, maximumAgeSeconds } from "../model/schedule.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { sleepUntil } from "./machine/stop.ts";

export interface Fire {
  readonly workflow: WorkflowDefinition;
  /** Milliseconds since the epoch; the run's idempotency key. */
  readonly scheduledAt: number;
  readonly parameters: JsonObject;
}

const HOUR_MS = 3_600_000;

/**
 * Fires the cron entries until the signal aborts. A fire that was due after `since`, while nothing drove the runs, is
 * caught up within its maximum age and dropped beyond.
 */
export async function runSchedules(
  workflows: readonly WorkflowDefinition[],
  since: number,
  clock: Clock,
  fire: (fire: Fire) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const start = Math.max(since, clock.now() - HOUR_MS);
  await Promise.all(
    workflows.map(async (workflow) => {
      const longestDelay = maximumAgeSeconds(workflow) * 1000;
      for (const scheduledAt of firesAfter(workflow, start)) {
        await sleepUntil(clock, scheduledAt, signal).catch(() => undefined);
        if (signal.aborted) return;
        if (clock.now() - scheduledAt > longestDelay) continue;
        await fire({ workflow, scheduledAt, parameters: workflow.cronParameters ?? {} });
      }
    }),
  );
}
