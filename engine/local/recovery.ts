import { openPartition, OPEN_SHARDS, position, runOf } from "../coordination/keys.ts";
import { openLocks } from "../coordination/lock-index.ts";
import { lockWorld, pumpLock } from "../coordination/lock-walk.ts";
import { openEntries } from "../coordination/open-index.ts";
import { recover } from "../coordination/resume.ts";
import type { World } from "../coordination/world.ts";
import { hasExecution } from "./executions.ts";
import type { Database } from "./sqlite/database.ts";

/**
 * Goes on with every run that a killed process left without an execution, and with every lock that it may have passed to
 * a flow without telling it.
 */
export async function recoverAll(world: World, database: Database): Promise<void> {
  for (const { id } of await openEntries(world.items)) await recoverOne(world, database, id);
  for await (const { lock } of openLocks(world.items)) await pumpLock(lockWorld(world), lock);
}

/** A submitter that has begun less than this ago is not thought to be dead; what is older was looked at before. */
const BEGUN_MS = { from: 1_000, to: 60_000 };

/** The same for runs of the last minute, so that its cost does not grow with the number of open runs. */
export async function recoverRecent(world: World, database: Database): Promise<void> {
  const now = world.now();
  const [from, to] = [position(now - BEGUN_MS.to, ""), position(now - BEGUN_MS.from, "")];
  for (const shard of OPEN_SHARDS) {
    const { items } = await world.items.query({ pk: openPartition(shard), index: "open", sk: { from, to } });
    for (const item of items) await recoverOne(world, database, runOf(item));
  }
}

function recoverOne(world: World, database: Database, id: string): Promise<void> {
  return recover(world, id, (execution) => hasExecution(database, execution));
}
