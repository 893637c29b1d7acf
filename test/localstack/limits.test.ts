import { expect, it, vi } from "vitest";
import { holdersOf, limitKey } from "../../engine/coordination/keys.ts";
import { ErrorName } from "../../engine/model/errors.ts";
import { runIdOf } from "../../engine/model/run-id.ts";
import type { Run } from "../../engine/model/run.ts";
import { ENQUEUED, SINGLE } from "./coordination/catalogue/index.ts";
import { items, newPassage, open, reached, spanOf, workflows } from "./coordinated.ts";
import { endedRaw, settled, SOON, startRaw } from "./deployed.ts";
import { COORDINATION } from "./stack.ts";

async function holders(workflow: string, group: string): Promise<string[]> {
  return Object.keys(holdersOf(await items.get(limitKey(`${workflow}#${group}`), { consistent: true })));
}

const message = (run: Run): string => ("error" in run ? run.error.message : "");

it("gives 20 raw starts under a limit of 1 one slot: one goes on, the others are stopped, all have a record", async () => {
  const { gate, group } = newPassage();
  const starts = Array.from({ length: 20 }, () => startRaw(COORDINATION, ENQUEUED.name, { gate, group }));
  const executions = await Promise.all(starts);
  const most = { holders: 0 };
  const runs = await vi.waitFor(
    async () => {
      most.holders = Math.max(most.holders, (await holders(ENQUEUED.name, group)).length);
      const found = await Promise.all(executions.map((execution) => workflows.getRun(runIdOf(execution))));
      expect(found.filter(({ state }) => state === "cancelled")).toHaveLength(19);
      return found;
    },
    { ...SOON, timeout: 90_000 },
  );
  expect(most.holders).toBe(1);
  const stopped = runs.filter(({ state }) => state === "cancelled");
  for (const run of stopped) {
    expect(run).toMatchObject({ error: { name: ErrorName.LIMIT_REACHED } });
    expect(message(run)).toContain("started through submit");
    expect(await endedRaw(run.execution)).toMatchObject({ status: "ABORTED", error: ErrorName.LIMIT_REACHED });
  }
  const [last] = runs.filter(({ state }) => state !== "cancelled");
  expect(await holders(ENQUEUED.name, group)).toEqual([last?.id]);
  await open(gate);
  expect(await settled(workflows, last?.id ?? "")).toMatchObject({ state: "completed" });
  expect(await holders(ENQUEUED.name, group)).toEqual([]);
});

it("runs ten that were submitted under a limit of 1 one after the other, in the order of their submits", async () => {
  const { gate, group } = newPassage();
  const ids: string[] = [];
  for (let count = 0; count < 10; count += 1) {
    ids.push((await workflows.submitWorkflow(ENQUEUED, { parameters: { gate, group } })).id);
  }
  await reached(ids[0] ?? "", "running");
  for (const id of ids.slice(1)) expect(await workflows.getRun(id)).toMatchObject({ state: "queued" });
  await open(gate);
  const runs = await Promise.all(ids.map((id) => settled(workflows, id)));
  expect(runs.map(({ state }) => state)).toEqual(ids.map(() => "completed"));
  const spans = await Promise.all(runs.map(({ execution }) => spanOf(execution)));
  for (const [index, { from }] of spans.entries()) expect(from).toBeGreaterThanOrEqual(spans[index - 1]?.to ?? 0);
  const handovers = spans.slice(1).map(({ from }, index) => from - (spans[index]?.to ?? 0));
  console.log(`started after the end before it: ${handovers.map((time) => `${time} ms`).join(", ")}`);
});

it("moves the line on when one that waits is cancelled, or the one that runs", async () => {
  const { gate, group } = newPassage();
  const submit = async () => (await workflows.submitWorkflow(ENQUEUED, { parameters: { gate, group } })).id;
  const [first, second, third] = [await submit(), await submit(), await submit()];
  await reached(first, "running");
  expect(await workflows.cancelRun(second)).toMatchObject({ state: "cancelled", id: second });
  expect(await workflows.getRun(third)).toMatchObject({ state: "queued" });
  await workflows.cancelRun(first);
  expect(await reached(first, "cancelled")).toMatchObject({ error: { name: ErrorName.RUN_CANCELLED } });
  await reached(third, "running");
  expect(await holders(ENQUEUED.name, group)).toEqual([third]);
  await open(gate);
  await reached(third, "completed");
  for (const id of [first, second, third]) {
    await expect(workflows.cancelRun(id)).rejects.toMatchObject({ name: ErrorName.RUN_ENDED });
  }
});

it("cancels a new run of CANCEL_NEW at once, and starts the next one after the end", async () => {
  const { gate, group } = newPassage();
  const submit = async () => (await workflows.submitWorkflow(SINGLE, { parameters: { gate, group } })).id;
  const first = await submit();
  await reached(first, "running");
  const refused = await workflows.getRun(await submit());
  expect(refused).toMatchObject({ state: "cancelled", error: { name: ErrorName.LIMIT_REACHED } });
  expect(await workflows.steps(refused.id)).toEqual([]);
  await open(gate);
  await reached(first, "completed");
  await reached(await submit(), "completed");
});
