import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { getRun } from "../../../engine/coordination/run-record.ts";
import { queryRuns } from "../../../engine/coordination/run-index.ts";
import { addTags } from "../../../engine/coordination/run-tags.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import type { StatusEvent, World } from "../../../engine/coordination/world.ts";
import { MillraceError } from "../../../engine/model/errors.ts";
import { runIdOf } from "../../../engine/model/run-id.ts";
import { WorkflowTag } from "../../../engine/model/tags.ts";
import { withWhere } from "../../../engine/model/wire.ts";
import { WorkflowType, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { openIds } from "./definitions.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";

const ADD: WorkflowDefinition = {
  name: "add-repository",
  type: WorkflowType.CORE,
  module: "git/flows",
  function: "addRepository",
  parameters: z.object({ location: z.string(), branch: z.string().default("main") }),
  result: z.unknown(),
  runName: "Add {location} in {branch}",
  tags: [WorkflowTag.DATABASE_CHANGE],
};
const STATIC = ["infrahub.app", "infrahub.app/database-change", "infrahub.app/workflow-type/core"];
const newWorld = (): FakeWorld => fakeWorld(memoryItems(), [ADD]);
const request = (changes: object = {}) => ({ workflow: ADD.name, parameters: { location: "x" }, ...changes });

async function open(world: World): Promise<string[]> {
  return openIds(world);
}

describe("submit", () => {
  it("records the run once, as running, and starts its machine with the parameters as written", async () => {
    const world = newWorld();
    const { id, execution, existing } = await submit(world, ADD, request({ tags: ["t"], context: { branch: "b1" } }));
    expect(existing).toBe(false);
    expect(await getRun(world.items, id)).toEqual({
      id,
      workflow: "add-repository",
      name: "Add x in main",
      execution,
      parameters: { location: "x" },
      context: { branch: "b1" },
      tags: [...STATIC, "t"],
      createdAt: world.time,
      startedAt: world.time,
      state: "running",
    });
    expect(world.started).toEqual([
      {
        workflow: ADD.name,
        run: id,
        execution,
        input: { location: "x", $millrace: { context: { branch: "b1" } } },
      },
    ]);
    expect(await open(world)).toEqual([id]);
  });

  it("costs one record and one edge a tag, for all runs and for the workflow; the end costs one write", async () => {
    const world = newWorld();
    const { id, execution } = await submit(world, ADD, request());
    await settle(world, { execution, status: "SUCCEEDED", startedAt: 1, endedAt: 2, output: 5 });
    const coordination = world.writes.filter((pk) => pk.startsWith("RUN#"));
    expect(coordination).toEqual([`RUN#${id}`, `RUN#${id}`]);
    expect(world.writes).toHaveLength(2 + STATIC.length + 2);
  });

  it("answers the same key with the same run, and other parameters under it with a conflict", async () => {
    const world = newWorld();
    const first = await submit(world, ADD, request({ idempotencyKey: "k" }));
    const again = await submit(world, ADD, request({ idempotencyKey: "k" }));
    expect(again).toEqual({ ...first, existing: true });
    expect(world.started).toHaveLength(1);
    const other = submit(world, ADD, request({ idempotencyKey: "k", parameters: { location: "y" } }));
    await expect(other).rejects.toMatchObject({
      name: "Conflict",
      message: expect.stringContaining(first.id) as string,
    });
    expect((await getRun(world.items, first.id))?.parameters).toEqual({ location: "x" });
  });

  it.each([
    ["parameters that fail the schema", { parameters: { location: 1 } }, "InvalidParameters"],
    ["the reserved parameter", { parameters: { location: "x", $millrace: {} } }, "InvalidParameters"],
    ["parameters above 256 KiB", { parameters: { location: "x".repeat(262_144) } }, "InvalidParameters"],
    ["an empty tag", { tags: [""] }, "InvalidRequest"],
    ["an empty key", { idempotencyKey: "" }, "InvalidRequest"],
  ])("refuses %s and writes nothing", async (_, changes, name) => {
    const world = newWorld();
    await expect(submit(world, ADD, request(changes))).rejects.toMatchObject({ name });
    expect([world.writes, world.started]).toEqual([[], []]);
  });

  it("goes on where a crash cut it: the same request makes one whole run", async () => {
    const whole = newWorld();
    await submit(whole, ADD, request({ idempotencyKey: "k" }));
    for (let cut = 0; cut <= whole.writes.length; cut += 1) {
      const world = newWorld();
      world.failAt = cut;
      await submit(world, ADD, request({ idempotencyKey: "k" })).catch(() => undefined);
      world.failAt = -1;
      const { id } = await submit(world, ADD, request({ idempotencyKey: "k" }));
      expect(world.started.map((start) => start.run)).toEqual([id]);
      for (const tag of STATIC) {
        expect((await queryRuns(world.items, { tags: [tag] }, world.time)).runs.map((run) => run.id)).toEqual([id]);
      }
    }
  });
});

describe("submit of a workflow that is not deployed", () => {
  it("says so and leaves no run that seems to run", async () => {
    const world = newWorld();
    world.machines.start = async () => {
      throw new MillraceError("WorkflowNotFound", "There is no state machine for it.");
    };
    await expect(submit(world, ADD, request())).rejects.toMatchObject({ name: "WorkflowNotFound" });
    const { runs } = await queryRuns(world.items, {}, world.time);
    expect(runs).toMatchObject([{ state: "failed", error: { name: "WorkflowNotFound" } }]);
    expect(await open(world)).toEqual([]);
  });
});

describe("settle", () => {
  const times = { startedAt: 1_000, endedAt: 2_000 };

  it.each<[StatusEvent["status"], Partial<StatusEvent>, object]>([
    ["SUCCEEDED", { output: { ok: true } }, { state: "completed", result: { ok: true } }],
    [
      "FAILED",
      { error: "Gone", cause: withWhere("no repository", "functions/git/flows.ts:3", "s", "r") },
      { state: "failed", error: { name: "Gone", message: "no repository", at: "functions/git/flows.ts:3" } },
    ],
    ["TIMED_OUT", {}, { state: "timed-out", error: { name: "RunTimedOut" } }],
    ["ABORTED", {}, { state: "cancelled", error: { name: "RunCancelled" } }],
    ["ABORTED", { error: "InvalidParameters", cause: "bad" }, { state: "failed", error: { message: "bad" } }],
  ])("writes the end of %s", async (status, rest, expected) => {
    const world = newWorld();
    const { id, execution } = await submit(world, ADD, request());
    await settle(world, { execution, status, ...times, ...rest });
    expect(await getRun(world.items, id)).toMatchObject({ ...times, ...expected });
    expect(await open(world)).toEqual([]);
  });

  it("leaves a large result with the execution", async () => {
    const world = newWorld();
    const { id, execution } = await submit(world, ADD, request());
    await settle(world, { execution, status: "SUCCEEDED", ...times, output: "x".repeat(40_000) });
    expect(await getRun(world.items, id)).not.toHaveProperty("result");
  });

  it("adopts a run that nobody submitted, under an id hashed from its ARN, with the tags that its tasks added before", async () => {
    const world = newWorld();
    const execution = world.executionOf(ADD.name, "by-hand");
    const id = runIdOf(execution);
    await addTags(world.items, id, ["early"]);
    expect(await getRun(world.items, id)).toBeUndefined();
    const input = { location: "x", $millrace: { tags: ["given"], context: { branch: "b" } } };
    await settle(world, { execution, status: "RUNNING", startedAt: world.time, input });
    expect(await getRun(world.items, id)).toMatchObject({
      name: "Add x in main",
      context: { branch: "b" },
      parameters: { location: "x" },
      tags: ["early", "given", ...STATIC],
      state: "running",
    });
    for (const tag of ["early", "given", STATIC[0] ?? ""]) {
      expect((await queryRuns(world.items, { tags: [tag] }, world.time)).runs).toHaveLength(1);
    }
    expect(world.stopped).toEqual([]);
  });

  it("completes an adoption that a crash cut when the event is delivered again", async () => {
    const event = (world: World): StatusEvent => {
      const execution = world.executionOf(ADD.name, "by-hand");
      return { execution, status: "RUNNING", startedAt: world.now(), input: { location: "x" } };
    };
    const whole = newWorld();
    await settle(whole, event(whole));
    for (let cut = 0; cut <= whole.writes.length; cut += 1) {
      const world = newWorld();
      world.failAt = cut;
      await settle(world, event(world)).catch(() => undefined);
      world.failAt = -1;
      await settle(world, event(world));
      for (const tag of STATIC) {
        expect((await queryRuns(world.items, { tags: [tag] }, world.time)).runs).toHaveLength(1);
      }
      expect((await queryRuns(world.items, { workflow: ADD.name }, world.time)).runs).toHaveLength(1);
    }
  });

  it.each([
    { tags: 5 },
    { tags: "abc" },
    { tags: [1] },
    { tags: [""] },
    { tags: ["a#b"] },
    { context: "b" },
    "text",
    [1],
  ])("stops an adopted run with %j under the reserved key, and keeps its record", async ($millrace) => {
    const world = newWorld();
    const execution = world.executionOf(ADD.name, "by-hand");
    const input = { location: "x", $millrace } as never;
    await settle(world, { execution, status: "RUNNING", startedAt: 1, input });
    expect(world.stopped).toMatchObject([{ execution, error: { name: "InvalidParameters" } }]);
    expect(world.stopped[0]?.error.cause).toContain("$millrace: ");
    expect(await getRun(world.items, runIdOf(execution))).toMatchObject({
      tags: STATIC,
      context: {},
      state: "running",
    });
  });

  it("stops an adopted run whose parameters fail the schema", async () => {
    const world = newWorld();
    const execution = world.executionOf(ADD.name, "by-hand");
    await settle(world, { execution, status: "RUNNING", startedAt: 1, input: { location: 5 } });
    expect(world.stopped).toMatchObject([{ execution, error: { name: "InvalidParameters" } }]);
  });

  it("comes to one end whatever is lost, doubled or out of order", async () => {
    const events = ["RUNNING", "SUCCEEDED", "FAILED"] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...events), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (order, submitted) => {
          const world = newWorld();
          const execution = submitted
            ? (await submit(world, ADD, request())).execution
            : world.executionOf(ADD.name, "raw");
          for (const status of order) {
            await settle(world, {
              execution,
              status,
              startedAt: world.time,
              endedAt: world.time,
              input: { location: "x" },
            });
          }
          const first = order.find((status) => status !== "RUNNING");
          const run = await getRun(world.items, runIdOf(execution));
          expect(run?.state).toBe(first === undefined ? "running" : first === "SUCCEEDED" ? "completed" : "failed");
          expect(run?.tags).toEqual(STATIC);
          expect(await open(world)).toHaveLength(first === undefined ? 1 : 0);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("tags", () => {
  it("are an additive set, equal whether static, given at submit or added later", async () => {
    const world = newWorld();
    const { id } = await submit(world, ADD, request({ tags: ["a"] }));
    await addTags(world.items, id, ["b"]);
    await addTags(world.items, id, ["b", "c"]);
    expect((await getRun(world.items, id))?.tags).toEqual(["a", "b", "c", ...STATIC].sort());
    for (const tag of ["a", "b", "c"]) {
      expect((await queryRuns(world.items, { tags: [tag] }, world.time)).runs.map((run) => run.id)).toEqual([id]);
    }
  });
});

describe("the run index", () => {
  it("finds by tags, state, workflow and time, newest first, in pages that miss and repeat nothing", async () => {
    const world = newWorld();
    const ids: string[] = [];
    for (let index = 0; index < 30; index += 1) {
      world.time += 5 * 86_400_000;
      const { id, execution } = await submit(world, ADD, request({ tags: [index % 3 === 0 ? "third" : "other"] }));
      ids.unshift(id);
      if (index % 2 === 0) await settle(world, { execution, status: "SUCCEEDED", startedAt: world.time });
    }
    const all = async (query: object): Promise<string[]> => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await queryRuns(
          world.items,
          { ...query, limit: 4, ...(cursor === undefined ? {} : { cursor }) },
          world.time,
        );
        expect(page.runs.length).toBeLessThanOrEqual(4);
        found.push(...page.runs.map((run) => run.id));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return found;
    };
    const at = (index: number): number => 29 - index; // in `ids`, newest first
    expect(await all({})).toEqual(ids);
    expect(await all({ tags: ["third"] })).toEqual(ids.filter((_, index) => at(index) % 3 === 0));
    expect(await all({ tags: ["third", "infrahub.app"], state: "completed" })).toEqual(
      ids.filter((_, index) => at(index) % 6 === 0),
    );
    expect(await all({ state: "running" })).toEqual(ids.filter((_, index) => at(index) % 2 === 1));
    expect(await all({ workflow: ADD.name, from: world.time - 10 * 86_400_000 })).toEqual(ids.slice(0, 3));
    expect(await all({ workflow: ADD.name, to: world.time - 10 * 86_400_000 })).toEqual(ids.slice(2));
    expect(await all({ workflow: "other" })).toEqual([]);
  });

  it("refuses a cursor of another query, of nowhere, and a limit outside 1 to 200", async () => {
    const world = newWorld();
    for (let index = 0; index < 3; index += 1) await submit(world, ADD, request());
    const { cursor = "" } = await queryRuns(world.items, { limit: 1 }, world.time);
    const refused = { name: "InvalidRequest" };
    await expect(queryRuns(world.items, { limit: 1, state: "failed", cursor }, world.time)).rejects.toMatchObject(
      refused,
    );
    await expect(queryRuns(world.items, { cursor: "nonsense" }, world.time)).rejects.toMatchObject(refused);
    for (const limit of [0, 201, 1.5]) {
      await expect(queryRuns(world.items, { limit }, world.time)).rejects.toMatchObject(refused);
    }
  });
});

describe("an item of a distributed Map", () => {
  it.each(["RUNNING", "SUCCEEDED", "FAILED"] as const)("is no run, whatever is told of it: %s", async (status) => {
    const world = newWorld();
    const execution = "arn:aws:states:eu-west-1:000000000000:execution:test_add-repository/batch_orders:1b0e6f4c";
    const input = { location: "x", $millrace: { context: {}, run: "the run's" } };
    await settle(world, { execution, status, startedAt: world.time, input });
    expect(await getRun(world.items, runIdOf(execution))).toBe(undefined);
    expect(world.writes).toEqual([]);
  });
});
