import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import type { Timers } from "../coordination/world.ts";
import { resourceName, SUBMIT_FUNCTION, type RunCommand } from "../model/wire.ts";
import { variable } from "./environment.ts";
import type { Deployed } from "./world.ts";

/** A timer is worth something until the sweep has found its run, a minute after the time. */
const RETRY = { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 2 };
/** The nearest moment that a timer is made for. */
const SOON_MS = 2_000;

/**
 * Timers as one-time schedules of a stack's group, each named after its run. One tells submit to resume the run, up to a
 * minute late and never early, and deletes itself. Only submit makes them: its deployment says with which role they call.
 */
export function schedulerTimers({ stack, region, account }: Deployed): Timers {
  let made: SchedulerClient | undefined;
  const client = (): SchedulerClient => (made ??= new SchedulerClient({ region }));
  return {
    at: async (run, workflow, time) => {
      const create = new CreateScheduleCommand({
        Name: run,
        GroupName: stack,
        Description: `${workflow}: starts run ${run}`,
        ScheduleExpression: `at(${secondFrom(Math.max(time, Date.now() + SOON_MS))})`,
        ScheduleExpressionTimezone: "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        Target: {
          Arn: `arn:aws:lambda:${region}:${account}:function:${resourceName(stack, SUBMIT_FUNCTION)}`,
          RoleArn: variable("MILLRACE_SCHEDULE_ROLE"),
          Input: JSON.stringify({ command: "resume", run } satisfies RunCommand),
          RetryPolicy: RETRY,
        },
      });
      await unless(ConflictException, client().send(create));
    },
    cancel: (run) =>
      unless(ResourceNotFoundException, client().send(new DeleteScheduleCommand({ Name: run, GroupName: stack }))),
  };
}

/** `2026-11-24T12:00:01`: the first second that does not begin before the moment. */
function secondFrom(time: number): string {
  return new Date(Math.ceil(time / 1000) * 1000).toISOString().slice(0, 19);
}

async function unless(kind: abstract new (...options: never[]) => Error, request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof kind)) throw error;
  }
}
