import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { aws } from "../../engine/aws/aws.ts";
import { sweep } from "../../engine/coordination/sweep.ts";
import { resourceName } from "../../engine/model/wire.ts";
import { CLEAN_UP, ENQUEUED, FAMILY, WORKFLOWS } from "./coordination/catalogue/index.ts";
import { newPassage, open, workflows } from "./coordinated.ts";
import { SOON } from "./deployed.ts";
import { ask } from "./service.ts";
import { COORDINATION } from "./stack.ts";

const Rule = resourceName(COORDINATION, "status");

/** Status events go nowhere until the answer is called. */
async function loseEvents(): Promise<() => Promise<void>> {
  const { Targets } = (await ask("events", "AWSEvents.ListTargetsByRule", { Rule })) as { Targets: { Id: string }[] };
  await ask("events", "AWSEvents.RemoveTargets", { Rule, Ids: Targets.map(({ Id }) => Id) });
  return async () => void (await ask("events", "AWSEvents.PutTargets", { Rule, Targets }));
}

describe("where every status event is lost", () => {
  let restore: () => Promise<void>;
  beforeAll(async () => {
    restore = await loseEvents();
  });
  afterAll(() => restore());

  it("a sweep ends runs, hands on their slots and wakes the parents that wait for them", async () => {
    const { gate, group } = newPassage();
    const parameters = { gate, group };
    const first = await workflows.submitWorkflow(ENQUEUED, { parameters });
    const second = await workflows.submitWorkflow(ENQUEUED, { parameters });
    const parent = await workflows.submitWorkflow(FAMILY, { parameters: { gate, name: "Ada" } });
    await open(gate);
    expect(await workflows.getRun(second.id)).toMatchObject({ state: "queued" });
    const world = await aws({ stack: COORDINATION }).world(WORKFLOWS);
    let ended = 0;
    await vi.waitFor(
      async () => {
        const { settled, problems } = await sweep(world, { run: "", sleep: async () => {} });
        expect(problems).toEqual([]);
        ended += settled;
        for (const { id } of [first, second, parent]) {
          expect(await workflows.getRun(id)).toMatchObject({ state: "completed" });
        }
      },
      { ...SOON, interval: 1_000 },
    );
    expect(ended).toBeGreaterThanOrEqual(4);
  });
});

it("is a workflow of the catalogue", async () => {
  const report = await workflows.executeWorkflow(CLEAN_UP, { parameters: {} });
  expect(report).toMatchObject({ problems: [] });
  expect(report.openRuns).toBeGreaterThanOrEqual(1);
});
