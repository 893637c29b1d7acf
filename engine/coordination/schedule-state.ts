import { idempotentRunId } from "../model/run-id.ts";
import type { RunState } from "../model/run.ts";
import { fireKey, firesBefore, nextFires } from "../model/schedule.ts";
import { scheduleKey } from "./keys.ts";
import { getRun } from "./run-record.ts";
import { readSchedule, scheduledWorkflows, type ScheduledWorkflow, type ScheduleItem } from "./schedules.ts";
import type { World } from "./world.ts";

/** How the schedule of one workflow stands. Times are milliseconds since the epoch. */
export interface ScheduleState {
  readonly workflow: string;
  readonly cron: string;
  readonly timezone: string;
  /** Present while it is paused. */
  readonly paused?: { readonly at: number; readonly reason?: string };
  /** The next five fires; those of a paused schedule will be dropped. */
  readonly next: readonly number[];
  /** The newest fire that has a run, of the last twelve that were due. */
  readonly last?: { readonly scheduledAt: number; readonly run: string; readonly state: RunState };
  /** It should have fired and has not, for a period and a half. */
  readonly overdue: boolean;
}

const NEXT_FIRES = 5;
const FIRES_LOOKED_AT = 12;

/**
 * The schedules of the catalogue, in its order. What has fired is read from the runs themselves, whose ids follow from
 * workflow and scheduled time: a fire writes nothing for this. The first look at a cron entry is noted, once, because
 * nothing else tells a schedule that is new from one that has never fired.
 */
export async function scheduleStates(world: World, now = world.now()): Promise<ScheduleState[]> {
  return Promise.all(scheduledWorkflows(world).map((definition) => stateOf(world, definition, now)));
}

async function stateOf(world: World, definition: ScheduledWorkflow, now: number): Promise<ScheduleState> {
  const { name: workflow, cron, timezone = "UTC" } = definition;
  const { pausedAt, reason, since = now } = await look(world, definition, now);
  const due = firesBefore(definition, now).take(FIRES_LOOKED_AT).toArray();
  const last = await lastFire(world, workflow, due);
  return {
    workflow,
    cron,
    timezone,
    ...(pausedAt === undefined ? {} : { paused: { at: pausedAt, ...(reason === undefined ? {} : { reason }) } }),
    next: nextFires(definition, now, NEXT_FIRES),
    ...(last === undefined ? {} : { last }),
    overdue: pausedAt === undefined && isOverdue(due, last?.scheduledAt, since, now),
  };
}

async function look(
  world: World,
  { name, cron, timezone = "UTC" }: ScheduledWorkflow,
  now: number,
): Promise<ScheduleItem> {
  const item = await readSchedule(world, name);
  const entry = `${cron} ${timezone}`;
  if (item.cron === entry) return item;
  await world.items.update(scheduleKey(name), { set: { cron: entry, since: now } });
  return { ...item, since: now };
}

async function lastFire(world: World, workflow: string, due: readonly number[]): Promise<ScheduleState["last"]> {
  for (const scheduledAt of due) {
    const id = idempotentRunId(workflow, fireKey(scheduledAt));
    const run = await getRun(world.items, id);
    if (run !== undefined) return { scheduledAt, run: id, state: run.state };
  }
  return undefined;
}

/**
 * A fire is late when half of the pause before it has gone by since. The schedule is overdue when neither its newest late
 * fire nor a later one has come, and it could have: fires count from `since` on, and the first verdict is given after a
 * period and a half.
 */
export function isOverdue(due: readonly number[], last: number | undefined, since: number, now: number): boolean {
  const newest = due.findIndex((fire, index) => now - fire > (fire - (due[index + 1] ?? -Infinity)) / 2);
  const [late, before] = [due[newest], due[newest + 1]];
  if (late === undefined || before === undefined || late <= since) return false;
  return (last === undefined || last < late) && now - since > 1.5 * (late - before);
}
