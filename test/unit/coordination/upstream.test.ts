import { describe, expect, it } from "vitest";
import { readLimit, walkSlots } from "../../../engine/coordination/limits.ts";
import { acquireForFlow, releaseForFlow } from "../../../engine/coordination/locks.ts";
import { getRun } from "../../../engine/coordination/run-record.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import { sweep } from "../../../engine/coordination/sweep.ts";
import { executionArn, type AcquireLocks } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { finish, start, workflow } from "./definitions.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";

/** Failures that users of other systems have reported, each as it would befall ours. */

const SWEEP = workflow("clean-up-deadlocks");
const stateOf = async (world: FakeWorld, id: string) => (await getRun(world.items, id))?.state;

function worldOf(...workflows: WorkflowDefinition[]): FakeWorld {
  const world = fakeWorld(memoryItems(), [SWEEP, ...workflows]);
  world.time += 600_000;
  return world;
}

async function swept(world: FakeWorld) {
  world.time += 60_000;
  return sweep(world, { run: "sweep", sleep: async (milliseconds) => void (world.time += milliseconds) });
}

async function dying(world: FakeWorld, writes: number, work: () => Promise<unknown>): Promise<void> {
  world.failAt = writes;
  await work().catch(() => undefined);
  world.failAt = -1;
}

describe("Infrahub", () => {
  it("#9856: a run that dies between claimed and running keeps no slot, and does not wedge the cleaner", async () => {
    const sync = workflow("git_repositories_sync", { concurrencyLimit: 1, concurrencyStrategy: "CANCEL_NEW" });
    const world = worldOf(sync);
    const { start: begin } = world.machines;
    world.machines.start = async () => {
      throw new Error("the process died here");
    };
    await start(world, sync, { idempotencyKey: "tick" }).catch(() => undefined);
    world.machines.start = begin;
    expect(await readLimit(world, sync.name)).toMatchObject({ holders: [{}] });
    expect(SWEEP.concurrencyLimit).toBeUndefined();
    expect(await swept(world)).toMatchObject({ started: 1, problems: [] });
    const [run] = world.started;
    await finish(world, run?.run ?? "");
    expect(await stateOf(world, await start(world, sync))).toBe("running");
  });

  it("#8227: a run that ended while nobody looked is not left running, and the next sync runs", async () => {
    const sync = workflow("git_repositories_sync", { concurrencyLimit: 1, concurrencyStrategy: "CANCEL_NEW" });
    const world = worldOf(sync);
    const dead = await start(world, sync);
    await finish(world, dead, { status: "TIMED_OUT" }, "lost");
    await swept(world);
    expect(await stateOf(world, dead)).toBe("timed-out");
    expect(await stateOf(world, await start(world, sync))).toBe("running");
  });

  it("#9051: a lock whose holder is unreachable is freed, and a late holder is told by its fence", async () => {
    const load = workflow("schema-load");
    const world = worldOf(load);
    const [first, second] = [await start(world, load), await start(world, load)];
    await acquireForFlow(world, acquisition(world, first, "a"));
    await acquireForFlow(world, acquisition(world, second, "b"));
    expect(world.answered).toMatchObject([{ token: "a", answer: { output: { name: "global.schema", fence: 1 } } }]);
    await finish(world, first, { status: "FAILED", error: "Unreachable" }, "lost");
    await swept(world);
    expect(world.answered[1]).toMatchObject({ token: "b", answer: { output: { fence: 2 } } });
    await releaseForFlow(world, { release: SCHEMA, run: executionOf(world, first), step: "lock" });
    const third = await start(world, load);
    await acquireForFlow(world, acquisition(world, third, "c"));
    expect(world.answered).toHaveLength(2);
  });

  it("#6794: two merges of one branch do not run at once", async () => {
    const merge = workflow("branch-merge", { concurrencyLimit: 1, concurrencyKey: "{branch}" });
    const world = worldOf(merge);
    const submitMerge = (branch: string) => start(world, merge, { parameters: { branch } });
    const ids = [await submitMerge("b1"), await submitMerge("b1"), await submitMerge("b2")];
    expect(await Promise.all(ids.map((id) => stateOf(world, id)))).toEqual(["running", "queued", "running"]);
  });
});

describe("Prefect", () => {
  it("#8566: slots of runs that are gone come back without anybody resetting the limit", async () => {
    const limited = workflow("limited", { concurrencyLimit: 3 });
    const world = worldOf(limited);
    const dead = [await start(world, limited), await start(world, limited), await start(world, limited)];
    const waiting = [await start(world, limited), await start(world, limited), await start(world, limited)];
    for (const id of dead) await finish(world, id, { status: "ABORTED" }, "lost");
    await swept(world);
    expect(await Promise.all(waiting.map((id) => stateOf(world, id)))).toEqual(["running", "running", "running"]);
  });

  it("#16027: a newcomer does not win the slot that somebody in line waits for", async () => {
    const limited = workflow("limited", { concurrencyLimit: 1 });
    const world = worldOf(limited);
    const [holder, waiter] = [await start(world, limited), await start(world, limited)];
    // The slot is handed over, and whoever did so dies before the waiter starts.
    await dying(world, 2, () => finish(world, holder));
    const newcomer = await start(world, limited);
    expect(await stateOf(world, newcomer)).toBe("queued");
    await swept(world);
    expect([await stateOf(world, waiter), await stateOf(world, newcomer)]).toEqual(["running", "queued"]);
  });
});

describe("Hatchet", () => {
  it("#4778: what is held is counted, whatever the order in which runs are submitted and recorded", async () => {
    const limited = workflow("limited", { concurrencyLimit: 2 });
    const world = worldOf(limited);
    const submissions = Array.from({ length: 20 }, (_, index) => {
      world.time += index % 2 === 0 ? 5 : -5;
      return submit(world, limited, { workflow: limited.name, parameters: { index } });
    });
    const ids = (await Promise.all(submissions)).map(({ id }) => id);
    const states = await Promise.all(ids.map((id) => stateOf(world, id)));
    expect(states.filter((state) => state === "running")).toHaveLength(2);
    expect(states.filter((state) => state === "queued")).toHaveLength(18);
  });
});

describe("Trigger.dev", () => {
  it("#2907: an attempt that is taken back gives its slot back, so nobody is wedged", async () => {
    const limited = workflow("limited", { concurrencyLimit: 1 });
    const world = worldOf(limited);
    const holder = await start(world, limited);
    const waiter = await start(world, limited);
    await finish(world, holder);
    // The event of the end comes again, and a late duplicate of its submit takes part once more.
    const ended = [...world.executions.values()].find(({ execution }) => execution.endsWith(holder));
    if (ended !== undefined) await settle(world, ended);
    await walkSlots(world, "acquire", { limit: "limited", max: 1, run: holder, place: "0", strategy: "CANCEL_NEW" });
    await finish(world, waiter);
    await dying(world, 1, () =>
      walkSlots(world, "acquire", { limit: "limited", max: 1, run: holder, place: "0", strategy: "CANCEL_NEW" }),
    );
    await swept(world);
    expect(await readLimit(world, "limited")).toMatchObject({ holders: [], waiting: [] });
    expect(await stateOf(world, await start(world, limited))).toBe("running");
  });
});

const SCHEMA = { name: "schema", local: false };

function executionOf(world: FakeWorld, run: string): string {
  return [...world.executions.keys()].find((one) => one.endsWith(run)) ?? executionArn("test", "0", "test", "x", run);
}

function acquisition(world: FakeWorld, run: string, token: string): AcquireLocks {
  return {
    acquire: { name: "schema", local: false, timeoutSeconds: 600 },
    run: executionOf(world, run),
    step: "lock",
    at: "functions/git/flows.ts:1",
    entered: "2026-11-24T00:00:00.000Z",
    attempt: 1,
    token,
    context: {},
    drainSeconds: 0,
  };
}
