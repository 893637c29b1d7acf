import { ErrorName } from "../model/errors.ts";
import { isEnded, RANK, RunState } from "../model/run.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { compare } from "../store/condition.ts";
import type { Item } from "../store/items.ts";
import { cancelIfOpen } from "./children.ts";
import { endRun } from "./end-run.ts";
import { runKey, runOf } from "./keys.ts";
import { enterLimit, liveHolders, readLimit } from "./limits.ts";
import { startRun } from "./start.ts";
import type { World } from "./world.ts";

/**
 * Lets a recorded run start, wait, or go. Submit does so with a new run, and whoever finds one that was left on the way
 * does it again: each part may be repeated. False: the run could not start, and has ended.
 */
export async function admit(world: World, definition: WorkflowDefinition, record: Item): Promise<boolean> {
  const id = runOf(record);
  const { limit, startAt = 0, state } = record as unknown as Admitted;
  if (isEnded(state)) return true;
  if (startAt > world.now()) {
    await world.timers.at(id, definition.name, startAt);
    return true;
  }
  if (state === RunState.RUNNING) return startRun(world, id, record);
  return limit === undefined ? begin(world, id) : enter(world, definition, record, limit);
}

interface Admitted {
  readonly limit?: string;
  readonly startAt?: number;
  readonly state: RunState;
}

/** The time has come for a run that stands under no limit. */
async function begin(world: World, id: string): Promise<boolean> {
  const running = { state: RunState.RUNNING, rank: RANK.running, startedAt: world.now() };
  const waits = compare("rank", "<", RANK.running);
  const { ok, item } = await world.items.update(runKey(id), { set: running }, { when: waits });
  return !(ok || item?.["state"] === RunState.RUNNING) || startRun(world, id, item);
}

async function enter(world: World, definition: WorkflowDefinition, record: Item, limit: string): Promise<boolean> {
  const id = runOf(record);
  const strategy = definition.concurrencyStrategy ?? "ENQUEUE";
  const result = await enterLimit(world, record, strategy);
  if (result === "refused") {
    const end = { state: "cancelled", endedAt: world.now(), error: await limitReached(world, limit) } as const;
    await endRun(world, { id, workflow: definition.name }, end, compare("rank", "<", RANK.running));
  }
  if (result === "queued" && strategy === "CANCEL_RUNNING") await makeRoom(world, id, limit);
  return result !== "done";
}

export async function limitReached(world: World, limit: string): Promise<{ name: ErrorName; message: string }> {
  const { max, holders } = await readLimit(world, limit);
  const runs = holders.map(({ run }) => run).join(", ");
  return {
    name: ErrorName.LIMIT_REACHED,
    message: `The limit "${limit}" lets ${max} run at once: ${runs || "none at this moment"}. Submit it again later, or with ENQUEUE.`,
  };
}

/** Cancels the runs that wait before this one, and the one that has run longest. */
export async function makeRoom(world: World, id: string, limit: string): Promise<void> {
  const { waiting } = await readLimit(world, limit);
  const [oldest] = await liveHolders(world, limit);
  const before = waiting.slice(0, Math.max(0, waiting.indexOf(id)));
  for (const run of [...before, ...(oldest === undefined || oldest === id ? [] : [oldest])]) {
    await cancelIfOpen(world, run, `Run ${id} takes its place under the limit "${limit}".`);
  }
}
