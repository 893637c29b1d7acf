import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { executeWorkflow, submitWorkflow } from "../../../engine/runtime/children.ts";
import { acquireLock, withLock } from "../../../engine/runtime/lock.ts";
import { addBranchTag } from "../../../engine/runtime/scope.ts";
import { sweep } from "../../../engine/runtime/sweep-task.ts";
import { task } from "../../../engine/runtime/task.ts";
import { direct } from "../../../engine/testing/direct.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { newTrace } from "../../../engine/testing/trace.ts";

const parameters = z.object({ id: z.string(), times: z.number().default(2) });
const result = z.array(z.string());
const REPEAT: WorkflowDefinition<typeof parameters, typeof result> = {
  ...{ name: "repeat", type: "internal", module: "a/flows", function: "repeat", tags: [] },
  ...{ parameters, result },
};

const context = task({ name: "context", input: z.string(), output: z.json() }, (_, scope) => ({ ...scope.context }));

class TooMany extends Error {
  override readonly name = "TooMany";
}

async function repeat({ id, times }: z.output<typeof parameters>): Promise<string[]> {
  await addBranchTag("child");
  if (times > 3) throw new TooMany(`${times} are too many`);
  return Array.from({ length: times }, () => id);
}

const workflows = { repeat };

describe("a child of a flow called directly", () => {
  it("is its flow, called with the defaults of its parameters", async () => {
    const trace = newTrace();
    const flow = async ({ id }: { id: string }) => executeWorkflow(REPEAT, { parameters: { id } });
    expect(await direct(flow, { id: "x" }, { workflows, trace })).toEqual(["x", "x"]);
    expect(trace.children).toMatchObject([
      { workflow: "repeat", parameters: { id: "x", times: 2 }, result: ["x", "x"] },
    ]);
    expect(trace.tags).toEqual(new Set());
  });

  it("fails its parent under its own name where the parent waits, and not where it goes on", async () => {
    const trace = newTrace();
    const given = { id: "x", times: 4 };
    await expect(
      direct(() => executeWorkflow(REPEAT, { parameters: given }), {}, { workflows, trace }),
    ).rejects.toMatchObject({ name: "TooMany", message: "4 are too many" });
    const { id } = await direct(() => submitWorkflow(REPEAT, { parameters: given }), {}, { workflows, trace });
    expect(trace.children).toMatchObject([{ error: "TooMany" }, { error: "TooMany", id }]);
  });

  it("has the parent's context, with the priority of the call", async () => {
    const read = async (): Promise<unknown> => context("");
    const flow = async () => {
      await executeWorkflow(REPEAT, { parameters: { id: "x" } });
      return executeWorkflow(REPEAT, { parameters: { id: "y" }, priority: "low" });
    };
    const trace = newTrace();
    const called = { context: { branch: "b", priority: "high" as const }, trace };
    await direct(flow, {}, { ...called, workflows: { repeat: async () => (await read(), []) } });
    expect(trace.calls.map((call) => call.result)).toEqual([
      { branch: "b", priority: "high" },
      { branch: "b", priority: "low" },
    ]);
  });

  it("is refused with what is wrong: parameters, tags, a flow that is not there", async () => {
    const call = (options: unknown, given = {}) =>
      direct(async () => executeWorkflow(REPEAT, options as never), {}, given);
    await expect(call({ parameters: { id: 1 } })).rejects.toMatchObject({ name: "InvalidParameters" });
    await expect(call({ parameters: { id: "x" }, tags: ["a\u0000"] })).rejects.toThrow(/Tags were not added/);
    await expect(call({ parameters: { id: "x" } })).rejects.toThrow(/workflows: { "repeat": itsFlow }/);
  });

  it("is found again by the next attempt of a task", async () => {
    let attempts = 0;
    const parent = task({ name: "parent", input: z.null(), output: result, retries: 1 }, async () => {
      const first = await executeWorkflow(REPEAT, { parameters: { id: "x" } });
      const second = await executeWorkflow(REPEAT, { parameters: { id: "x" } });
      attempts += 1;
      if (attempts === 1) throw new Error("lost");
      return [...first, ...second];
    });
    const trace = newTrace();
    expect(await direct(() => parent(null), {}, { workflows, trace })).toEqual(["x", "x", "x", "x"]);
    expect(attempts).toBe(2);
    expect(new Set(trace.children.map(({ id }) => id)).size).toBe(2);
    expect(trace.children).toHaveLength(2);
  });
});

describe("a lock of a flow called directly", () => {
  const request = { namespace: "repository", name: "x", timeoutSeconds: 5 };
  const lock = async (): Promise<number> => {
    await using held = await acquireLock(request);
    return held.fence;
  };

  it("is free again after its block, under a higher fence", async () => {
    const items = memoryItems();
    const first = await direct(lock, {}, { items });
    expect(await direct(lock, {}, { items })).toBeGreaterThan(first);
  });

  it("is waited for, in no time, by a task and by a child that ask for it meanwhile", async () => {
    const inTask = task({ name: "in-task", input: z.null(), output: z.null() }, async () =>
      withLock(request, () => null),
    );
    const flow = async (): Promise<string[]> => {
      await using held = await acquireLock([request, { name: "other" }]);
      const failed = [String(held[1].name)];
      for (const call of [() => inTask(null), () => executeWorkflow(REPEAT, { parameters: { id: "x" } })]) {
        try {
          await call();
        } catch (error) {
          failed.push((error as Error).name);
        }
      }
      return failed;
    };
    const child = async (): Promise<number> => lock();
    const ended = await direct(flow, {}, { workflows: { repeat: child } });
    expect(ended).toEqual(["other", "LockTimedOut", "LockTimedOut"]);
  });
});

describe("sweep", () => {
  it("finds nothing to repair where a flow is called directly, and is no task's to call", async () => {
    expect(await direct(async () => sweep(), {})).toMatchObject({ openRuns: 0, problems: [] });
    const inTask = task({ name: "in-task", input: z.null(), output: z.json() }, () => sweep());
    await expect(direct(() => inTask(null), {})).rejects.toThrow(/is a step of a flow/);
  });
});
