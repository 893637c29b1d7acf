import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { Cron } from "croner";
import { expect, it, vi } from "vitest";
import { ANONYMOUS_TELEMETRY_SEND } from "../../catalogue/telemetry.ts";
import { ErrorName } from "../../engine/model/errors.ts";
import { idempotentRunId } from "../../engine/model/run-id.ts";
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
async function fire(moment: Date): Promise<string> {
  const body = { group: STACK, from: new Date(moment.getTime() - 60_000).toISOString(), until: moment.toISOString() };
  const tick = `${process.env["AWS_ENDPOINT_URL"]}/_localstack/scheduler/tick`;
  const answer = await fetch(tick, { method: "POST", body: JSON.stringify(body) });
  expect(await answer.json()).toEqual({ fired: [name] });
  return `${moment.toISOString().slice(0, 19)}Z`;
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
