import { ErrorName } from "../model/errors.ts";
import { runIdOf } from "../model/run-id.ts";
import { isItem, workflowOf } from "../model/wire.ts";
import { adopt } from "./adopt.ts";
import { attemptAll } from "./attempts.ts";
import { endRun } from "./end-run.ts";
import { runKey } from "./keys.ts";
import { releaseSlot } from "./limits.ts";
import { releaseLocksOf } from "./locks.ts";
import { endOf } from "./run-end.ts";
import { findWorkflow, type StatusEvent, type World } from "./world.ts";

/**
 * What one status event of an execution makes of its run, if it is of one and not of an item of a distributed Map: locks
 * and the slot are freed and handed on, then the end is written. A run is open as long as it holds anything. Locks are
 * looked for once more after the end: whoever passes one on to a run that has not ended may not ask again. Every write is
 * conditional on what stands, so a lost, doubled, late
 * or early event changes nothing that it should not.
 */
export async function settle(world: World, event: StatusEvent): Promise<void> {
  if (isItem(event.execution)) return;
  if (event.status === "RUNNING") return adopt(world, event);
  const id = runIdOf(event.execution);
  const workflow = workflowOf(event.execution);
  const limited = findWorkflow(world, workflow)?.concurrencyLimit !== undefined;
  const locks = (): Promise<void> => releaseLocksOf(world, id, mayRunOn(event) ? "drain" : "release");
  const locked = event.status === "SUCCEEDED" ? [] : [locks];
  await attemptAll([
    ...locked,
    ...(limited ? [() => freeSlot(world, id)] : []),
    () => end(world, event, { id, workflow, limited }),
    ...locked,
  ]);
}

async function end(
  world: World,
  event: StatusEvent,
  { limited, ...run }: { readonly id: string; readonly workflow: string; readonly limited: boolean },
): Promise<void> {
  const ended = await endRun(world, run, endOf(event));
  if (ended?.["createdAt"] === undefined) {
    await adopt(world, event); // the event of its start was lost, or comes after this one
    await endRun(world, run, endOf(event));
  } else if (!limited && typeof ended["limit"] === "string") {
    await releaseSlot(world, ended["limit"], run.id); // its workflow has lost the limit meanwhile
  }
}

/** The record says which slot a run has: the definition may be a newer one. */
async function freeSlot(world: World, id: string): Promise<void> {
  const limit = (await world.items.get(runKey(id), { consistent: true }))?.["limit"];
  if (typeof limit === "string") await releaseSlot(world, limit, id);
}

/** Whether a task of the execution may be at work still: Step Functions stops no Lambda function. */
function mayRunOn({ status, error }: StatusEvent): boolean {
  return status === "ABORTED" || status === "TIMED_OUT" || error === ErrorName.TIMEOUT;
}
