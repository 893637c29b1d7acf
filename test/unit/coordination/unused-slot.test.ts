import { expect, it } from "vitest";
import { readLimit } from "../../../engine/coordination/limits.ts";
import { getRun } from "../../../engine/coordination/run-record.ts";
import { sweep } from "../../../engine/coordination/sweep.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { finish, start, workflow } from "./definitions.ts";
import { fakeWorld } from "./fake-world.ts";

const ONE = workflow("one", { concurrencyLimit: 1 });

it("a sweep starts a run whose slot was handed to it by a process that died, however far back it stands in line", async () => {
  const world = fakeWorld(memoryItems(), [workflow("clean-up-deadlocks"), ONE]);
  world.time += 600_000;
  const [first, second] = [
    await start(world, ONE, { context: { priority: "low" } }),
    await start(world, ONE, { context: { priority: "low" } }),
  ];
  world.failAt = 1; // after the handover, before the claim
  await finish(world, first).catch(() => undefined);
  world.failAt = -1;
  expect((await readLimit(world, "one")).holders.map(({ run }) => run)).toEqual([second]);
  const earlier = [1, 2, 3].map(() => start(world, ONE, { context: { priority: "high" } }));
  const ids = await Promise.all(earlier);
  expect((await readLimit(world, "one")).waiting.indexOf(second)).toBe(ids.length);

  world.time += 60_000;
  const report = await sweep(world, { run: "", sleep: async (pause) => void (world.time += pause) });
  expect(report.problems).toEqual([]);
  expect((await getRun(world.items, second))?.state).toBe("running");
  await finish(world, second);
  for (const id of ids) {
    expect((await getRun(world.items, id))?.state).toBe("running");
    await finish(world, id);
  }
  expect(await readLimit(world, "one")).toMatchObject({ holders: [], waiting: [] });
});
