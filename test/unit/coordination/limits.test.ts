import { describe, expect, it } from "vitest";
import { cancel } from "../../../engine/coordination/cancel.ts";
import { readLimit, setLimit, waitingOf } from "../../../engine/coordination/limits.ts";
import { getRun } from "../../../engine/coordination/run-record.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { defineLimit } from "../../../engine/model/limit.ts";
import { runIdOf } from "../../../engine/model/run-id.ts";
import { executionArn } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { finish, start, tellStopped, workflow } from "./definitions.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";

const ONE = workflow("one", { concurrencyLimit: 1 });
const worldOf = (...workflows: WorkflowDefinition[]): FakeWorld => fakeWorld(memoryItems(), workflows);
const states = (world: FakeWorld, ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => (await getRun(world.items, id))?.state));
const executionsOf = (world: FakeWorld) => world.started.map(({ run }) => run);

describe("a limit", () => {
  it("lets the next in line run when a run has ended, in the order of submission", async () => {
    const world = worldOf(ONE);
    const ids = [await start(world, ONE), await start(world, ONE), await start(world, ONE)];
    expect(await states(world, ids)).toEqual(["running", "queued", "queued"]);
    for (const id of ids) await finish(world, id);
    expect(executionsOf(world)).toEqual(ids);
    expect(await states(world, ids)).toEqual(["completed", "completed", "completed"]);
    expect(await readLimit(world, "one")).toMatchObject({ holders: [], waiting: [], contended: false });
  });

  it("costs five writes where a slot is free, and seven where the limit is known to be contended", async () => {
    const world = worldOf(ONE);
    const coordination = () => world.writes.filter((pk) => !pk.startsWith("TAG#"));
    const first = await start(world, ONE);
    await finish(world, first);
    expect(coordination()).toHaveLength(5);
    const [holder, warm] = [await start(world, ONE), await start(world, ONE)];
    world.writes.length = 0;
    const measured = await start(world, ONE);
    await finish(world, holder);
    const before = coordination().length;
    await finish(world, warm);
    // Of `measured`: its record, its place, its registration at submit; the hand-over, the claim, and that it leaves.
    expect(before).toBe(3 + 4);
    await finish(world, measured);
    expect(coordination()).toHaveLength(3 + 4 + 4 + 2);
  });

  it("cancels a new run with CANCEL_NEW and says why", async () => {
    const definition = workflow("new", { concurrencyLimit: 2, concurrencyStrategy: "CANCEL_NEW" });
    const world = worldOf(definition);
    const ids = [await start(world, definition), await start(world, definition), await start(world, definition)];
    expect(await states(world, ids)).toEqual(["running", "running", "cancelled"]);
    const refused = await getRun(world.items, ids[2] ?? "");
    expect(refused).toMatchObject({ error: { name: ErrorName.LIMIT_REACHED } });
    expect(executionsOf(world)).toEqual(ids.slice(0, 2));
    await finish(world, ids[0] ?? "");
    expect(await states(world, [await start(world, definition)])).toEqual(["running"]);
  });

  it("makes room with CANCEL_RUNNING: the newest run is the one that runs", async () => {
    const definition = workflow("newest", { concurrencyLimit: 1, concurrencyStrategy: "CANCEL_RUNNING" });
    const world = worldOf(definition);
    const ids = [await start(world, definition), await start(world, definition), await start(world, definition)];
    expect(world.stopped.map(({ execution }) => runIdOf(execution))).toContain(ids[0]);
    await tellStopped(world);
    expect(await states(world, ids)).toEqual(["cancelled", "cancelled", "running"]);
  });

  it("holds for each key apart", async () => {
    const definition = workflow("keyed", { concurrencyLimit: 1, concurrencyKey: "{repositoryId}" });
    const world = worldOf(definition);
    const submitFor = (repositoryId: string) => start(world, definition, { parameters: { repositoryId } });
    const ids = [await submitFor("a"), await submitFor("b"), await submitFor("a")];
    expect(await states(world, ids)).toEqual(["running", "running", "queued"]);
  });

  it("may be shared by several workflows", async () => {
    const shared = defineLimit({ name: "git-work", limit: 1 });
    const [a, b] = [workflow("a", { concurrencyLimit: shared }), workflow("b", { concurrencyLimit: shared })];
    const world = worldOf(a, b);
    const ids = [await start(world, a), await start(world, b)];
    expect(await states(world, ids)).toEqual(["running", "queued"]);
    await finish(world, ids[0] ?? "");
    expect(await states(world, ids)).toEqual(["completed", "running"]);
  });

  it("orders its line by priority, which costs time and no more", async () => {
    const world = worldOf(ONE);
    const holder = await start(world, ONE);
    const low = await start(world, ONE, { context: { priority: "low" } });
    world.time += 10 * 60_000;
    const medium = await start(world, ONE);
    const high = await start(world, ONE, { context: { priority: "high" } });
    world.time += 25 * 60_000;
    const late = await start(world, ONE, { context: { priority: "high" } });
    const order = [holder, high, medium, low, late];
    for (const id of order) await finish(world, id);
    expect(executionsOf(world)).toEqual(order);
  });

  it("may be raised while runs wait, and lowered while runs run", async () => {
    const world = worldOf(ONE);
    const ids = [await start(world, ONE), await start(world, ONE), await start(world, ONE)];
    await setLimit(world, "one", 2);
    expect(await states(world, ids)).toEqual(["running", "running", "queued"]);
    await setLimit(world, "one", 1);
    await finish(world, ids[0] ?? "");
    expect(await states(world, ids)).toEqual(["completed", "running", "queued"]);
    await finish(world, ids[1] ?? "");
    expect(await states(world, ids)).toEqual(["completed", "completed", "running"]);
    await setLimit(world, "one", undefined);
    await expect(setLimit(world, "one", 91)).rejects.toMatchObject({ name: ErrorName.INVALID_REQUEST });
    await expect(setLimit(world, "two", 1)).rejects.toThrow("one");
  });

  it("tells the place in line and what a run waits for", async () => {
    const world = worldOf(ONE);
    const ids = [await start(world, ONE), await start(world, ONE), await start(world, ONE)];
    const waiting = await Promise.all(
      ids.map(async (id) => {
        const run = await getRun(world.items, id);
        return run && waitingOf(world, run);
      }),
    );
    expect(waiting).toEqual([
      undefined,
      { reason: 'The limit "one" lets 1 run at once, and 1 do.', position: 1, holders: [ids[0]] },
      { reason: 'The limit "one" lets 1 run at once, and 1 do.', position: 2, holders: [ids[0]] },
    ]);
  });

  it("keeps parameters above 32 KiB for a run that waits", async () => {
    const world = worldOf(ONE);
    const holder = await start(world, ONE);
    const parameters = { text: "x".repeat(100_000) };
    const waiting = await start(world, ONE, { parameters });
    await finish(world, holder);
    expect(world.started.at(-1)).toMatchObject({ run: waiting, input: parameters });
  });

  it("frees the slot of a run whose machine is not deployed", async () => {
    const world = worldOf(ONE);
    const start0 = world.machines.start;
    world.machines.start = async () => {
      const { MillraceError } = await import("../../../engine/model/errors.ts");
      throw new MillraceError(ErrorName.WORKFLOW_NOT_FOUND, "There is no state machine for it.");
    };
    await expect(start(world, ONE)).rejects.toMatchObject({ name: ErrorName.WORKFLOW_NOT_FOUND });
    world.machines.start = start0;
    expect(await states(world, [await start(world, ONE)])).toEqual(["running"]);
  });
});

describe("an execution that somebody starts by hand", () => {
  const raw = (name: string) => ({
    execution: executionArn("test", "000000000000", "test", "one", name),
    status: "RUNNING" as const,
    startedAt: 5,
    input: {},
  });

  it("takes a free slot, or is stopped with LimitReached", async () => {
    const world = worldOf(ONE);
    for (const name of ["a", "b"]) {
      world.executions.set(raw(name).execution, raw(name));
      await settle(world, raw(name));
    }
    expect(world.stopped).toMatchObject([{ execution: raw("b").execution, error: { name: ErrorName.LIMIT_REACHED } }]);
    await tellStopped(world);
    const [a, b] = ["a", "b"].map((name) => runIdOf(raw(name).execution));
    expect(await states(world, [a ?? "", b ?? ""])).toEqual(["running", "cancelled"]);
    await settle(world, { ...raw("a"), status: "SUCCEEDED", endedAt: 6 });
    expect(await readLimit(world, "one")).toMatchObject({ holders: [] });
  });

  it("gives no slot to one that has ended before its start was seen", async () => {
    const world = worldOf(ONE);
    await settle(world, { ...raw("a"), status: "SUCCEEDED", endedAt: 6 });
    await settle(world, raw("a"));
    expect(await readLimit(world, "one")).toMatchObject({ holders: [] });
  });
});

describe("cancel", () => {
  it("takes a waiting run out of the line at once, and stops a running one", async () => {
    const world = worldOf(ONE);
    const ids = [await start(world, ONE), await start(world, ONE), await start(world, ONE)];
    expect(await cancel(world, ids[1] ?? "")).toMatchObject({ state: "cancelled" });
    expect(await cancel(world, ids[0] ?? "", "too late")).toMatchObject({ state: "running" });
    expect(world.stopped).toMatchObject([{ error: { name: ErrorName.RUN_CANCELLED, cause: "too late" } }]);
    await tellStopped(world);
    expect(await states(world, ids)).toEqual(["cancelled", "cancelled", "running"]);
  });

  it("refuses a run that is unknown or has ended", async () => {
    const world = worldOf(ONE);
    await expect(cancel(world, "nobody")).rejects.toMatchObject({ name: ErrorName.RUN_NOT_FOUND });
    const id = await start(world, ONE);
    await finish(world, id);
    await expect(cancel(world, id)).rejects.toMatchObject({ name: ErrorName.RUN_ENDED });
    await settle(world, { ...raw0(world, id), status: "ABORTED", endedAt: world.time });
    expect(await states(world, [id])).toEqual(["completed"]);
  });

  it("takes back a run that was submitted for later", async () => {
    const plain = workflow("plain");
    const world = worldOf(plain);
    const id = await start(world, plain, { startAt: world.time + 60_000 });
    expect(world.timed).toEqual(new Map([[id, world.time + 59_999]]));
    await cancel(world, id);
    expect([await states(world, [id]), world.timed.size, world.started]).toEqual([["cancelled"], 0, []]);
  });
});

function raw0(world: FakeWorld, id: string) {
  const found = [...world.executions.values()].find(({ execution }) => execution.endsWith(id));
  if (found === undefined) throw new Error("no execution");
  return found;
}

describe("a submit that is repeated", () => {
  it("goes on wherever a crash cut it, with one execution and one slot", async () => {
    const count = async (cut: number) => {
      const world = worldOf(ONE);
      const holder = await start(world, ONE);
      const request = { workflow: ONE.name, parameters: {}, idempotencyKey: "k" };
      world.failAt = cut;
      await submit(world, ONE, request).catch(() => undefined);
      const reached = world.failAt === 0;
      world.failAt = -1;
      const { id } = await submit(world, ONE, request);
      await finish(world, holder);
      expect(executionsOf(world)).toEqual([holder, id]);
      await finish(world, id);
      expect(await readLimit(world, "one")).toMatchObject({ holders: [], waiting: [] });
      return reached;
    };
    let cut = 0;
    while (await count(cut)) cut += 1;
    expect(cut).toBeGreaterThan(4);
  });
});
