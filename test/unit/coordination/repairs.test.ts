import { describe, expect, it } from "vitest";
import * as z from "zod";
import { cancel } from "../../../engine/coordination/cancel.ts";
import { inputKey } from "../../../engine/coordination/keys.ts";
import { pumpLimit, readLimit } from "../../../engine/coordination/limits.ts";
import { retryRun } from "../../../engine/coordination/retry.ts";
import { queryRuns } from "../../../engine/coordination/run-index.ts";
import { getRun } from "../../../engine/coordination/run-record.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { sweep } from "../../../engine/coordination/sweep.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import type { Priority } from "../../../engine/model/limit.ts";
import { runIdOf } from "../../../engine/model/run-id.ts";
import { executionArn } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { finish, openIds, start, tellStopped, workflow } from "./definitions.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";

const HOUR = 3_600_000;
const PLAIN = workflow("plain");
const ONE = workflow("one", { concurrencyLimit: 1 });
const stateOf = async (world: FakeWorld, id: string) => (await getRun(world.items, id))?.state;
const running = (world: FakeWorld) => [...world.executions.values()].filter(({ status }) => status === "RUNNING");

/** Ten past a full hour: executions are looked through at the full hour. */
function worldOf(...workflows: WorkflowDefinition[]): FakeWorld {
  const world = fakeWorld(memoryItems(), workflows);
  world.time += 600_000;
  return world;
}

/** One sweep, a minute later, in virtual time. */
async function swept(world: FakeWorld) {
  world.time += 60_000;
  return sweep(world, { run: "the sweep itself", sleep: async (milliseconds) => void (world.time += milliseconds) });
}

function throttled(): never {
  throw new Error("throttled");
}

/** Does something that dies after so many writes. */
async function dying(world: FakeWorld, writes: number, work: () => Promise<unknown>): Promise<void> {
  world.failAt = writes;
  await work().catch(() => undefined);
  world.failAt = -1;
}

/** An execution that nobody submitted. */
function startByHand(world: FakeWorld, name: string, input = {}) {
  const execution = executionArn("test", "000000000000", "test", name, "by-hand");
  const event = { execution, status: "RUNNING", startedAt: world.time, input } as const;
  world.executions.set(execution, event);
  return { event, id: runIdOf(execution) };
}

describe("a run whose time in line is over", () => {
  it("keeps the slot under which it started, wherever the one who handed it over died", async () => {
    const impatient = workflow("impatient", { concurrencyLimit: 1, queueTimeoutSeconds: 150 });
    for (let writes = 1; writes < 8; writes += 1) {
      const world = worldOf(impatient);
      const [first, second] = [await start(world, impatient), await start(world, impatient)];
      await dying(world, writes, () => finish(world, first));
      world.time += 149_000;
      await start(world, impatient);
      world.time += 3_000;
      await pumpLimit(world, "impatient");
      await swept(world);
      expect([writes, running(world).length, await stateOf(world, second)]).toEqual([writes, 1, expect.anything()]);
    }
  });
});

describe("a catalogue that changes while runs wait", () => {
  it("passes slots on at the end of a run whose workflow has lost its limit", async () => {
    const workflows = [ONE];
    const world = fakeWorld(memoryItems(), workflows);
    const [first, second] = [await start(world, ONE), await start(world, ONE)];
    workflows[0] = workflow("one");
    await finish(world, first);
    expect(await stateOf(world, second)).toBe("running");
  });
});

describe("a cancelled run", () => {
  it("is not started by a sweep where its submitter died before it started", async () => {
    const world = worldOf(PLAIN);
    const { start: begin } = world.machines;
    world.machines.start = async () => {
      throw new Error("the process died here");
    };
    await expect(start(world, PLAIN, { idempotencyKey: "k" })).rejects.toThrow("died");
    world.machines.start = begin;
    const [id = ""] = await openIds(world);
    await cancel(world, id);
    await swept(world);
    expect([await stateOf(world, id), world.started]).toEqual(["cancelled", []]);
  });

  it("is stopped where it was started by hand and cancelled before it had its slot", async () => {
    const world = worldOf(ONE);
    const { event, id } = startByHand(world, "one");
    await dying(world, 4, () => settle(world, event));
    expect(await stateOf(world, id)).toBe("scheduled");
    await cancel(world, id);
    await settle(world, event);
    expect(running(world)).toEqual([]);
    expect(await stateOf(world, id)).toBe("cancelled");
  });
});

describe("an execution that was started by hand", () => {
  it("is followed by what its workflow says of a failure", async () => {
    const world = worldOf(workflow("hooked", { onFailure: "plain" }), PLAIN);
    const { event, id } = startByHand(world, "hooked");
    await settle(world, event);
    await settle(world, { ...event, status: "FAILED", endedAt: world.time, error: "Broken", cause: "why" });
    expect(world.started).toMatchObject([{ workflow: "plain", input: { run: id, state: "failed" } }]);
  });

  it("does not join a line when it was refused and its end was lost", async () => {
    const world = worldOf(ONE);
    const holder = await start(world, ONE);
    const { event, id } = startByHand(world, "one");
    await settle(world, event);
    expect(running(world)).toHaveLength(1);
    expect(await swept(world)).toMatchObject({ problems: [] });
    expect(await getRun(world.items, id)).toMatchObject({
      state: "cancelled",
      error: { name: ErrorName.LIMIT_REACHED },
    });
    expect(await readLimit(world, "one")).toMatchObject({ holders: [{ run: holder }], waiting: [] });
  });

  it("takes its slot within the hour where the one who adopted it died", async () => {
    const world = worldOf(ONE);
    const { event, id } = startByHand(world, "one");
    await dying(world, 4, () => settle(world, event));
    world.time = Math.ceil(world.time / HOUR) * HOUR;
    await swept(world);
    expect(await readLimit(world, "one")).toMatchObject({ holders: [{ run: id }] });
    expect(await stateOf(world, id)).toBe("running");
  });
});

describe("a bad end", () => {
  it("is listed as one after a sweep, wherever its process died", async () => {
    for (const strategy of ["CANCEL_NEW", "ENQUEUE"] as const) {
      for (let writes = 0; writes < 8; writes += 1) {
        const limited = workflow("limited", { concurrencyLimit: 1, concurrencyStrategy: strategy });
        const world = worldOf(limited);
        await start(world, limited);
        const second = strategy === "ENQUEUE" ? await start(world, limited) : undefined;
        const end = () => (second === undefined ? start(world, limited) : cancel(world, second));
        await dying(world, writes, end);
        await swept(world);
        await swept(world);
        const { runs } = await queryRuns(world.items, {}, world.time);
        const ended = runs.filter(({ state }) => state === "cancelled").map(({ id }) => id);
        const bad = (await queryRuns(world.items, { state: "cancelled" }, world.time)).runs.map(({ id }) => id);
        expect([strategy, writes, bad]).toEqual([strategy, writes, ended]);
      }
    }
  });

  it("is followed by everything else where one consequence fails for good", async () => {
    const hooked = workflow("hooked", { onFailure: "plain" });
    const world = worldOf(hooked, PLAIN);
    const parent = await start(world, hooked, {}, { token: "t" });
    const children: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      children.push(await start(world, PLAIN, { parent, executes: true }));
    }
    const { stop } = world.machines;
    world.machines.stop = async (execution, error) => {
      if (execution.endsWith(children[1] ?? "")) throw new Error("no access");
      await stop(execution, error);
    };
    await expect(finish(world, parent, { status: "FAILED", error: "E" })).rejects.toThrow("no access");
    expect(world.answered).toMatchObject([{ token: "t" }]);
    expect(world.started.at(-1)).toMatchObject({ input: { run: parent } });
    expect(world.stopped).toHaveLength(2);
    expect(await openIds(world)).toContain(parent);
    world.machines.stop = stop;
    await tellStopped(world);
    await swept(world);
    await tellStopped(world);
    expect(await Promise.all(children.map((id) => stateOf(world, id)))).toEqual(children.map(() => "cancelled"));
    expect(await openIds(world)).not.toContain(parent);
  });

  it("does not stay open because the hook's schema refuses it", async () => {
    const strict = workflow("strict", { parameters: z.strictObject({ other: z.string() }) });
    const world = worldOf(workflow("hooked", { onFailure: "strict" }), strict);
    await finish(world, await start(world, workflow("hooked", { onFailure: "strict" })), {
      status: "FAILED",
      error: "E",
    });
    expect(await openIds(world)).toEqual([]);
  });
});

describe("the end of a cron's run", () => {
  it("counts as a change where the result is not what the workflow answers with", async () => {
    const cron = workflow("cron", {
      cron: "* * * * *",
      result: z.object({ n: z.number() }),
      unchanged: ({ n }) => n === 0,
    });
    const world = worldOf(cron);
    const [broken, same] = [
      await start(world, cron, {}, { scheduled: true }),
      await start(world, cron, {}, { scheduled: true }),
    ];
    await finish(world, broken, { output: null });
    await finish(world, same, { output: { n: 0 } });
    expect([(await getRun(world.items, broken))?.unchanged, (await getRun(world.items, same))?.unchanged]).toEqual([
      undefined,
      true,
    ]);
  });
});

describe("the parameters of a run that waits", () => {
  const parameters = { text: "x".repeat(40_000) };

  it("expire with the run where they are large, and can be retried until then", async () => {
    const world = worldOf(ONE);
    await start(world, ONE);
    const waiting = await start(world, ONE, { parameters });
    expect((await world.items.get(inputKey(waiting)))?.["ttl"]).toBeGreaterThan(world.time / 1000);
    await cancel(world, waiting);
    const { id } = await retryRun(world, waiting);
    expect((await world.items.get(inputKey(id)))?.["parameters"]).toEqual(parameters);
  });

  it("has one of the three priorities", async () => {
    const world = worldOf(ONE);
    const refused = start(world, ONE, { context: { priority: "urgent" as Priority } });
    await expect(refused).rejects.toMatchObject({ name: ErrorName.INVALID_REQUEST });
    expect(world.writes).toEqual([]);
  });
});

describe("a run that has its slot and still its place in line", () => {
  it("is settled by one sweep, where its end was lost too", async () => {
    const world = worldOf(ONE);
    const [first, second] = [await start(world, ONE), await start(world, ONE)];
    await dying(world, 2, () => finish(world, first));
    expect(await readLimit(world, "one")).toMatchObject({ holders: [{ run: second }], waiting: [second] });
    await finish(world, second, {}, "lost");
    await swept(world);
    expect(await stateOf(world, second)).toBe("completed");
    expect(await readLimit(world, "one")).toMatchObject({ holders: [], waiting: [] });
  });
});

describe("a sweep of many", () => {
  it("asks of no single execution where the workflow's cannot be listed", async () => {
    const world = worldOf(PLAIN);
    for (let index = 0; index < 50; index += 1) await start(world, PLAIN);
    let asked = 0;
    const { describe: ask } = world.machines;
    world.machines.describe = async (execution) => {
      asked += 1;
      return ask(execution);
    };
    world.machines.list = throttled;
    const { problems } = await swept(world);
    expect([asked, problems]).toEqual([0, ['the executions of "plain": Error: throttled']]);
  });

  it("looks once more for executions of an hour that could not be listed", async () => {
    const world = worldOf(PLAIN);
    const { list } = world.machines;
    world.time = Math.ceil(world.time / HOUR) * HOUR - 60_000;
    await swept(world);
    world.time += HOUR - 60_000;
    const { event, id } = startByHand(world, "plain");
    world.executions.set(event.execution, { ...event, status: "SUCCEEDED", endedAt: world.time + 1 });
    world.machines.list = throttled;
    expect((await swept(world)).problems).toHaveLength(1);
    world.machines.list = list;
    world.time += HOUR - 60_000;
    await swept(world);
    expect(await stateOf(world, id)).toBe("completed");
  });
});
