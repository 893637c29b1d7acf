import { expect, it, onTestFinished } from "vitest";
import { acquireForFlow, releaseForFlow } from "../../../engine/coordination/locks.ts";
import { recoverAll } from "../../../engine/local/recovery.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { sqliteItems } from "../../../engine/local/sqlite/items.ts";
import { fakeWorld, type FakeWorld } from "../coordination/fake-world.ts";
import { acquire, answerTo, LOCK, release, runId, stored } from "../coordination/lock-world.ts";

function opened(): { readonly world: FakeWorld; readonly database: Database } {
  const database = new Database(":memory:");
  onTestFinished(() => database.close());
  return { world: fakeWorld(sqliteItems(database)), database };
}

it("tells a flow of the lock that a killed process passed to it, at once", async () => {
  const { world, database } = opened();
  await acquireForFlow(world, acquire(world, 1));
  await acquireForFlow(world, acquire(world, 2));
  const { answer } = world.machines;
  world.machines.answer = () => Promise.reject(new Error("the process died here"));
  await expect(releaseForFlow(world, release(1))).rejects.toThrow("the process died here");
  world.machines.answer = answer;
  expect(await stored(world)).toMatchObject({ owner: runId(2), fence: 2 });

  await recoverAll(world, database);
  expect(answerTo(world, 2)).toEqual({ output: { name: LOCK, fence: 2 } });
});

it("leaves a lock with the flow that holds it, and those in its line where they stand", async () => {
  const { world, database } = opened();
  await acquireForFlow(world, acquire(world, 1));
  await acquireForFlow(world, acquire(world, 2));
  const before = await stored(world);

  await recoverAll(world, database);
  expect(await stored(world)).toEqual(before);
  expect(answerTo(world, 2)).toBeUndefined();
});
