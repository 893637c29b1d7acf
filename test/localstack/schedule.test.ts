import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { Cron } from "croner";
import { expect, it, vi } from "vitest";
import { ANONYMOUS_TELEMETRY_SEND } from "../../catalogue/telemetry.ts";
import { CUSTOM_VALIDATION } from "../../catalogue/validation.ts";
import { aws } from "../../engine/aws/aws.ts";
import { pauseSchedule, resumeSchedule } from "../../engine/coordination/schedules.ts";
import { ErrorName } from "../../engine/model/errors.ts";
import { idempotentRunId } from "../../engine/model/run-id.ts";
import { fireKey } from "../../engine/model/schedule.ts";
import { SUBMIT_FUNCTION, resourceName } from "../../engine/model/wire.ts";
import { SOON, client, settled } from "./deployed.ts";
import { STACK } from "./stack.ts";

const { name, timezone = "UTC" } = ANONYMOUS_TELEMETRY_SEND;
const workflows = client(STACK);
const HOUR = 3_600_000;

/** What the deployed schedule says, in croner's dialect: `?` and the year are AWS's own. */
async function deployedCron(): Promise<Cron> {
  const schedule = await new SchedulerClient().send(new GetScheduleCommand({ GroupName: STACK, Name: name }));
  const [, fields = ""] = /^cron\((.+) \*\)$/.exec(schedule.ScheduleExpression ?? "") ?? [];
  expect(schedule.ScheduleExpressionTimezone).toBe(timezone);
  return new Cron(fields.replaceAll("?", "*"), { timezone });
}

/** Lets the scheduler believe that it is the moment: LocalStack's own clock never fires a schedule. */
async function tick(moment: Date): Promise<readonly string[]> {
  const body = { group: STACK, from: new Date(moment.getTime() - 60_000).toISOString(), until: moment.toISOString() };
  const url = `${process.env["AWS_ENDPOINT_URL"]}/_localstack/scheduler/tick`;
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return ((await answer.json()) as { readonly fired: readonly string[] }).fired;
}

async function fire(moment: Date): Promise<string> {
  expect(await tick(moment)).toContain(name);
  return fireKey(moment.getTime());
}

async function submitLogs(text: string): Promise<string[]> {
  const logGroupName = `/aws/lambda/${resourceName(STACK, SUBMIT_FUNCTION)}`;
  const { events = [] } = await new CloudWatchLogsClient().send(new FilterLogEventsCommand({ logGroupName }));
  return events.map(({ message = "" }) => message).filter((message) => message.includes(text));
}

it("starts one run for each fire of the deployed schedule, also where a fire is delivered twice", async () => {
  const moment = (await deployedCron()).nextRun() ?? new Date(0);
  const scheduled = await fire(moment);
  expect(await fire(moment)).toBe(scheduled);
  const id = idempotentRunId(name, scheduled);
  await vi.waitFor(async () => {
    const lines = (await submitLogs(id)).map((line) => (JSON.parse(line) as { readonly existing: boolean }).existing);
    expect(lines.sort()).toEqual([false, true]);
  }, SOON);
  const run = await vi.waitFor(() => settled(workflows, id), SOON);
  expect(run).toMatchObject({ workflow: name, state: "completed", result: "skipped", parameters: {} });
  const { runs } = await workflows.queryRuns({ workflow: name });
  expect(runs.filter((found) => found.id === id)).toEqual([run]);
});

it("drops a fire that comes too late to be worth a run", async () => {
  const [moment = new Date(0)] = (await deployedCron()).previousRuns(1, new Date(Date.now() - 2 * HOUR));
  const scheduled = await fire(moment);
  await vi.waitFor(async () => expect(await submitLogs(`at ${scheduled} was dropped`)).not.toEqual([]), SOON);
  const missing = workflows.getRun(idempotentRunId(name, scheduled));
  await expect(missing).rejects.toMatchObject({ name: ErrorName.RUN_NOT_FOUND });
});

it("drops the fires of a paused schedule until it is resumed", async () => {
  const platform = aws({ stack: STACK });
  const world = await platform.world([ANONYMOUS_TELEMETRY_SEND]);
  const [first = new Date(0), second = new Date(0)] = (await deployedCron()).nextRuns(3).slice(1);
  expect(await pauseSchedule(world, name)).toBe(true);
  const dropped = await fire(first);
  await vi.waitFor(async () => expect(await submitLogs(`at ${dropped} was dropped`)).not.toEqual([]), SOON);
  expect(await resumeSchedule(world, name)).toBe(true);
  const resumed = idempotentRunId(name, await fire(second));
  const run = await vi.waitFor(() => settled(workflows, resumed), SOON);
  expect(run.state).toBe("completed");
  await expect(workflows.getRun(idempotentRunId(name, dropped))).rejects.toMatchObject({
    name: ErrorName.RUN_NOT_FOUND,
  });
  await platform.close();
});

it("starts a run that was submitted for later when its time has come", async () => {
  const startAt = Date.now() + 3_000;
  const parameters = { objectKind: "Repository", branchName: "main" };
  const { id } = await workflows.submitWorkflow(CUSTOM_VALIDATION, { parameters, startAt });
  expect(await workflows.getRun(id)).toMatchObject({ state: "scheduled", startAt });
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(startAt), SOON);
  expect(await tick(new Date(startAt + 2_000))).toContain(id);
  const run = await vi.waitFor(() => settled(workflows, id), SOON);
  expect(run).toMatchObject({ state: "completed", startAt });
  expect(await tick(new Date(startAt + 2_000))).not.toContain(id);
});
