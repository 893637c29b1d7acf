import { describe, expect, it } from "vitest";
import { cancel } from "../../../engine/coordination/cancel.ts";
import { submitChild } from "../../../engine/coordination/children.ts";
import { limitKey, linePartition } from "../../../engine/coordination/keys.ts";
import { readLimit, walkSlots } from "../../../engine/coordination/limits.ts";
import { getRun } from "../../../engine/coordination/run-record.ts";
import { sweep } from "../../../engine/coordination/sweep.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { executionArn, workflowOf } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { finish, openIds, start, tellStopped, workflow } from "./definitions.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";

const PLAIN = workflow("plain");
const ONE = workflow("one", { concurrencyLimit: 1 });
const SWEEP = workflow("clean-up-deadlocks");
/** Ten past a full hour: executions are looked through at the full hour. */
function worldOf(...workflows: WorkflowDefinition[]): FakeWorld {
  const world = fakeWorld(memoryItems(), [SWEEP, ...workflows]);
  world.time += 600_000;
  return world;
}
const stateOf = async (world: FakeWorld, id: string) => (await getRun(world.items, id))?.state;

/** One sweep, a minute later, in virtual time. */
async function swept(world: FakeWorld, run = "the sweep itself") {
  world.time += 60_000;
  const sleep = async (milliseconds: number): Promise<void> => void (world.time += milliseconds);
  return sweep(world, { run, sleep });
}

/** Does something that dies after so many writes. */
async function dying(world: FakeWorld, writes: number, work: () => Promise<unknown>): Promise<void> {
  world.failAt = writes;
  await work().catch(() => undefined);
  world.failAt = -1;
}

describe("a sweep", () => {
  it("returns where nothing but itself is open, and writes nothing", async () => {
    const world = worldOf(PLAIN, ONE);
    await finish(world, await start(world, ONE));
    const own = await start(world, SWEEP);
    world.writes.length = 0;
    const before = world.time;
    expect(await swept(world, own)).toMatchObject({ openRuns: 1, settled: 0, problems: [] });
    expect([world.time - before, world.writes.length]).toEqual([60_000, 0]);
  });

  it("settles a run whose end nobody heard of, and lets the next in line run", async () => {
    const world = worldOf(ONE);
    const [first, second] = [await start(world, ONE), await start(world, ONE)];
    await finish(world, first, { output: 7 }, "lost");
    expect(await swept(world)).toMatchObject({ settled: 1, problems: [] });
    expect(await getRun(world.items, first)).toMatchObject({ state: "completed", result: 7 });
    expect(await stateOf(world, second)).toBe("running");
  });

  it("goes on with a submit that died at any write, of a limited and of an unlimited workflow", async () => {
    for (const definition of [PLAIN, ONE]) {
      for (let writes = 1; writes < 8; writes += 1) {
        const world = worldOf(PLAIN, ONE);
        const holder = definition === ONE ? await start(world, ONE) : undefined;
        const request = { idempotencyKey: "k" };
        await dying(world, writes, () => start(world, definition, request));
        const report = await swept(world);
        expect(report.problems).toEqual([]);
        if (holder !== undefined) await finish(world, holder);
        const { id } = await submitAgain(world, definition);
        expect([writes, await stateOf(world, id)]).toEqual([writes, "running"]);
        expect(world.started.filter(({ run }) => run === id)).toHaveLength(1);
      }
    }
  });

  it("frees the slot of a holder that is gone, also where nothing else is open (upstream #9856)", async () => {
    const refusing = workflow("refusing", { concurrencyLimit: 1, concurrencyStrategy: "CANCEL_NEW" });
    const world = worldOf(refusing);
    const first = await start(world, refusing);
    await finish(world, first);
    // A late duplicate of the submit took the slot once more, and died before it could give it back.
    await dying(world, 1, () =>
      walkSlots(world, "acquire", { limit: "refusing", max: 1, run: first, strategy: "CANCEL_NEW" }),
    );
    expect(await readLimit(world, "refusing")).toMatchObject({ holders: [{ run: first }] });
    expect(await swept(world)).toMatchObject({ released: 1, problems: [] });
    expect(await readLimit(world, "refusing")).toMatchObject({ holders: [] });
    expect(await stateOf(world, await start(world, refusing))).toBe("running");
  });

  it("leaves a run to its submitter that takes its slot at this very moment", async () => {
    const world = worldOf(ONE);
    await dying(world, 5, () => start(world, ONE, { idempotencyKey: "k" })); // before the claim
    const [{ run = "" } = {}] = (await readLimit(world, "one")).holders;
    const sleep = async (milliseconds: number): Promise<void> => void (world.time += milliseconds);
    const states: (string | undefined)[] = [];
    const look = async (milliseconds: number): Promise<void> => {
      states.push(await stateOf(world, run));
      await sleep(milliseconds);
    };
    await sweep(world, { run: "the sweep itself", sleep: look });
    expect([...states, await stateOf(world, run)]).toEqual(["scheduled", "running", "running"]);
  });

  it("tells a parent what it waits for, and stops a child whose parent has gone", async () => {
    const world = worldOf(PLAIN);
    const parent = await start(world, PLAIN);
    const child = {
      workflow: PLAIN.name,
      parameters: {},
      context: {},
      parent: [...world.executions.keys()][0] ?? "",
      step: "child",
      at: "functions/git/flows.ts:1",
      entered: "2026-11-24T00:00:00.000Z",
      attempt: 1,
      token: "t",
    };
    const told = await submitChild(world, child);
    const stopped = await submitChild(world, { ...child, step: "other", token: "u" });
    await finish(world, told.id, { output: 1 }, "lost");
    expect(await swept(world)).toMatchObject({ settled: 1 });
    expect(world.answered).toEqual([{ token: "t", answer: { output: 1 } }]);
    await finish(world, parent, { status: "FAILED", error: "E" }, "lost");
    const { stop } = world.machines;
    let failed = false;
    world.machines.stop = async () => {
      failed = true;
      throw new Error("the process died here");
    };
    expect((await swept(world)).problems).not.toEqual([]);
    world.machines.stop = stop;
    expect(failed).toBe(true);
    await swept(world);
    await tellStopped(world);
    expect(await stateOf(world, stopped.id)).toBe("cancelled");
  });

  it("does what follows from the end of a run that stands in line all the same", async () => {
    const hook = workflow("hook");
    const hooked = workflow("hooked", { concurrencyLimit: 1, onCancel: hook.name });
    const world = worldOf(hooked, hook);
    const [, waiting] = [await start(world, hooked), await start(world, hooked)];
    const line = await world.items.query({ pk: linePartition("hooked") });
    await dying(world, 2, () => cancel(world, waiting)); // it has left the line, and its end is written
    for (const place of line.items) await world.items.put(place); // by its submitter, who is late
    expect(await stateOf(world, waiting)).toBe("cancelled");
    expect(await openIds(world)).toContain(waiting);
    expect(world.started.map(({ execution }) => workflowOf(execution))).toEqual(["hooked"]);
    expect(await swept(world)).toMatchObject({ problems: [] });
    expect(await openIds(world)).not.toContain(waiting);
    expect(world.started.map(({ execution }) => workflowOf(execution))).toEqual(["hooked", "hook"]);
  });

  it("ends a run that has waited in line for too long", async () => {
    const impatient = workflow("impatient", { concurrencyLimit: 1, queueTimeoutSeconds: 150 });
    const world = worldOf(impatient);
    const [holder, waiting] = [await start(world, impatient), await start(world, impatient)];
    await swept(world);
    expect(await stateOf(world, waiting)).toBe("queued");
    expect(await swept(world)).toMatchObject({ cancelled: 1 });
    expect(await getRun(world.items, waiting)).toMatchObject({ error: { name: ErrorName.QUEUE_TIMED_OUT } });
    await finish(world, holder);
    expect(await readLimit(world, "impatient")).toMatchObject({ holders: [], waiting: [] });
  });

  it("resumes a run that was submitted for later and whose timer was lost", async () => {
    const world = worldOf(PLAIN);
    const id = await start(world, PLAIN, { startAt: world.time + 30_000 });
    expect(world.started).toEqual([]);
    await swept(world);
    expect(await stateOf(world, id)).toBe("running");
  });

  it("finds once an hour an execution that was started by hand and whose events were all lost", async () => {
    const world = worldOf(PLAIN);
    const raw = executionArn("test", "000000000000", "test", "plain", "by-hand");
    world.time = Math.ceil(world.time / 3_600_000) * 3_600_000;
    world.executions.set(raw, { execution: raw, status: "SUCCEEDED", startedAt: world.time, endedAt: world.time + 1 });
    world.time += 3_600_000 - 60_000;
    expect(await swept(world)).toMatchObject({ settled: 1, problems: [] });
    world.time += 60_000;
    expect(await swept(world)).toMatchObject({ settled: 0 });
  });

  it("makes its other repairs where one fails, and says which", async () => {
    const world = worldOf(PLAIN);
    const [bad, good] = [await start(world, PLAIN), await start(world, PLAIN)];
    await finish(world, bad, {}, "lost");
    await finish(world, good, {}, "lost");
    const { describe } = world.machines;
    world.machines.describe = async (execution) => {
      if (execution.endsWith(bad)) throw new Error("throttled");
      return describe(execution);
    };
    const { problems, settled } = await swept(world);
    expect([settled, problems]).toEqual([1, [`run ${bad}: Error: throttled`]]);
    expect(await stateOf(world, good)).toBe("completed");
  });

  it("leaves what is in order as it is", async () => {
    const world = worldOf(PLAIN, ONE);
    const ids = [await start(world, ONE), await start(world, ONE), await start(world, PLAIN)];
    await swept(world);
    world.writes.length = 0;
    expect(await swept(world)).toMatchObject({ settled: 0, started: 0, released: 0, granted: 0, cancelled: 0 });
    expect(world.writes).toEqual([]);
    for (const id of ids.slice(0, 1)) await cancel(world, id);
    expect((await world.items.get(limitKey("one")))?.["holders"]).toBe(1);
  });
});

async function submitAgain(world: FakeWorld, definition: WorkflowDefinition) {
  const id = await start(world, definition, { idempotencyKey: "k" });
  return { id };
}
