import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cancel } from "../../../engine/coordination/cancel.ts";
import { submitChild } from "../../../engine/coordination/children.ts";
import { isPaused } from "../../../engine/coordination/schedules.ts";
import { acquireForFlow, releaseForFlow } from "../../../engine/coordination/locks.ts";
import { resumeRun } from "../../../engine/coordination/resume.ts";
import { retryRun } from "../../../engine/coordination/retry.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import { sweep } from "../../../engine/coordination/sweep.ts";
import { isMillraceError } from "../../../engine/model/errors.ts";
import { executionArn, SWEEP_TASK } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import type { Items } from "../../../engine/store/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { OWN_FUNCTIONS, type ItemAction } from "../../../infra/own-functions.ts";
import { workflow } from "../coordination/definitions.ts";
import { fakeWorld, type FakeWorld } from "../coordination/fake-world.ts";

/**
 * LocalStack enforces no IAM, so this holds the roles of Millrace's own functions against what their procedures do to
 * items, in random histories with crashes and lost events: nothing is denied, and nothing is allowed that no history needs.
 */
class Denied extends Error {
  override readonly name = "Denied";
}

/** What each function has used of its leave: `settle GetItem RUN#*`. */
const used = new Set<string>();

/** The functions that have set timers, and taken them back. */
const timersOf = { at: new Set<string>(), cancel: new Set<string>() };

/** Items as the function that is at work may reach them. */
function guarded(items: Items, actor: () => string): Items {
  const check = (action: ItemAction, pk: string, index = false): void => {
    const { name, items: leave } = OWN_FUNCTIONS.find((own) => own.name === actor()) ?? { name: "", items: [] };
    const found = leave.find(
      ([keys, actions, where]) =>
        pk.startsWith(keys.slice(0, -1)) && actions.includes(action) && (!index || where === "index"),
    );
    if (found === undefined) throw new Denied(`${actor()} may not ${action} ${pk}`);
    used.add(`${name} ${action} ${found[0]}`);
  };
  return {
    get: async (key, options) => (check("GetItem", key.pk), items.get(key, options)),
    put: async (item, options) => (check("PutItem", item.pk), items.put(item, options)),
    update: async (key, ...others) => (check("UpdateItem", key.pk), items.update(key, ...others)),
    delete: async (key, options) => (check("DeleteItem", key.pk), items.delete(key, options)),
    query: async (query) => (check("Query", query.pk, query.index !== undefined), items.query(query)),
  };
}

const WORKFLOWS: readonly WorkflowDefinition[] = [
  workflow("free", { onFailure: "hook", onCancel: "hook" }),
  workflow("hook", { concurrencyLimit: 1 }),
  workflow("cron", { cron: "* * * * *", unchanged: () => true }),
  workflow("one", { concurrencyLimit: 1, queueTimeoutSeconds: 100 }),
  workflow("new", { concurrencyLimit: 1, concurrencyStrategy: "CANCEL_NEW" }),
  workflow("latest", { concurrencyLimit: 1, concurrencyStrategy: "CANCEL_RUNNING" }),
];

const LARGE = { text: "x".repeat(40_000) };

type Deed = readonly [kind: string, pick: number, flag: boolean];

/** One history: each deed is done by the function that does it on AWS, and may die at a write. */
async function live(deeds: readonly Deed[], crashes: readonly number[]): Promise<void> {
  let actor = "";
  const store = memoryItems();
  const world: FakeWorld = fakeWorld(
    guarded(store, () => actor),
    WORKFLOWS,
  );
  const { answer } = world.machines;
  world.machines.answer = async (token, value) => (token.endsWith("3") ? "gone" : answer(token, value));
  const timers = world.timers;
  timers.at = async () => void timersOf.at.add(actor);
  timers.cancel = async () => void timersOf.cancel.add(actor);
  let deaths = 0;
  const as = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    actor = name;
    world.failAt = crashes[deaths++ % Math.max(1, crashes.length)] ?? -1;
    await work().catch((error: unknown) => {
      if (error instanceof Denied) throw error;
      if (!isMillraceError(error) && (error as Error).message !== "the process died here") throw error;
    });
    world.failAt = -1;
  };
  const runs: string[] = [];
  const at = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)];
  const arn = (pick: number): string =>
    at([...world.executions.keys()], pick) ?? executionArn("test", "000000000000", "test", "free", "by-hand");
  for (const [index, [kind, pick, flag]] of deeds.entries()) {
    world.time += flag ? 20_000 : 10;
    const definition = at(WORKFLOWS, pick) ?? workflow("free");
    const { name } = definition;
    const parameters = flag ? LARGE : {};
    if (kind === "submit") {
      await as("submit", async () => {
        await isPaused(world, name);
        const scheduled = definition.cron === undefined ? {} : ({ scheduled: true } as const);
        const startAt = pick % 7 === 0 ? { startAt: world.time + 1_000 } : {};
        runs.push((await submit(world, definition, { workflow: name, parameters, ...startAt }, scheduled)).id);
      });
    } else if (kind === "child") {
      const entered = { step: `s${pick}`, at: "", entered: "2026-11-24T00:00:00Z", attempt: 1 };
      const child = { workflow: name, parameters: {}, context: {}, parent: arn(pick), ...entered };
      await as("submit", () => submitChild(world, flag ? { ...child, token: `${index}` } : child));
    } else if (kind === "command") {
      const run = at(runs, pick) ?? "";
      await as("submit", () =>
        flag ? cancel(world, run) : pick % 2 === 0 ? retryRun(world, run) : resumeRun(world, run),
      );
    } else if (kind === "raw") {
      const execution = executionArn("test", "000000000000", "test", name, `by-hand-${index}`);
      const event = { execution, status: "RUNNING", startedAt: world.time, input: {} } as const;
      world.executions.set(execution, event);
      if (flag) await as("settle", () => settle(world, event));
    } else if (kind === "end") {
      const running = world.executions.get(arn(pick));
      if (running === undefined) continue;
      const ends = running.status === "RUNNING";
      const status = (["SUCCEEDED", "FAILED", "TIMED_OUT"] as const)[pick % 3] ?? "FAILED";
      const event = ends ? { ...running, status, endedAt: world.time, output: null, error: "Boom" } : running;
      world.executions.set(event.execution, event);
      if (flag) await as("settle", () => settle(world, event));
    } else if (kind === "lock") {
      const lock = pick % 3 === 0 ? [{ name: "l1" }, { name: "l0" }] : { name: `l${pick % 2}` };
      const step = "acquire";
      if (!flag) await as("lock", () => releaseForFlow(world, { release: lock, run: arn(pick), step }));
      else {
        const call = {
          at: "",
          entered: "2026-11-24T00:00:00Z",
          attempt: 1,
          token: `l${index}`,
          context: {},
          drainSeconds: 9,
        };
        const freed = { release: lock, run: arn(pick + 1), step };
        const acquired = { acquire: lock, run: arn(pick), step, ...call };
        await as("lock", () => Promise.all([acquireForFlow(world, acquired), releaseForFlow(world, freed)]));
      }
    } else {
      world.time += 60_000 * (pick % 100);
      const sleep = async (milliseconds: number): Promise<void> => void (world.time += milliseconds);
      await as("sweep", async () => {
        const { problems } = await sweep(world, { run: SWEEP_TASK, sleep });
        expect(problems.filter((problem) => problem.includes("Denied"))).toEqual([]);
      });
    }
  }
}

/** The end of one of four runs hands a lock to another, which waits for a second lock then. */
const ON_FROM_ONE_LOCK_TO_THE_NEXT: Deed[] = [
  ...Array.from({ length: 4 }, (): Deed => ["submit", 6, false]),
  ["lock", 2, true],
  ["lock", 12, true],
  ["lock", 1, true],
  ["end", 10, true],
];

describe("the roles of Millrace's own functions", () => {
  it("allow what the functions do to items, whatever has happened before, and no more", async () => {
    const kinds = fc.constantFrom(
      "submit",
      "submit",
      "child",
      "command",
      "raw",
      "end",
      "end",
      "lock",
      "lock",
      "lock",
      "sweep",
    );
    const deeds = fc.array(fc.tuple(kinds, fc.nat({ max: 1_000 }), fc.boolean()), { minLength: 20, maxLength: 80 });
    const crashes = fc.array(fc.integer({ min: -1, max: 8 }), { maxLength: 6 });
    const histories = fc.sample(fc.tuple(deeds, crashes), { seed: 7, numRuns: 600 });
    const allowed = OWN_FUNCTIONS.flatMap(({ name, items }) =>
      items.flatMap(([keys, actions]) => actions.map((action) => `${name} ${action} ${keys}`)),
    );
    const unused = () => allowed.filter((leave) => !used.has(leave));
    await live(ON_FROM_ONE_LOCK_TO_THE_NEXT, []);
    for (const [index, history] of histories.entries()) {
      if (index >= 60 && unused().length === 0) break;
      await live(...history);
    }
    expect(unused()).toEqual([]);
    expect(timersOf).toEqual({ at: new Set(["submit"]), cancel: new Set(["submit", "sweep"]) });
  });
});
