import { randomUUID } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { deployedVersions } from "../../engine/aws/deployed-versions.ts";
import { pruneVersions, type Pruned } from "../../engine/aws/prune-versions.ts";
import { ErrorName } from "../../engine/model/errors.ts";
import { runIdOf } from "../../engine/model/run-id.ts";
import { executionArn } from "../../engine/model/wire.ts";
import { domainPrefix } from "../../engine/runtime/invoke.ts";
import { prefixItems } from "../../engine/store/prefix.ts";
import { SOON, client, endedRaw, itemsOf, settled, startRaw } from "./deployed.ts";
import { THROUGH_THE_GATE } from "./gate/catalogue/index.ts";
import { deploy } from "./stack.ts";

/** A copy below the repository's root, so that `millrace` and packages are found from it, and its source can be changed. */
const app = join(import.meta.dirname, "../../.localstack/gate");
const stack = "gate";

beforeAll(async () => {
  rmSync(app, { recursive: true, force: true });
  cpSync(join(import.meta.dirname, "gate"), app, { recursive: true });
  await deploy({ app, stack, env: {} });
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

/** Replaces a text in one of the copied files. */
function change(path: string, before: string, after: string): void {
  const file = join(app, path);
  const source = readFileSync(file, "utf8");
  expect(source).toContain(before);
  writeFileSync(file, source.replace(before, after));
}

async function scheduleExpression(): Promise<string | undefined> {
  const wanted = { GroupName: stack, Name: THROUGH_THE_GATE.name };
  return (await new SchedulerClient().send(new GetScheduleCommand(wanted))).ScheduleExpression;
}

/** Deletes the versions that nobody needs, two days from now. */
function prune(): Promise<Pruned> {
  const machine = executionArn("us-east-1", "000000000000", stack, THROUGH_THE_GATE.name, "any");
  return pruneVersions(deployedVersions(), [machine], Date.now() + 2 * 86_400_000);
}

const workflows = client(stack);
/** Nobody opens it but the test itself. */
const newGate = () => ({ gate: randomUUID() });

it("lets a run finish on the code that it started with, which stays as long; new runs have the new one", async () => {
  const gates = prefixItems(itemsOf(stack), domainPrefix("gate"));
  const { gate } = newGate();
  const start = () => workflows.submitWorkflow(THROUGH_THE_GATE, { parameters: { gate } });
  const old = await start();
  const attempts = async () => (await workflows.steps(old.id)).filter(({ name }) => name.includes("pass")).length;
  await vi.waitFor(async () => expect(await attempts()).toBeGreaterThan(1), SOON);

  expect(await scheduleExpression()).toBe("cron(0 3 * * ? *)");
  change("functions/gate/tasks.ts", 'VERSION = "first"', 'VERSION = "second"');
  change("catalogue/index.ts", 'cron: "0 3 * * *"', 'cron: "30 4 * * *"');
  await deploy({ app, stack, env: {} });

  // That the deployment took place at all is what the new run shows, and the new time of the schedule: LocalStack
  // reports some updates without doing them, which these two are not.
  expect(await scheduleExpression()).toBe("cron(30 4 * * ? *)");
  expect((await workflows.getRun(old.id)).state).toBe("running");
  const attemptsBefore = await attempts();
  await vi.waitFor(async () => expect(await attempts()).toBeGreaterThan(attemptsBefore), SOON);
  const pruned = await prune();
  expect(pruned).toEqual({ deleted: [], problems: [] });
  const young = await start();
  await gates.put({ pk: "gates", sk: gate });
  expect(await workflows.waitForRun(young.id)).toMatchObject({ result: { before: "second", after: "second" } });
  expect(await workflows.waitForRun(old.id)).toMatchObject({ result: { before: "first", after: "first" } });
  expect(await prune()).toEqual({ deleted: ["gate_gate:1"], problems: [] });
  expect(await prune()).toEqual({ deleted: [], problems: [] });
});

it("stops a run that nobody submitted where its parameters do not fit, and says so", async () => {
  const execution = await startRaw(stack, THROUGH_THE_GATE.name, { ...newGate(), remark: 7 });
  const run = await settled(workflows, runIdOf(execution));
  expect(run).toMatchObject({ state: "failed", error: { name: ErrorName.INVALID_PARAMETERS } });
  expect("error" in run ? run.error.message : "").toContain("remark: Invalid input: expected string, received number");
  expect(await endedRaw(execution)).toMatchObject({ status: "ABORTED", error: ErrorName.INVALID_PARAMETERS });
});
