import { ErrorName, MillraceError } from "../model/errors.ts";
import { idempotentRunId } from "../model/run-id.ts";
import { fireKey, firesAfter } from "../model/schedule.ts";
import { getRun } from "./run-record.ts";
import { findScheduled, type ScheduledWorkflow } from "./schedules.ts";
import { submit } from "./submit.ts";
import type { World } from "./world.ts";

/** Times are milliseconds since the epoch, both inclusive. */
export interface BackfillRange {
  readonly from: number;
  /** Not in the future. */
  readonly to: number;
  /** Only look what would be submitted. */
  readonly dryRun?: boolean;
}

/** A fire of a schedule and the run that it has or will have. */
export interface Fire {
  readonly scheduledAt: number;
  readonly run: string;
}

/** Both oldest first. */
export interface Backfill {
  /** Fires that have a run already. */
  readonly existing: readonly Fire[];
  /** Fires that had none: submitted by now, or with `dryRun` to be submitted. */
  readonly missing: readonly Fire[];
}

export const BACKFILL_LIMIT = 1_000;

/** Runs that are looked for at a time. */
const CHUNK = 50;

/**
 * Submits a run for each fire of a workflow's schedule that was due in a span of time and has none: the fires of a pause,
 * of an outage, of the time before it was deployed. Each has its scheduled time as key, so where a backfill broke off the
 * same one goes on, and two at once submit no fire twice. The workflow's limit decides about overlap, as for any fire.
 * @throws MillraceError `WorkflowNotFound`; `InvalidRequest` where the workflow has no cron, or the range is none, reaches
 * into the future or has more than 1,000 fires
 */
export async function backfill(world: World, workflow: string, range: BackfillRange): Promise<Backfill> {
  const definition = findScheduled(world, workflow);
  const fires = firesIn(definition, range, world.now());
  const existing: Fire[] = [];
  const missing: Fire[] = [];
  for (let at = 0; at < fires.length; at += CHUNK) {
    const chunk = fires.slice(at, at + CHUNK);
    const runs = await Promise.all(chunk.map(({ run }) => getRun(world.items, run)));
    chunk.forEach((fire, index) => (runs[index] === undefined ? missing : existing).push(fire));
  }
  if (range.dryRun === true) return { existing, missing };
  const parameters = definition.cronParameters ?? {};
  for (const { scheduledAt } of missing) {
    await submit(world, definition, { workflow, parameters, idempotencyKey: fireKey(scheduledAt) });
  }
  return { existing, missing };
}

function firesIn(definition: ScheduledWorkflow, { from, to }: BackfillRange, now: number): Fire[] {
  const span = `runs from ${shown(from)} to ${shown(to)}`;
  if (!(from <= to)) refuse(`${span}, which is no span: give two moments, the earlier one first`);
  if (to > now) refuse(`${span}, and now is ${shown(now)}: give a span that is past`);
  const fires: Fire[] = [];
  for (const scheduledAt of firesAfter(definition, from - 1)) {
    if (scheduledAt > to) break;
    if (fires.length === BACKFILL_LIMIT) {
      refuse(`${span}, which has more than ${BACKFILL_LIMIT} fires: take a shorter span, and the rest after it`);
    }
    fires.push({ scheduledAt, run: idempotentRunId(definition.name, fireKey(scheduledAt)) });
  }
  return fires;
}

function shown(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? `${time}, which is no moment,` : date.toISOString();
}

function refuse(problem: string): never {
  throw new MillraceError(ErrorName.INVALID_REQUEST, `Nothing was backfilled: the range ${problem}.`);
}
