import { expect, it, vi } from "vitest";
import { runKey } from "../../engine/coordination/keys.ts";
import { APPROVED } from "./coordination/catalogue/index.ts";
import { items, newPassage, workflows } from "./coordinated.ts";
import { settled, SOON } from "./deployed.ts";

async function asking(timeoutSeconds: number): Promise<string> {
  const { gate: name } = newPassage();
  const { id } = await workflows.submitWorkflow(APPROVED, { parameters: { name, timeoutSeconds } });
  return id;
}

const waits = (id: string) =>
  vi.waitFor(async () => expect(await workflows.waitingEvents(id)).toMatchObject([{ step: "approval" }]), SOON);

it("goes on with the answer to an event, which leaves nothing behind", async () => {
  const id = await asking(3_600);
  await waits(id);
  expect((await workflows.steps(id)).at(-1)).toMatchObject({ name: "approval", kind: "wait", state: "running" });
  await expect(workflows.answer(id, "approval", { value: "yes" })).rejects.toMatchObject({ name: "InvalidAnswer" });
  await workflows.answer(id, "approval", { value: { approved: true } });
  expect(await settled(workflows, id)).toMatchObject({ state: "completed", result: "approved" });
  await vi.waitFor(async () => {
    const names = Object.keys((await items.get(runKey(id), { consistent: true })) ?? {});
    expect(names.filter((name) => name.startsWith("e:"))).toEqual([]);
  }, SOON);
  await vi.waitFor(async () => {
    const lines = await workflows.logs(id);
    expect(lines).toMatchObject([{ level: "info", step: expect.stringMatching(/approvals\.ts:\d+$/) as string }]);
  }, SOON);
});

it("gives the flow the error that an event is answered with", async () => {
  const id = await asking(3_600);
  await waits(id);
  await workflows.answer(id, "approval", { error: { name: "Vetoed", message: "by Grace" } });
  expect(await settled(workflows, id)).toMatchObject({ state: "completed", result: "Vetoed: by Grace" });
});

it("fails under the event's own name where nobody answers", async () => {
  const id = await asking(2);
  expect(await settled(workflows, id)).toMatchObject({
    state: "completed",
    result: expect.stringMatching(/^EventTimedOut: /) as string,
  });
});
