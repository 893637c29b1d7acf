import { ErrorName, MillraceError } from "../model/errors.ts";
import { isEnded, RANK, type Run } from "../model/run.ts";
import { and, compare, exists } from "../store/condition.ts";
import type { Item } from "../store/items.ts";
import { endRun } from "./end-run.ts";
import { runKey } from "./keys.ts";
import { leaveLine, releaseSlot } from "./limits.ts";
import { notEnded } from "./run-end.ts";
import { readRun } from "./run-record.ts";
import type { World } from "./world.ts";

/**
 * Cancels a run. One that waits ends at once; one that runs is stopped, and ends when its machine has: its state is
 * `cancelled` then, with the children that it executes. Whatever its tasks do meanwhile, a cancelled run stays cancelled.
 * @throws MillraceError `RunNotFound`, `RunEnded`
 */
export async function cancel(world: World, id: string, reason = "It was cancelled."): Promise<Run> {
  const record = await world.items.get(runKey(id), { consistent: true });
  const run = record && readRun(record);
  if (record === undefined || run === undefined) {
    throw new MillraceError(
      ErrorName.RUN_NOT_FOUND,
      `There is no run "${id}" to cancel. \`millrace runs\` lists them.`,
    );
  }
  if (!isEnded(run.state)) {
    const waiting = await endWaiting(world, record, run, { name: ErrorName.RUN_CANCELLED, message: reason });
    if (waiting !== undefined) return waiting;
    const asked = { set: { cancelRequestedAt: world.now() } };
    const { ok, item } = await world.items.update(runKey(id), asked, { when: and(exists("createdAt"), notEnded) });
    if (ok) {
      await world.machines.stop(run.execution, { name: ErrorName.RUN_CANCELLED, cause: reason });
      return readRun(item) ?? run;
    }
  }
  throw new MillraceError(
    ErrorName.RUN_ENDED,
    `Run ${id} has ended (${run.state}) and cannot be cancelled. \`millrace retry ${id}\` starts it once more.`,
  );
}

/** Ends a run that has not begun; nothing where it runs, or has ended. */
export async function endWaiting(
  world: World,
  record: Item,
  run: Run,
  error: { readonly name: ErrorName; readonly message: string },
): Promise<Run | undefined> {
  // A crash after this leaves a run that waits nowhere, which the sweep reads; those in line it does not.
  if (run.limit !== undefined && run.state !== "running") await leaveLine(world, run.limit, record);
  const end = { state: "cancelled", endedAt: world.now(), error } as const;
  const ended = await endRun(world, run, end, compare("rank", "<", RANK.running));
  const after = ended && readRun(ended);
  if (after === undefined || after.state !== "cancelled" || after.endedAt !== end.endedAt) return undefined;
  if (run.startAt !== undefined) await world.timers.cancel(run.id);
  if (run.limit !== undefined) await releaseSlot(world, run.limit, run.id);
  return after;
}
