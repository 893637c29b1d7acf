import { describe, expect, it } from "vitest";
import { cancel } from "../../../engine/coordination/cancel.ts";
import { childrenOf, submitChild } from "../../../engine/coordination/children.ts";
import { getRun } from "../../../engine/coordination/run-record.ts";
import { waitingOf } from "../../../engine/coordination/limits.ts";
import { resumeRun } from "../../../engine/coordination/resume.ts";
import { retryRun } from "../../../engine/coordination/retry.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import type { ChildSubmit } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { finish, openIds, start, tellStopped, workflow } from "./definitions.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";

const PARENT = workflow("parent");
const CHILD = workflow("child");
const worldOf = (...workflows: WorkflowDefinition[]): FakeWorld => fakeWorld(memoryItems(), workflows);

/** What a state of the parent sends; `token` where it waits. */
function childOf(world: FakeWorld, parent: string, changes: Partial<ChildSubmit> = {}): ChildSubmit {
  const execution = [...world.executions.keys()].find((one) => one.endsWith(parent)) ?? "";
  return {
    workflow: CHILD.name,
    parameters: { a: 1 },
    context: { branch: "main", priority: "high" },
    parent: execution,
    step: "child[0]",
    at: "functions/git/flows.ts:3",
    entered: "2026-11-24T00:00:00.000Z",
    attempt: 1,
    token: "token",
    ...changes,
  };
}

describe("a child that its parent executes", () => {
  it("answers the parent's state with its result, inherits the context, and is linked both ways", async () => {
    const world = worldOf(PARENT, CHILD);
    const parent = await start(world, PARENT);
    const { id } = await submitChild(world, childOf(world, parent));
    expect(await getRun(world.items, id)).toMatchObject({ parent, context: { branch: "main", priority: "high" } });
    expect(await Array.fromAsync(childrenOf(world, parent))).toEqual([{ id, executed: true }]);
    expect(world.answered).toEqual([]);
    await finish(world, id, { output: { done: true } });
    expect(world.answered).toEqual([{ token: "token", answer: { output: { done: true } } }]);
    expect(await openIds(world)).toEqual([parent]);
  });

  it("answers with the child's own error name", async () => {
    const world = worldOf(PARENT, CHILD);
    const { id } = await submitChild(world, childOf(world, await start(world, PARENT)));
    await finish(world, id, { status: "FAILED", error: "CloneFailed", cause: "no such remote" });
    const cause = JSON.stringify({ errorType: "CloneFailed", errorMessage: "no such remote", run: id });
    expect(world.answered).toEqual([{ token: "token", answer: { error: { name: "CloneFailed", cause } } }]);
  });

  it("is one child for one state entry, however often the state is retried: the last token is answered", async () => {
    const world = worldOf(PARENT, CHILD);
    const parent = await start(world, PARENT);
    const first = await submitChild(world, childOf(world, parent));
    const again = await submitChild(world, childOf(world, parent, { token: "second", attempt: 2 }));
    const next = await submitChild(world, childOf(world, parent, { step: "child[1]" }));
    const later = await submitChild(world, childOf(world, parent, { entered: "2026-11-24T00:00:01.000Z" }));
    expect(again).toEqual({ ...first, existing: true });
    expect(new Set([first.id, next.id, later.id]).size).toBe(3);
    await finish(world, first.id);
    expect(world.answered.map(({ token }) => token)).toEqual(["second"]);
    await submitChild(world, childOf(world, parent, { token: "third", attempt: 3 }));
    expect(world.answered.map(({ token }) => token)).toEqual(["second", "third"]);
  });

  it("answers the latest attempt, also where an earlier one comes after it, before the record or the end", async () => {
    const world = worldOf(PARENT, CHILD);
    const parent = await start(world, PARENT);
    const second = await submitChild(world, childOf(world, parent, { token: "second", attempt: 2 }));
    const late = await submitChild(world, childOf(world, parent));
    expect(late).toEqual({ ...second, existing: true });
    await finish(world, late.id, { output: 1 });
    expect(world.answered).toEqual([{ token: "second", answer: { output: 1 } }]);
    const first = await submitChild(world, childOf(world, parent, { step: "other" }));
    await submitChild(world, childOf(world, parent, { step: "other", token: "third", attempt: 3 }));
    await submitChild(world, childOf(world, parent, { step: "other", token: "late", attempt: 2 }));
    await finish(world, first.id, { output: 2 });
    expect(world.answered.slice(1)).toEqual([{ token: "third", answer: { output: 2 } }]);
  });

  it("is stopped with its parent, which leaves alone what it only submitted", async () => {
    const world = worldOf(PARENT, CHILD);
    const parent = await start(world, PARENT);
    const executed = await submitChild(world, childOf(world, parent));
    const { token: _, ...alone } = childOf(world, parent, { step: "submitted" });
    const submitted = await submitChild(world, alone);
    await cancel(world, parent);
    await tellStopped(world);
    await tellStopped(world);
    const states = [parent, executed.id, submitted.id].map(async (id) => (await getRun(world.items, id))?.state);
    expect(await Promise.all(states)).toEqual(["cancelled", "cancelled", "running"]);
  });

  it("finds itself that its parent has ended, where the parent's end came before its edge", async () => {
    const world = worldOf(PARENT, CHILD);
    const parent = await start(world, PARENT);
    const child = childOf(world, parent);
    await finish(world, parent, { status: "ABORTED" });
    const { id } = await submitChild(world, child);
    await tellStopped(world);
    expect(await getRun(world.items, id)).toMatchObject({ state: "cancelled" });
  });

  it("stays among the open runs until the parent has its answer, whatever crashes", async () => {
    const world = worldOf(PARENT, CHILD);
    const { id } = await submitChild(world, childOf(world, await start(world, PARENT)));
    const { answer } = world.machines;
    world.machines.answer = async () => {
      throw new Error("the process died here");
    };
    await expect(finish(world, id, { output: 5 })).rejects.toThrow("died");
    world.machines.answer = answer;
    expect(await openIds(world)).toContain(id);
    await resumeRun(world, id);
    expect(world.answered).toEqual([{ token: "token", answer: { output: 5 } }]);
    expect(await openIds(world)).not.toContain(id);
  });

  it("answers with an error where its large result has gone with its execution, and never with nothing", async () => {
    const world = worldOf(PARENT, CHILD);
    const parent = await start(world, PARENT);
    const { id } = await submitChild(world, childOf(world, parent));
    await finish(world, id, { output: "x".repeat(40_000) });
    for (const execution of world.executions.keys()) if (execution.endsWith(id)) world.executions.delete(execution);
    await submitChild(world, childOf(world, parent, { token: "second", attempt: 2 }));
    expect(world.answered[1]).toMatchObject({ token: "second", answer: { error: { name: "PlatformUnavailable" } } });
  });

  it("is told apart where it waits for a slot that its parent holds", async () => {
    const shared = { name: "shared", limit: 1 };
    const [parent, child] = [
      workflow("parent", { concurrencyLimit: shared }),
      workflow("child", { concurrencyLimit: shared }),
    ];
    const world = worldOf(parent, child);
    const id = await start(world, parent);
    const submitted = await submitChild(world, childOf(world, id));
    const run = await getRun(world.items, submitted.id);
    expect(run && (await waitingOf(world, run))?.reason).toContain(`held by run ${id}, which waits for this one`);
  });

  it("is refused where the catalogue does not have it", async () => {
    const world = worldOf(PARENT);
    const child = childOf(world, await start(world, PARENT));
    await expect(submitChild(world, child)).rejects.toMatchObject({
      name: ErrorName.WORKFLOW_NOT_FOUND,
      message: expect.stringContaining("functions/git/flows.ts:3") as string,
    });
  });
});

describe("onFailure and onCancel", () => {
  const hook = workflow("hook");
  const hooked = workflow("hooked", { onFailure: "hook", onCancel: "hook" });

  it("submit a workflow once, with the ended run as its parent", async () => {
    const world = worldOf(hooked, hook);
    const failed = await start(world, hooked);
    await finish(world, failed, { status: "FAILED", error: "Broken", cause: "why" });
    await finish(world, failed, { status: "FAILED", error: "Broken", cause: "why" });
    const cancelled = await start(world, hooked, { startAt: world.time + 1000 });
    await cancel(world, cancelled);
    await finish(world, await start(world, hooked));
    const hooks = world.started.filter((one) => one.workflow === "hook").map(({ run }) => getRun(world.items, run));
    expect(await Promise.all(hooks)).toMatchObject([
      {
        parent: failed,
        parameters: { run: failed, workflow: "hooked", state: "failed", error: { name: "Broken", message: "why" } },
      },
      { parent: cancelled, parameters: { run: cancelled, state: "cancelled" } },
    ]);
  });
});

describe("retry", () => {
  it("starts a new run from the recorded parameters, tags and context", async () => {
    const world = worldOf(PARENT);
    const first = await start(world, PARENT, { parameters: { a: 1 }, tags: ["t"], context: { branch: "b" } });
    await expect(retryRun(world, first)).rejects.toMatchObject({ name: ErrorName.CONFLICT });
    await finish(world, first, { status: "FAILED", error: "E" });
    const { id } = await retryRun(world, first);
    expect(await getRun(world.items, id)).toMatchObject({
      retryOf: first,
      parameters: { a: 1 },
      context: { branch: "b" },
      tags: expect.arrayContaining(["t"]) as string[],
    });
    await expect(retryRun(world, "nobody")).rejects.toMatchObject({ name: ErrorName.RUN_NOT_FOUND });
  });
});
