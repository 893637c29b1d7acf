import { expect, it, vi } from "vitest";
import { lockKey } from "../../engine/coordination/keys.ts";
import { LOCKED } from "./coordination/catalogue/index.ts";
import { items, newPassage, open, spanOf, workflows } from "./coordinated.ts";
import { settled, SOON } from "./deployed.ts";

/** A run that holds the lock of this name until its own gate opens. */
async function hold(lock: string, gate: string): Promise<string> {
  const { id } = await workflows.submitWorkflow(LOCKED, { parameters: { gate: lock, name: gate } });
  return id;
}

async function ownerOf(lock: string): Promise<unknown> {
  return (await items.get(lockKey(`gate.${lock}`), { consistent: true }))?.["owner"];
}

const holds = (id: string, lock: string) => vi.waitFor(async () => expect(await ownerOf(lock)).toBe(id), SOON);

it("lets one flow after the other through a lock, in the order in which they asked, under rising fences", async () => {
  const { gate: lock, group: gate } = newPassage();
  const first = await hold(lock, gate);
  await holds(first, lock);
  const second = await hold(lock, gate);
  const waits = async () => expect(await workflows.steps(second)).toMatchObject([{ kind: "wait", state: "running" }]);
  await vi.waitFor(waits, SOON);
  expect(await ownerOf(lock)).toBe(first);
  await open(gate);
  const [one, other] = [await settled(workflows, first), await settled(workflows, second)];
  expect(one).toMatchObject({ state: "completed", result: 1 });
  expect(other).toMatchObject({ state: "completed", result: 2 });
  expect((await spanOf(other.execution)).to).toBeGreaterThan((await spanOf(one.execution)).to);
  expect(await ownerOf(lock)).toBeUndefined();
});

it("frees the lock of a flow that fails while it holds it, for the next in line", async () => {
  const { gate: lock, group: gate } = newPassage();
  await open("nobody");
  const holder = await hold(lock, gate);
  await holds(holder, lock);
  const failing = await hold(lock, "nobody");
  await vi.waitFor(async () => expect(await workflows.steps(failing)).not.toEqual([]), SOON);
  const last = await hold(lock, gate);
  await open(gate);
  expect(await settled(workflows, holder)).toMatchObject({ state: "completed", result: 1 });
  expect(await settled(workflows, failing)).toMatchObject({ state: "failed", error: { name: "NotWelcome" } });
  expect(await settled(workflows, last)).toMatchObject({ state: "completed", result: 3 });
  expect(await ownerOf(lock)).toBeUndefined();
});
