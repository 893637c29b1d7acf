import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { addTags } from "../../../engine/runtime/scope.ts";
import { acquireLock, withLock } from "../../../engine/runtime/lock.ts";
import { log } from "../../../engine/runtime/flow-log.ts";
import { now, uuid } from "../../../engine/runtime/moment.ts";
import { sleep, sleepUntil } from "../../../engine/runtime/sleep.ts";
import { task } from "../../../engine/runtime/task.ts";
import { direct } from "../../../engine/testing/direct.ts";
import { fake } from "../../../engine/testing/fake.ts";
import { newTrace, type TraceEvent } from "../../../engine/testing/trace.ts";

const options = { input: z.unknown(), output: z.unknown() };
const work = task({ name: "work", ...options, timeoutSeconds: 30 }, () => null);
const clock = task({ name: "clock", ...options }, (_, scope) => new Date(scope.now()).toISOString());

function kindsOf(events: readonly TraceEvent[]): (readonly [seconds: number, ...kind: string[]])[] {
  return events.map(({ at, ...event }) => [at / 1000, ...Object.keys(event)]);
}

describe("the time of a flow called directly", () => {
  it("passes in sleeps alone, side by side too, and is what now() and tasks read", async () => {
    const flow = async (): Promise<unknown> => {
      const before = now();
      await Promise.all([sleep(3_600), sleep(60)]);
      await sleepUntil("2026-03-02T00:00:00Z");
      return [before, await clock(null), now()];
    };
    const after = "2026-03-02T00:00:00.000Z";
    expect(await direct(flow, {}, { now: Date.UTC(2026, 2, 1) })).toEqual(["2026-03-01T00:00:00.000Z", after, after]);
  });

  it("passes in the pauses before retries, which are as the machine has them", async () => {
    const flow = async (): Promise<unknown> => {
      const flaky = work.with({ retries: 4, retryDelaySeconds: 0.5, retryBackoff: 3, maxRetryDelaySeconds: 10 });
      return [await flaky(null), now()];
    };
    const lost = new Error("lost");
    const trace = newTrace();
    const given = { tasks: [fake(work, [lost, lost, lost, lost, "done"])], trace };
    expect(await direct(flow, {}, given)).toEqual(["done", "1970-01-01T00:00:23.000Z"]);
    expect(kindsOf(trace.events).map(([at]) => at)).toEqual([0, 1, 4, 13, 23]);
  });

  it("ends an attempt that takes too long of it, and no other one", async () => {
    const slow = fake(work, async (seconds) => sleep(seconds as number));
    const tasks = [slow];
    const flow = async (seconds: number): Promise<unknown> => Promise.all([work(seconds), sleep(600)]);
    expect(await direct(flow, 29, { tasks })).toEqual([null, null]);
    await expect(direct(flow, 31, { tasks })).rejects.toMatchObject({ name: "States.Timeout" });
    const held = async (): Promise<unknown> => {
      await using lock = await acquireLock({ name: "held" });
      return await work(lock.fence);
    };
    const waits = fake(work, async () => withLock({ name: "held", timeoutSeconds: 20 }, () => null));
    await expect(direct(held, {}, { tasks: [waits] })).rejects.toMatchObject({ name: "LockTimedOut" });
  });

  it("stands still while a task really works", async () => {
    const slow = fake(work, () => setTimeout(20, "read"));
    const flow = async (): Promise<unknown> => Promise.all([work(null), sleep(86_400)]);
    expect(await direct(flow, {}, { tasks: [slow] })).toEqual(["read", null]);
  });

  it("is told with everything else in order", async () => {
    const flow = async (): Promise<unknown> => {
      await addTags({ branches: ["main"] });
      log.info("begins", { n: 1 });
      await sleep(5);
      return work(uuid());
    };
    const trace = newTrace();
    const again = newTrace();
    await direct(flow, {}, { trace });
    await direct(flow, {}, { trace: again });
    expect(kindsOf(trace.events)).toEqual([
      [0, "tags"],
      [0, "log"],
      [0, "sleepSeconds"],
      [5, "call"],
    ]);
    expect(trace.calls[0]?.input).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(again.events).toEqual(trace.events);
  });
});
