import { describe, expect, it, vi } from "vitest";
import { runKey } from "../../../engine/coordination/keys.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import type { Workflows } from "../../../engine/client/connect.ts";
import { ASK, ASK_IN_VAIN, LOG_AND_FAIL } from "./fixture/catalogue/index.ts";
import { platforms } from "./platform.ts";

const { newDirectory, open } = platforms();

/** A run that waits for its approval. */
async function asking(workflows: Workflows): Promise<string> {
  const { id } = await workflows.submitWorkflow(ASK, { parameters: { name: "Ada" } });
  await vi.waitFor(async () => expect(await workflows.waitingEvents(id)).toHaveLength(1));
  return id;
}

describe("a run that waits for an event", () => {
  it("shows what it waits for, and goes on with the answer", async () => {
    const { workflows, platform } = open(newDirectory());
    const id = await asking(workflows);
    expect(await workflows.waitingEvents(id)).toMatchObject([{ step: "approval", event: "approval" }]);
    expect((await workflows.steps(id)).at(-1)).toMatchObject({ name: "approval", kind: "wait", state: "running" });
    await expect(workflows.answer(id, "approval", { value: 1 })).rejects.toMatchObject({ name: "InvalidAnswer" });
    await expect(workflows.answer(id, "other", { value: 1 })).rejects.toMatchObject({ name: "NotWaiting" });
    await workflows.answer(id, "approval", { value: { approved: true } });
    expect(await workflows.waitForRun(id)).toMatchObject({ state: "completed", result: "Hello Ada" });
    await expect(workflows.answer(id, "approval", { value: { approved: true } })).rejects.toMatchObject({
      name: ErrorName.RUN_ENDED,
    });
    const attributes = Object.keys((await platform.items.get(runKey(id))) ?? {});
    expect(attributes.filter((name) => name.startsWith("e:"))).toEqual([]);
  });

  it("sees the error that it is answered with", async () => {
    const { workflows } = open(newDirectory());
    const id = await asking(workflows);
    await workflows.answer(id, "approval", { error: { name: "Vetoed", message: "by Grace" } });
    expect(await workflows.waitForRun(id)).toMatchObject({ state: "completed", result: "Vetoed: by Grace" });
  });

  it("is answered after the death of the process that it waited in, by another one", async () => {
    const directory = newDirectory();
    const first = open(directory);
    const id = await asking(first.workflows);
    await first.platform.close();
    const second = open(directory, { drive: false });
    await second.workflows.answer(id, "approval", { value: { approved: false } });
    await second.workflows.answer(id, "approval", { value: { approved: false } });
    await expect(second.workflows.answer(id, "approval", { value: { approved: true } })).rejects.toMatchObject({
      name: "AlreadyAnswered",
    });
    expect(await second.workflows.getRun(id)).toMatchObject({ state: "running" });
    const third = open(directory);
    expect(await third.workflows.waitForRun(id)).toMatchObject({ state: "completed", result: "refused" });
  });

  it("fails under the event's own name where nobody answers", async () => {
    const { workflows } = open(newDirectory());
    const { id } = await workflows.submitWorkflow(ASK_IN_VAIN, { parameters: { name: "Ada" } });
    expect(await workflows.waitForRun(id)).toMatchObject({
      state: "failed",
      error: {
        name: ErrorName.EVENT_TIMED_OUT,
        message: 'Event "approval" was not answered within 1 s.',
        at: expect.stringMatching(/^functions\/sample\/approvals\.ts:\d+$/) as string,
      },
    });
  });
});

describe("lines that a flow logs", () => {
  it("stand among those of its tasks, by their places in the source", async () => {
    const { workflows } = open(newDirectory());
    const id = await asking(workflows);
    await workflows.answer(id, "approval", { value: { approved: true } });
    await workflows.waitForRun(id);
    const step = expect.stringMatching(/^functions\/sample\/approvals\.ts:\d+$/) as string;
    expect((await workflows.logs(id)).filter((line) => line.line !== undefined)).toMatchObject([
      { level: "info", message: "asks for Ada", fields: { name: "Ada" }, step },
      { level: "debug", message: "was answered", fields: { approved: true }, step },
    ]);
  });

  it("are there once, also where the task that carries them is tried again and fails", async () => {
    const { workflows } = open(newDirectory());
    const { id } = await workflows.submitWorkflow(LOG_AND_FAIL, { parameters: { name: "7" } });
    expect(await workflows.waitForRun(id)).toMatchObject({ state: "failed", error: { name: "RangeError" } });
    expect((await workflows.steps(id)).filter(({ name }) => name === "fail")).toHaveLength(2);
    expect(await workflows.logs(id)).toMatchObject([{ level: "warn", message: "about to fail" }]);
  });
});
