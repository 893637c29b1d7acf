import { ErrorName } from "../model/errors.ts";
import { isEnded, RunState } from "../model/run.ts";
import type { Item } from "../store/items.ts";
import { admit } from "./admission.ts";
import { linkToParent, stopIfOrphan } from "./children.ts";
import { endRun, finish } from "./end-run.ts";
import { runKey, runOf } from "./keys.ts";
import { writeAllEdges } from "./run-tags.ts";
import { settle } from "./settle.ts";
import { findWorkflow, type World } from "./world.ts";

/** Goes on with a run that was left between two steps of submit or settle, or that was submitted for now. */
export async function resumeRun(world: World, id: string): Promise<void> {
  const record = await world.items.get(runKey(id), { consistent: true });
  if (record?.["createdAt"] === undefined) return;
  await resume(world, record);
}

/** @param record As it stands. */
export async function resume(world: World, record: Item): Promise<void> {
  if (isEnded(record["state"] as RunState)) {
    await finish(world, record);
    return;
  }
  if (record["adopted"] === true) return resettle(world, record["execution"] as string);
  const workflow = record["workflow"] as string;
  const definition = findWorkflow(world, workflow);
  await writeAllEdges(world.items, record);
  await linkToParent(world, record);
  if (definition !== undefined) {
    await admit(world, definition, record);
    return stopIfOrphan(world, record);
  }
  const message = `The workflow "${workflow}" has gone from the catalogue before the run started.`;
  const error = { name: ErrorName.WORKFLOW_NOT_FOUND, message };
  const id = runOf(record);
  await endRun(world, { id, workflow }, { state: "failed", endedAt: world.now(), error });
}

/** What nobody submitted is not started either: its execution says what it is. */
async function resettle(world: World, execution: string): Promise<void> {
  const event = await world.machines.describe(execution);
  if (event !== undefined) await settle(world, event);
}

/**
 * Goes on with a run where a killed process left it without an execution, for a platform that knows its executions at once.
 * What waits in line, or for its time, is left to others.
 */
export async function recover(world: World, id: string, hasExecution: (execution: string) => boolean): Promise<void> {
  const record = await world.items.get(runKey(id), { consistent: true });
  if (record?.["createdAt"] === undefined || record["state"] === RunState.QUEUED) return;
  const later = Number(record["startAt"] ?? 0) > world.now();
  if (record["state"] === RunState.SCHEDULED && later) return;
  if (record["state"] === RunState.RUNNING && hasExecution(record["execution"] as string)) return;
  await resume(world, record);
}
