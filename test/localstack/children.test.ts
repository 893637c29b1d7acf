import { randomUUID } from "node:crypto";
import { CreateStateMachineCommand, DescribeStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { expect, it, vi } from "vitest";
import { childrenOf } from "../../engine/coordination/children.ts";
import { ErrorName } from "../../engine/model/errors.ts";
import { runIdOf } from "../../engine/model/run-id.ts";
import { machineName } from "../../engine/model/wire.ts";
import { CHILD } from "./coordination/catalogue/children.ts";
import { BY_TASK, FAMILY, LAUNCH, SEVERAL } from "./coordination/catalogue/index.ts";
import { historyOf, items, newPassage, open, reached, spanOf, workflows } from "./coordinated.ts";
import { settled, SOON, startRaw } from "./deployed.ts";
import { COORDINATION } from "./stack.ts";

const children = (parent: string) => Array.fromAsync(childrenOf({ items }, parent));

it("hands the child's result to the flow that executes it; both know each other, and the priority goes along", async () => {
  const { gate } = newPassage();
  const parameters = { gate, name: "Ada" };
  const { id } = await workflows.submitWorkflow(FAMILY, { parameters, context: { account: "ada" }, priority: "high" });
  await open(gate);
  const parent = await settled(workflows, id);
  expect(parent).toMatchObject({ state: "completed", result: "hello Ada" });
  const [child] = await children(id);
  expect(child).toMatchObject({ executed: true });
  const run = await workflows.getRun(child?.id ?? "");
  const context = { account: "ada", priority: "high" };
  expect(run).toMatchObject({ workflow: CHILD.name, parent: id, result: "hello Ada", context, parameters });
  expect((await workflows.queryRuns({ parent: id })).runs).toEqual([run]);
  expect(await workflows.steps(id)).toMatchObject([{ kind: "child", state: "completed", attempt: 1 }]);

  const { to } = await spanOf(run.execution);
  const answered = (await historyOf(parent.execution)).find(({ type }) => type === "TaskSucceeded");
  console.log(`parent woken ${(answered?.timestamp?.getTime() ?? NaN) - to} ms after its child's end`);
});

it("fails the flow with the child's own error, and with that of a child that cannot be submitted", async () => {
  const { gate } = newPassage();
  await open(gate);
  const failing = workflows.executeWorkflow(FAMILY, { parameters: { gate, name: "nobody" } });
  await expect(failing).rejects.toMatchObject({ name: "NotWelcome", message: "nobody is not welcome" });
  const refused = workflows.executeWorkflow(FAMILY, { parameters: { gate, name: "x".repeat(41) } });
  await expect(refused).rejects.toMatchObject({
    name: ErrorName.INVALID_PARAMETERS,
    message: expect.stringContaining("name: Too big") as string,
  });
});

it("makes one child for each turn of a loop, and one for a task's call", async () => {
  const { gate } = newPassage();
  await open(gate);
  const several = await workflows.submitWorkflow(SEVERAL, { parameters: { gate, names: ["Ada", "Ada", "Grace"] } });
  const byTask = await workflows.submitWorkflow(BY_TASK, { parameters: { gate, name: "Ada" } });
  expect(await settled(workflows, several.id)).toMatchObject({ state: "completed", result: 3 });
  expect(new Set((await children(several.id)).map(({ id }) => id)).size).toBe(3);
  expect(await settled(workflows, byTask.id)).toMatchObject({ state: "completed", result: "hello Ada" });
  expect(await children(byTask.id)).toHaveLength(1);
});

it("stops the child that a stopped run executes, and not the one that it submitted", async () => {
  const [family, launch] = [newPassage(), newPassage()];
  const executing = await workflows.submitWorkflow(FAMILY, { parameters: { gate: family.gate, name: "Ada" } });
  const launching = await workflows.submitWorkflow(LAUNCH, { parameters: { gate: launch.gate, name: launch.group } });
  const childOf = (parent: string): Promise<string> =>
    vi.waitFor(async () => {
      const { runs } = await workflows.queryRuns({ parent });
      expect(runs).toMatchObject([{ state: "running" }]);
      return runs[0]?.id ?? "";
    }, SOON);
  const [executed, submitted] = [await childOf(executing.id), await childOf(launching.id)];
  for (const { id } of [executing, launching]) await workflows.cancelRun(id);
  for (const { id } of [executing, launching]) await reached(id, "cancelled");
  expect(await reached(executed, "cancelled")).toMatchObject({ error: { name: ErrorName.RUN_CANCELLED } });
  expect(await workflows.getRun(submitted)).toMatchObject({ state: "running" });
  await open(launch.group);
  await reached(submitted, "completed");
});

/** A machine like that of `family`, but its state gives up on the answer after 3 s, and is retried. */
async function impatientFamily(): Promise<string> {
  const sfn = new SFNClient();
  const arn = `arn:aws:states:us-east-1:000000000000:stateMachine:${machineName(COORDINATION, FAMILY.name)}`;
  const { definition = "", roleArn } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
  const retry = '"TimeoutSeconds":3,"Retry":[{"ErrorEquals":["States.Timeout"],"IntervalSeconds":1,"MaxAttempts":20},';
  const impatient = JSON.stringify(JSON.parse(definition)).replace('"Retry":[', retry);
  const workflow = `family-${randomUUID().slice(0, 8)}`;
  const name = machineName(COORDINATION, workflow);
  await sfn.send(new CreateStateMachineCommand({ name, definition: impatient, roleArn }));
  return workflow;
}

it("makes one child where the state is retried as after a lost response, and answers its new token", async () => {
  const { gate } = newPassage();
  const execution = await startRaw(COORDINATION, await impatientFamily(), { gate, name: "Ada" });
  const id = runIdOf(execution);
  const attempts = async () => (await historyOf(execution)).filter(({ type }) => type === "TaskScheduled");
  await vi.waitFor(async () => expect((await attempts()).length).toBeGreaterThan(1), SOON);
  await open(gate);
  expect(await settled(workflows, id)).toMatchObject({ state: "completed", result: "hello Ada" });
  expect(await children(id)).toHaveLength(1);
});
