import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { connect, type Workflows } from "../../engine/client/connect.ts";
import { local } from "../../engine/local/local.ts";
import type { Run, Step } from "../../engine/model/run.ts";
import { executionArn, resourceName } from "../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../engine/model/workflow.ts";
import { domainPrefix } from "../../engine/runtime/invoke.ts";
import { prefixItems } from "../../engine/store/prefix.ts";
import type { Items } from "../../engine/store/items.ts";
import { direct } from "../../engine/testing/direct.ts";
import { memoryItems } from "../../engine/testing/memory-items.ts";
import { ask } from "./service.ts";
import { CHILD } from "./coordination/catalogue/children.ts";
import { DISTRIBUTED, JOINED } from "./coordination/catalogue/index.ts";
import { child } from "./coordination/functions/coordination/flows.ts";
import { distributed, joined } from "./coordination/functions/coordination/joins.ts";
import type { Guests } from "./coordination/functions/coordination/models.ts";
import { items, newPassage, workflows } from "./coordinated.ts";
import { settled, SOON } from "./deployed.ts";
import { COORDINATION, COORDINATION_APP } from "./stack.ts";

/**
 * What LocalStack does otherwise with a distributed Map, also with our repairs of it: an item that fails gives null, and
 * however many fail, the Map goes on; items have no status events, and none of them ends in its history. Flows of ours
 * collect the errors inside of each item, so that no item of theirs fails.
 */
const directory = mkdtempSync(join(tmpdir(), "millrace-joins-"));
const platform = local({ root: COORDINATION_APP, directory });
const laptop = connect(platform);
const parameters: Guests = { gate: newPassage().gate, names: ["Ada", "nobody", ""] };

const enter = (store: Items, domain = "coordination"): Promise<unknown> =>
  prefixItems(store, domainPrefix(domain)).put({ pk: "gates", sk: parameters.gate });

beforeAll(async () => {
  await Promise.all([items, platform.items].map((store) => enter(store)));
});
afterAll(async () => {
  await laptop.close();
  rmSync(directory, { recursive: true });
});

/** What the flow answers when it is called. */
async function called(flow: (given: Guests) => Promise<unknown>): Promise<unknown> {
  const store = memoryItems();
  await enter(store, "direct");
  return direct(flow, parameters, { items: store, workflows: { [CHILD.name]: child } });
}

interface Shown {
  readonly run: Run;
  readonly steps: readonly string[];
  readonly children: readonly string[];
  readonly lines: readonly string[];
}

/** A run on a platform, with what goes on side by side in an order of its own. */
async function ran(on: Workflows, definition: WorkflowDefinition): Promise<Shown> {
  const { id } = await on.submitWorkflow(definition, { parameters });
  const run = await settled(on, id);
  const { runs } = await on.queryRuns({ parent: id, limit: 100 });
  const ended = await Promise.all(runs.map((one) => settled(on, one.id)));
  return {
    run,
    steps: (await on.steps(id)).map(described).sort(),
    children: ended.map((one) => `${one.parameters?.["name"] as string}: ${one.state}`).sort(),
    lines: (await on.logs(id)).map(({ step, message }) => `${step} ${message}`).sort(),
  };
}

function described({ name, kind, attempt, state, at, error }: Step): string {
  return `${name} ${kind} ${attempt} ${state} ${at} ${error?.name ?? ""}`;
}

it.each([
  ["side by side and in turn", JOINED, joined],
  ["as executions of their own", DISTRIBUTED, distributed],
] as const)("joins tasks and children %s, as the function does and as a laptop", async (_, definition, flow) => {
  const result = await called(flow);
  const [onLaptop, deployed] = await Promise.all([ran(laptop, definition), ran(workflows, definition)]);
  for (const { run } of [onLaptop, deployed]) expect(run).toMatchObject({ state: "completed", result });
  expect(deployed.run.tags).toEqual(onLaptop.run.tags);
  expect(deployed.run.tags).toEqual(expect.arrayContaining(["guest-0", "guest-1", "guest-2"]));
  expect(deployed.steps).toEqual(onLaptop.steps);
  expect(deployed.children).toEqual(onLaptop.children);
  await vi.waitFor(async () => {
    const lines = (await workflows.logs(deployed.run.id)).map(({ step, message }) => `${step} ${message}`).sort();
    expect(lines).toEqual(onLaptop.lines);
  }, SOON);
});

it("hears nothing of the items of a distributed Map, which are no runs", async () => {
  const { EventPattern } = await ask("events", "AWSEvents.DescribeRule", {
    Name: resourceName(COORDINATION, "status"),
  });
  const isHeard = async (execution: string): Promise<unknown> => {
    const machine = execution.slice(0, execution.lastIndexOf(":")).replace(":execution:", ":stateMachine:");
    const Event = JSON.stringify({
      ...{ id: "1", account: "000000000000", source: "aws.states", time: "2026-01-31T09:30:00Z", region: "us-east-1" },
      ...{ resources: [execution], "detail-type": "Step Functions Execution Status Change" },
      detail: { executionArn: execution, stateMachineArn: machine, status: "RUNNING" },
    });
    return (await ask("events", "AWSEvents.TestEventPattern", { EventPattern, Event }))["Result"];
  };
  const run = executionArn("us-east-1", "000000000000", COORDINATION, DISTRIBUTED.name, randomUUID());
  expect(await isHeard(run)).toBe(true);
  expect(await isHeard(run.replace(`_${DISTRIBUTED.name}:`, `_${DISTRIBUTED.name}/batch names:`))).toBe(false);
});
