import { describe, expect, it } from "vitest";
import * as z from "zod";
import { merged, type EdgeStream } from "../../../engine/coordination/edge-stream.ts";
import { runKey } from "../../../engine/coordination/keys.ts";
import { countRuns } from "../../../engine/coordination/run-count.ts";
import { queryRuns } from "../../../engine/coordination/run-index.ts";
import type { RunFilter } from "../../../engine/coordination/run-query.ts";
import { addTags } from "../../../engine/coordination/run-tags.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import { branchesOf, relatedNodes, renderTags } from "../../../engine/model/tags.ts";
import { WorkflowType, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import type { Items } from "../../../engine/store/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";
import { openIds } from "./definitions.ts";
import { end, record } from "./recorded-runs.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 24);

async function all(items: Items, filter: RunFilter): Promise<string[]> {
  return (await queryRuns(items, filter, NOW)).runs.map((run) => run.id);
}

describe("edges", () => {
  it("that stand in two lists are one: an index that lags shows a run that has edges by now", async () => {
    const list =
      (...ids: string[]): EdgeStream =>
      async () => ({ edges: ids.map((at) => ({ at, kept: 0 })), read: ids.length });
    const { edges } = await merged([list("3", "2"), list("3", "1")])("9", 128);
    expect(edges.map(({ at }) => at)).toEqual(["3", "2", "1"]);
  });

  it("of a run that is gone, or is about to be deleted, are ignored", async () => {
    const items = memoryItems();
    const [gone, expired, kept] = [
      await record(items, { createdAt: NOW - 3 }),
      await record(items, { createdAt: NOW - 2, deferred: true }),
      await record(items, { createdAt: NOW - 1 }),
    ];
    await items.delete(runKey(gone));
    await end(items, expired, "completed", NOW - 2 * DAY, true);
    expect(await all(items, { includeUnchanged: true })).toEqual([kept]);
  });

  it("of a run that ended badly after a tag's name never mix with those of another tag", async () => {
    const items = memoryItems();
    const failed = await record(items, { createdAt: NOW - 1, tags: ["a"] });
    const other = await record(items, { createdAt: NOW, tags: ["a!failed"] });
    await end(items, failed, "failed", NOW);
    expect(await all(items, { tags: ["a!failed"] })).toEqual([other]);
    expect(await countRuns(items, { tags: ["a"], state: "failed" }, NOW)).toEqual({ count: 1, more: false });
    for (const tag of ["a#failed", "run:all"]) {
      await expect(countRuns(items, { tags: [tag] }, NOW)).rejects.toMatchObject({ name: "InvalidRequest" });
    }
  });

  it("of a deferred run are written at its end: one where nothing changed, else as for every run", async () => {
    for (const [state, unchanged, edges] of [
      ["completed", true, 1],
      ["completed", false, 3],
      ["failed", false, 6],
    ] as const) {
      const items = memoryItems();
      const puts: string[] = [];
      const id = await record(items, { createdAt: NOW, deferred: true });
      await addTags(items, id, ["t"]);
      const spied = { ...items, put: (item: Parameters<Items["put"]>[0]) => (puts.push(item.pk), items.put(item)) };
      expect(await openIds({ items })).toEqual([id]);
      await end(spied, id, state, NOW, unchanged);
      expect(puts).toHaveLength(edges);
      expect(await all(items, { tags: ["t"] })).toEqual(unchanged ? [] : [id]);
      expect(await all(items, { tags: ["t"], includeUnchanged: true })).toEqual([id]);
    }
  });

  it("tell branches and related nodes", () => {
    const known = renderTags({ branches: ["a/b", "c"], nodes: ["n"], databaseChange: true });
    expect([branchesOf(known), relatedNodes(known)]).toEqual([["a/b", "c"], ["n"]]);
  });
});

const ADD: WorkflowDefinition = {
  name: "add-repository",
  type: WorkflowType.CORE,
  module: "git/flows",
  function: "addRepository",
  parameters: z.object({ location: z.string() }),
  result: z.unknown(),
  tags: [],
};
const STATIC = ["infrahub.app", "infrahub.app/workflow-type/core"];
const newWorld = (): FakeWorld => fakeWorld(memoryItems(), [ADD]);
const request = (changes: object = {}) => ({ workflow: ADD.name, parameters: { location: "x" }, ...changes });

describe("edges of ends", () => {
  it("are written of bad ends alone, one for each that the run has", async () => {
    for (const [status, edges] of [
      ["SUCCEEDED", 0],
      ["FAILED", STATIC.length + 2],
    ] as const) {
      const world = newWorld();
      const { execution } = await submit(world, ADD, request());
      world.writes.length = 0;
      await settle(world, { execution, status, startedAt: 1, endedAt: 2 });
      expect(world.writes.filter((pk) => pk.startsWith("TAG#"))).toHaveLength(edges);
    }
  });

  it("are there when the event is delivered again after a crash, whatever write it cut", async () => {
    const failed = async (world: FakeWorld): Promise<void> => {
      const { execution } = await submit(world, ADD, request({ idempotencyKey: "k" }));
      await settle(world, { execution, status: "FAILED", startedAt: world.time, endedAt: world.time });
    };
    const whole = newWorld();
    await failed(whole);
    for (let cut = 0; cut <= whole.writes.length; cut += 1) {
      const world = newWorld();
      world.failAt = cut;
      await failed(world).catch(() => undefined);
      world.failAt = -1;
      await failed(world);
      for (const query of [{}, { workflow: ADD.name }, ...STATIC.map((tag) => ({ tags: [tag] }))]) {
        expect((await queryRuns(world.items, { ...query, state: "failed" }, world.time)).runs).toHaveLength(1);
      }
    }
  });

  it("wait for the end of a cron run that may have changed nothing, whose record is then kept for a day", async () => {
    const TICK: WorkflowDefinition = { ...ADD, name: "tick", cron: "* * * * *", unchanged: (result) => result === 0 };
    for (const output of [0, 1]) {
      const world = fakeWorld(memoryItems(), [TICK]);
      const { id, execution } = await submit(world, TICK, request({ workflow: "tick" }), { scheduled: true });
      expect(world.writes.filter((pk) => pk.startsWith("TAG#"))).toEqual([]);
      expect(await openIds(world)).toEqual([id]);
      await settle(world, { execution, status: "SUCCEEDED", startedAt: world.time, endedAt: world.time, output });
      const found = async (query: object): Promise<string[]> =>
        (await queryRuns(world.items, { workflow: "tick", ...query }, world.time)).runs.map((run) => run.id);
      expect(await found({})).toEqual(output === 0 ? [] : [id]);
      expect(await found({ includeUnchanged: true })).toEqual([id]);
      expect(await openIds(world)).toEqual([]);
      const record = await world.items.get(runKey(id));
      expect(Number(record?.["ttl"]) - world.time / 1000).toBe((output === 0 ? 1 : 400) * 86_400);
      expect(world.writes.filter((pk) => pk.startsWith("TAG#"))).toHaveLength(output === 0 ? 1 : STATIC.length + 2);
    }
  });
});
