import { ErrorName, MillraceError } from "../model/errors.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { exists, not } from "../store/condition.ts";
import { scheduleKey } from "./keys.ts";
import { findWorkflow, type World } from "./world.ts";

/**
 * What an operator decides about the schedule of a workflow, apart from the definition, is one item that no deployment
 * touches: so a pause outlives every deployment.
 *
 * | attribute | meaning                                                                                     |
 * |-----------|---------------------------------------------------------------------------------------------|
 * | pausedAt  | while it is paused: since when                                                               |
 * | reason    | why, where somebody said it                                                                  |
 * | cron      | the cron entry that was last looked at, with its zone                                        |
 * | since     | from when on its fires count for the verdict: first look at this cron entry, or last resume  |
 *
 * A paused schedule stays deployed. Each of its fires is dropped by submit for the price of one request, and leaves
 * nothing: no record, no transition.
 */
export interface ScheduleItem {
  readonly pausedAt?: number;
  readonly reason?: string;
  readonly cron?: string;
  readonly since?: number;
}

export type ScheduledWorkflow = WorkflowDefinition & { readonly cron: string };

/** Whether the fires of a workflow's schedule are to be dropped. */
export async function isPaused({ items }: Pick<World, "items">, workflow: string): Promise<boolean> {
  return (await readSchedule({ items }, workflow)).pausedAt !== undefined;
}

export async function readSchedule({ items }: Pick<World, "items">, workflow: string): Promise<ScheduleItem> {
  return ((await items.get(scheduleKey(workflow), { consistent: true })) ?? {}) as ScheduleItem;
}

/**
 * Drops every fire from now on, until `resumeSchedule`; runs that are under way go on. False where it was paused before:
 * then only a reason is new.
 * @throws MillraceError `WorkflowNotFound`, `InvalidRequest` where the workflow has no cron
 */
export async function pauseSchedule(world: World, workflow: string, reason?: string): Promise<boolean> {
  const key = scheduleKey(findScheduled(world, workflow).name);
  const why = reason === undefined ? {} : { reason };
  const paused = await world.items.update(
    key,
    { set: { pausedAt: world.now(), ...why } },
    { when: not(exists("pausedAt")) },
  );
  if (!paused.ok && reason !== undefined) await world.items.update(key, { set: why }, { when: exists("pausedAt") });
  return paused.ok;
}

/** Fires that were dropped meanwhile stay so; `backfill` makes up for them. False where it was not paused. */
export async function resumeSchedule(world: World, workflow: string): Promise<boolean> {
  const resumed = await world.items.update(
    scheduleKey(findScheduled(world, workflow).name),
    { set: { since: world.now() }, remove: ["pausedAt", "reason"] },
    { when: exists("pausedAt") },
  );
  return resumed.ok;
}

/** @throws MillraceError `WorkflowNotFound`, `InvalidRequest` where the workflow has no cron */
export function findScheduled(world: World, workflow: string): ScheduledWorkflow {
  const definition = findWorkflow(world, workflow);
  const scheduled = scheduledWorkflows(world);
  const known = scheduled.length === 0 ? "none is" : `scheduled are ${scheduled.map(({ name }) => name).join(", ")}`;
  if (definition === undefined) {
    const message = `The catalogue has no workflow ${JSON.stringify(workflow)}; ${known}.`;
    throw new MillraceError(ErrorName.WORKFLOW_NOT_FOUND, message);
  }
  if (!isScheduled(definition)) {
    const message = `Workflow "${workflow}" has no schedule; ${known}. Give it a cron in the catalogue.`;
    throw new MillraceError(ErrorName.INVALID_REQUEST, message);
  }
  return definition;
}

export function scheduledWorkflows(world: World): ScheduledWorkflow[] {
  return world.workflows().filter(isScheduled);
}

function isScheduled(definition: WorkflowDefinition): definition is ScheduledWorkflow {
  return definition.cron !== undefined;
}
