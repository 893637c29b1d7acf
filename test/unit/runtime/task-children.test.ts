import { describe, expect, it } from "vitest";
import * as z from "zod";
import { runKey } from "../../../engine/coordination/keys.ts";
import type { Json } from "../../../engine/model/json.ts";
import type { SubmitRequest } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import type { Child } from "../../../engine/runtime/scope.ts";
import { taskChildren } from "../../../engine/runtime/task-children.ts";
import type { Attribute } from "../../../engine/store/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";

const WORKFLOW: WorkflowDefinition = {
  ...{ name: "child", type: "internal", module: "a/flows", function: "child", tags: [] },
  ...{ parameters: z.object({ id: z.string() }), result: z.number() },
};
const CHILD: Child = { workflow: WORKFLOW, parameters: { id: "x" }, tags: ["t"], priority: "low" };
const run = { id: "run-1", workflow: "parent", stack: "local", step: "work[3]", attempt: 1 };
const FACTS = { workflow: "child", name: "child", execution: "arn", context: {}, createdAt: 1, startedAt: 1 };

/** A platform whose child is a record that changes with each pause. */
function platform(...records: { readonly [attribute: string]: Attribute }[]) {
  const items = memoryItems();
  const [requests, pauses]: [SubmitRequest[], number[]] = [[], []];
  const abort = new AbortController();
  const step = async (): Promise<void> => {
    const next = records.shift();
    if (next !== undefined) await items.put({ ...runKey("run-2"), ...FACTS, ...next });
  };
  const host = {
    items,
    submit: async (request: SubmitRequest) => {
      requests.push(request);
      await step();
      return { id: "run-2", execution: "arn", existing: false };
    },
    sleep: async (milliseconds: number) => {
      pauses.push(milliseconds);
      await step();
    },
  };
  const attempt = () => taskChildren({ run, context: { branch: "b" }, signal: abort.signal }, host);
  return { attempt, requests, pauses, abort };
}

const running = { state: "running" };
const completed = (result?: Json) => ({ state: "completed", endedAt: 2, ...(result === undefined ? {} : { result }) });

describe("a child run of a task", () => {
  it("is submitted with the task's run as its parent, under a key that the next attempt makes again", async () => {
    const { attempt, requests } = platform(completed(1));
    const first = attempt();
    await first.executeWorkflow(CHILD);
    await first.submitWorkflow(CHILD);
    await first.submitWorkflow({ ...CHILD, parameters: { id: "y" } });
    await attempt().executeWorkflow(CHILD);
    expect(requests[0]).toMatchObject({
      ...{ workflow: "child", parameters: { id: "x" }, tags: ["t"], parent: "run-1", executes: true },
      context: { branch: "b", priority: "low" },
    });
    expect(requests[1]?.executes).toBe(false);
    const keys = requests.map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys).size).toBe(3);
    expect(keys[3]).toBe(keys[0]);
  });

  it("is looked at less and less often until it has ended", async () => {
    const { attempt, pauses } = platform(running, running, running, running, running, running, completed(7));
    expect(await attempt().executeWorkflow(CHILD)).toBe(7);
    expect(pauses).toEqual([200, 400, 800, 1600, 2000, 2000]);
  });

  it.each(["failed", "cancelled", "timed-out"])("fails the task with the error of its record: %s", async (state) => {
    const { attempt } = platform(running, { state, endedAt: 2, error: { name: "Declined", message: "no" } });
    await expect(attempt().executeWorkflow(CHILD)).rejects.toMatchObject({
      ...{ name: "Declined", message: "no", run: "run-2" },
    });
  });

  it("has a result that the workflow's schema takes and its record can hold", async () => {
    await expect(platform(completed("text")).attempt().executeWorkflow(CHILD)).rejects.toMatchObject({
      name: "InvalidOutput",
    });
    await expect(platform(completed()).attempt().executeWorkflow(CHILD)).rejects.toMatchObject({
      name: "ResultTooLarge",
    });
  });

  it("is waited for until the time of the attempt is over", async () => {
    const { attempt, abort } = platform(running);
    const waiting = attempt().executeWorkflow(CHILD);
    abort.abort(new Error("over"));
    await expect(waiting).rejects.toThrow("over");
  });
});
