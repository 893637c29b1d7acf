import { backfill, type Fire } from "../../coordination/schedule-backfill.ts";
import { scheduleStates, type ScheduleState } from "../../coordination/schedule-state.ts";
import { findScheduled, pauseSchedule, resumeSchedule } from "../../coordination/schedules.ts";
import type { World } from "../../coordination/world.ts";
import { nextFires } from "../../model/schedule.ts";
import { confirm } from "../confirm.ts";
import { formatDuration, formatTime } from "../duration.ts";
import { styled, type Output } from "../output.ts";
import { withWorld, type PlatformOptions } from "../session.ts";
import { formatTable } from "../table.ts";
import { timeOf } from "./runs.ts";

/** `millrace schedule list`: answers `{ schedules }`. */
export async function list(output: Output, options: PlatformOptions): Promise<void> {
  await withWorld(options.stack, async ({ world }) => {
    const schedules = await scheduleStates(world);
    const now = world.now();
    const table = formatTable(schedules.map((schedule) => scheduleRow(schedule, now)));
    output.result({ schedules }, schedules.length === 0 ? NONE : table);
  });
}

const NONE = "The catalogue has no schedules.";

function scheduleRow({ workflow, cron, timezone, next, last, paused, overdue }: ScheduleState, now: number): string[] {
  const [fire] = next;
  const verdict =
    paused === undefined ? (overdue ? styled("red", "overdue") : "") : styled("yellow", pausedText(paused));
  return [
    workflow,
    `${cron} (${timezone})`,
    fire === undefined || paused !== undefined ? "" : `next ${formatTime(fire)}, in ${formatDuration(fire - now)}`,
    last === undefined ? "no run yet" : `last ${formatTime(last.scheduledAt)} ${last.state}`,
    verdict,
  ];
}

export function pausedText({ at, reason }: NonNullable<ScheduleState["paused"]>): string {
  return `paused since ${formatTime(at)}${reason === undefined ? "" : `: ${reason}`}`;
}

export interface NextOptions extends PlatformOptions {
  readonly count?: number;
}

/** `millrace schedule next`: answers `{ fires }`, the next of one workflow or of all, in order of time. */
export async function next(output: Output, workflow: string | undefined, options: NextOptions): Promise<void> {
  await withWorld(options.stack, async ({ world }) => {
    if (workflow !== undefined) findScheduled(world, workflow);
    const states = (await scheduleStates(world)).filter(
      (state) => workflow === undefined || state.workflow === workflow,
    );
    const active = states.filter(({ paused }) => paused === undefined);
    const now = world.now();
    const { count } = options;
    const fires = active
      .flatMap(({ workflow: name, cron, timezone, next: five }) =>
        (count === undefined ? five : nextFires({ cron, timezone }, now, count)).map((scheduledAt) => ({
          workflow: name,
          scheduledAt,
        })),
      )
      .sort((left, right) => left.scheduledAt - right.scheduledAt)
      .slice(0, count);
    const rows = fires.map(({ workflow: name, scheduledAt: at }) => [
      formatTime(at),
      `in ${formatDuration(at - now)}`,
      name,
    ]);
    const none = states.length === 0 ? NONE : "Nothing will fire: paused.";
    output.result({ fires }, rows.length === 0 ? none : formatTable(rows));
  });
}

export interface PauseOptions extends PlatformOptions {
  readonly reason?: string;
}

/** `millrace schedule pause`: answers `{ workflow, paused, changed }`. */
export async function pause(output: Output, workflow: string, options: PauseOptions): Promise<void> {
  await withWorld(options.stack, async ({ world }) => {
    const changed = await pauseSchedule(world, workflow, options.reason);
    const text = changed
      ? `The schedule of "${workflow}" is paused until \`millrace schedule resume ${workflow}\`; no deployment resumes it.`
      : `The schedule of "${workflow}" was paused already.`;
    output.result({ workflow, paused: true, changed }, text);
  });
}

/** `millrace schedule resume`: answers `{ workflow, paused, changed }`. */
export async function resume(output: Output, workflow: string, options: PlatformOptions): Promise<void> {
  await withWorld(options.stack, async ({ world }) => {
    const changed = await resumeSchedule(world, workflow);
    const text = changed
      ? `The schedule of "${workflow}" fires again. \`millrace schedule backfill ${workflow} --from <time>\` makes up for what was left out.`
      : `The schedule of "${workflow}" was not paused.`;
    output.result({ workflow, paused: false, changed }, text);
  });
}

export interface BackfillOptions extends PlatformOptions {
  readonly from: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `millrace schedule backfill`: answers `{ existing, missing, submitted }`; first it shows what it will submit. */
export async function backfillRuns(output: Output, workflow: string, options: BackfillOptions): Promise<void> {
  await withWorld(options.stack, async ({ world }) => {
    const range = rangeOf(world, options);
    const preview = await backfill(world, workflow, { ...range, dryRun: true });
    const { existing, missing } = preview;
    const found = `Fires of "${workflow}" with a run: ${existing.length}; without one: ${missing.length}.`;
    output.progress(`${found}\n${firesText(missing)}`.trimEnd());
    const wanted = options.dryRun !== true && missing.length > 0;
    const submitted =
      wanted && (await confirm(`Submit a run for each fire without one (${missing.length})?`, output, options.yes));
    const done = submitted ? await backfill(world, workflow, range) : preview;
    output.result({ ...done, submitted }, submitted ? `Submitted: ${done.missing.length}.` : "Nothing was submitted.");
  });
}

function rangeOf(world: World, { from, to }: BackfillOptions): { readonly from: number; readonly to: number } {
  const now = world.now();
  return { from: timeOf("from", from, now) ?? now, to: timeOf("to", to, now) ?? now };
}

function firesText(fires: readonly Fire[]): string {
  return formatTable(fires.map(({ scheduledAt, run }) => [`  ${formatTime(scheduledAt)}`, run]));
}
