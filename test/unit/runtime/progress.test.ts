import { describe, expect, it } from "vitest";
import * as z from "zod";
import { end, record, runOf } from "../coordination/recorded-runs.ts";
import { executionArn } from "../../../engine/model/wire.ts";
import { createBatch } from "../../../engine/runtime/batch.ts";
import { invokeTask, type TaskHost } from "../../../engine/runtime/invoke.ts";
import { reportProgress } from "../../../engine/runtime/progress.ts";
import { task, type Task } from "../../../engine/runtime/task.ts";
import { direct } from "../../../engine/testing/direct.ts";
import { memoryBlobs } from "../../../engine/testing/memory-blobs.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import type { Items } from "../../../engine/store/items.ts";

function host(items: Items, now: () => number): TaskHost {
  const log = (): void => undefined;
  const none = (): Promise<never> => Promise.reject(new Error("not here"));
  const lines = { debug: log, info: log, warn: log, error: log };
  return { items, blobs: memoryBlobs(), domain: "d", log: () => lines, now, sleep: none, submit: none, answer: none };
}

async function call(called: unknown, id: string, given: TaskHost): Promise<void> {
  const run = executionArn("r", "0", "s", "w", id);
  const payload = { task: "t", input: null, run, step: "t", at: "functions/d/flows.ts:1", attempt: 1, context: {} };
  await invokeTask(called as Task, payload, given);
}

const nothing = { name: "t", input: z.null(), output: z.null() };

describe("progress", () => {
  it("stands on the run, written every five seconds at the most and at the end", async () => {
    const items = memoryItems();
    const id = await record(items, { createdAt: 0 });
    let time = 0;
    const seen: unknown[] = [];
    const work = task(nothing, async () => {
      for (const [after, percent] of [
        [0, 1],
        [4_999, 2],
        [1, 3.5],
        [1, 4],
        [0, 100],
      ] as const) {
        time += after;
        await reportProgress(percent);
        seen.push((await runOf(items, id)).progress);
      }
      return null;
    });
    await call(
      work,
      id,
      host(items, () => time),
    );
    expect(seen).toEqual([1, 1, 3.5, 3.5, 100]);
  });

  it("of a run that has ended, or whose start nobody has seen, is not written", async () => {
    const items = memoryItems();
    const id = await record(items, { createdAt: 0 });
    await end(items, id, "cancelled", 1);
    const work = task(nothing, async () => (await reportProgress(50), null));
    await call(
      work,
      id,
      host(items, () => 0),
    );
    expect(await runOf(items, id)).not.toHaveProperty("progress");
    await call(
      work,
      "0193a0b1-0000-7000-8000-00000000000a",
      host(items, () => 0),
    );
    await expect(runOf(items, "0193a0b1-0000-7000-8000-00000000000a")).rejects.toThrow("no run");
  });

  it.each([-1, 101, NaN])("refuses %s percent", async (percent) => {
    await expect(reportProgress(percent)).rejects.toMatchObject({ name: "InvalidRequest" });
  });

  it("is told by tasks alone", async () => {
    await expect(direct(() => reportProgress(1), {})).rejects.toThrow("Call it in a task");
    await expect(reportProgress(1)).rejects.toThrow("outside of a run");
  });
});

describe("a batch in a task", () => {
  it("runs tasks within the attempt", async () => {
    const double = task({ name: "double", input: z.number(), output: z.number() }, (input) => input * 2);
    const work = task({ name: "work", input: z.array(z.number()), output: z.array(z.number()) }, async (numbers) => {
      const batch = createBatch<number, number>();
      for (const input of numbers) batch.add({ task: double, input, node: input });
      const doubled: number[] = [];
      for await (const [result = NaN, , { node = NaN }] of batch.execute()) doubled[numbers.indexOf(node)] = result;
      return doubled;
    });
    expect(await direct(work, [1, 2, 3])).toEqual([2, 4, 6]);
  });
});
