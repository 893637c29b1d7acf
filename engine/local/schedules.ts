import { isPaused } from "../coordination/schedules.ts";
import { submit } from "../coordination/submit.ts";
import type { World } from "../coordination/world.ts";
import type { Clock } from "../model/clock.ts";
import type { JsonObject } from "../model/json.ts";
import { fireKey, firesAfter, maximumAgeSeconds } from "../model/schedule.ts";
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

export interface SchedulesOptions {
  readonly world: World;
  readonly clock: Clock;
  /** Drives the runs from here on, where no other process does. */
  readonly drive: () => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** Aborts when the platform is closed. */
  readonly signal: AbortSignal;
}

/** Submits a run for each fire of the catalogue that stands. */
export class Schedules {
  readonly #options: SchedulesOptions;
  #running = new AbortController();

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  /** From here on the entries of these workflows fire, and no others; `since` as of `runSchedules`. */
  run(workflows: readonly WorkflowDefinition[], since: number): void {
    const { clock, onError, signal } = this.#options;
    this.#running.abort();
    this.#running = new AbortController();
    const until = AbortSignal.any([signal, this.#running.signal]);
    runSchedules(workflows, since, clock, (fire) => this.#submit(fire), until).catch(onError);
  }

  async #submit({ workflow, scheduledAt, parameters }: Fire): Promise<void> {
    const { world, drive, onError } = this.#options;
    const idempotencyKey = fireKey(scheduledAt);
    try {
      if (await isPaused(world, workflow.name)) return;
      await drive();
      await submit(world, workflow, { workflow: workflow.name, parameters, idempotencyKey }, { scheduled: true });
    } catch (error) {
      onError(error);
    }
  }
}
