import { afterEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { submitHandler, tooLate, type SubmitEvent } from "../../../engine/aws/submit.ts";
import type { JsonObject } from "../../../engine/model/json.ts";
import { idempotentRunId } from "../../../engine/model/run-id.ts";
import { childKey, type ChildSubmit } from "../../../engine/model/wire.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { WorkflowType, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { fakeAws } from "./fake-aws.ts";

const TELEMETRY: WorkflowDefinition = {
  name: "telemetry",
  type: WorkflowType.INTERNAL,
  module: "telemetry/flows",
  function: "send",
  parameters: z.object({ all: z.boolean() }),
  result: z.null(),
  tags: [],
};
const fire = { workflow: "telemetry", scheduledTime: "2026-11-01T02:00:00Z", parameters: {} };
interface Tokened {
  readonly token?: object;
}
const hasToken = ({ Item: item }: JsonObject): boolean => (item as Tokened | undefined)?.token !== undefined;
const at = (text: string): number => Date.parse(text);

describe("the age of a schedule's fire", () => {
  it("is allowed up to the maximum", () => {
    expect(tooLate(fire, at("2026-11-01T02:00:00Z"), { telemetry: 60 })).toBe(false);
    expect(tooLate(fire, at("2026-11-01T02:01:00Z"), { telemetry: 60 })).toBe(false);
    expect(tooLate(fire, at("2026-11-01T01:59:00Z"), { telemetry: 60 })).toBe(false);
  });

  it("drops a later one and says so", () => {
    expect(tooLate(fire, at("2026-11-01T02:01:01Z"), { telemetry: 60 })).toBe(
      'The fire of "telemetry" at 2026-11-01T02:00:00Z was dropped: it is 61 s old, allowed are 60 s.',
    );
  });

  it("does not matter for a workflow whose schedule has gone from the deployment", () => {
    expect(tooLate(fire, at("2027-11-01T02:00:00Z"), { other: 60 })).toBe(false);
  });
});

describe("the handler of submit", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const context = {
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:millrace_submit",
    getRemainingTimeInMillis: () => 30_000,
  };
  const environment = () => {
    vi.stubEnv("MILLRACE_STACK", "millrace");
    vi.stubEnv("MILLRACE_TABLE", "millrace_items");
    vi.stubEnv("MILLRACE_MAX_AGE", '{"telemetry":3600}');
    vi.stubEnv("AWS_REGION", "eu-west-1");
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
  };

  it("answers null for a fire that is too late, without looking at anything else", async () => {
    environment();
    await expect(submitHandler([TELEMETRY])(fire, context)).resolves.toBeNull();
  });

  const invoke = (event: SubmitEvent) => {
    environment();
    return submitHandler([TELEMETRY])(event, context);
  };

  it("puts the record into the stack's table and starts the stack's machine under the run's id", async () => {
    const requests = await fakeAws(() => ({ body: {} }));
    const submitted = await invoke({ workflow: "telemetry", parameters: { all: true }, tags: ["nightly"] });
    const execution = `arn:aws:states:eu-west-1:123456789012:execution:millrace_telemetry:${submitted?.id}`;
    expect(submitted).toMatchObject({ execution, existing: false });
    expect(requests[0]).toMatchObject({
      action: "PutItem",
      body: { TableName: "millrace_items", Item: { state: { S: "running" } } },
    });
    const start = {
      stateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:millrace_telemetry",
      name: submitted?.id,
      input: '{"all":true}',
    };
    expect(requests).toContainEqual({ action: "StartExecution", body: start });
  });

  it("takes the time of a fire as its idempotency key, and an execution of that name as started", async () => {
    await fakeAws((action) => (action === "StartExecution" ? { error: "ExecutionAlreadyExists" } : { body: {} }));
    const scheduledTime = new Date(Date.now() - 60_000).toISOString();
    const submitted = await invoke({ workflow: "telemetry", parameters: { all: true }, scheduledTime });
    expect(submitted?.id).toBe(idempotentRunId("telemetry", scheduledTime));
  });

  it("answers null for the fire of a paused schedule, and leaves nothing", async () => {
    const pausedAt = { N: "1" };
    const requests = await fakeAws(() => ({ body: { Item: { pk: { S: "" }, sk: { S: "#" }, pausedAt } } }));
    const scheduledTime = new Date().toISOString();
    expect(await invoke({ workflow: "telemetry", parameters: { all: true }, scheduledTime })).toBeNull();
    expect(requests).toMatchObject([
      { action: "GetItem", body: { Key: { pk: { S: "SCHEDULE#telemetry" }, sk: { S: "#" } } } },
    ]);
  });

  const child: ChildSubmit = {
    workflow: "telemetry",
    parameters: { all: true },
    context: {},
    parent: "arn:aws:states:eu-west-1:123456789012:execution:millrace_nightly:by-hand",
    step: "telemetry",
    at: "functions/nightly/flows.ts:3",
    entered: "2026-11-25T01:00:00.000Z",
    attempt: 1,
    token: "the token",
  };

  it("takes a state's child: the same one when the state asks again, under the token that it brings then", async () => {
    const requests = await fakeAws(() => ({ body: {} }));
    const first = await invoke(child);
    const again = await invoke({ ...child, token: "another token", attempt: 2 });
    expect(first?.id).toBe(idempotentRunId("telemetry", childKey(child)));
    expect(again?.id).toBe(first?.id);
    const records = requests.filter(({ body }) => hasToken(body));
    expect(records.map(({ body }) => (body["Item"] as Tokened).token)).toEqual([
      { S: "the token" },
      { S: "another token" },
    ]);
  });

  it("refuses a child by the name of its own error, which fails the state that waits for it", async () => {
    const refused = invoke({ ...child, parameters: {} });
    await expect(refused).rejects.toMatchObject({ name: ErrorName.INVALID_PARAMETERS });
    const unknown = invoke({ ...child, workflow: "gone" });
    await expect(unknown).rejects.toMatchObject({
      name: ErrorName.WORKFLOW_NOT_FOUND,
      message: expect.stringContaining("functions/nightly/flows.ts:3") as string,
    });
  });

  it.each(["cancel", "retry"] as const)("says of a command to %s a run that there is none", async (command) => {
    await fakeAws(() => ({ body: {} }));
    const obeyed = invoke({ command, run: "0198c0de" });
    await expect(obeyed).rejects.toMatchObject({ name: ErrorName.RUN_NOT_FOUND });
  });

  it("answers a timer with nothing, whether its run is still there or not", async () => {
    const requests = await fakeAws(() => ({ body: {} }));
    expect(await invoke({ command: "resume", run: "0198c0de" })).toBeNull();
    expect(requests.map(({ action }) => action)).toEqual(["GetItem"]);
  });

  it("fails where the machine cannot be started, so that its caller asks again", async () => {
    await fakeAws((action) => (action === "StartExecution" ? { error: "AccessDeniedException" } : { body: {} }));
    const submitted = invoke({ workflow: "telemetry", parameters: { all: true } });
    await expect(submitted).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("names the workflows that there are", async () => {
    environment();
    const submitted = submitHandler([TELEMETRY])({ workflow: "telemetri", parameters: {} }, context);
    await expect(submitted).rejects.toMatchObject({
      name: ErrorName.WORKFLOW_NOT_FOUND,
      message: expect.stringContaining('no workflow "telemetri"; it has telemetry') as string,
    });
  });

  it("refuses parameters by name before it writes anything", async () => {
    environment();
    const submitted = submitHandler([TELEMETRY])({ workflow: "telemetry", parameters: { all: "yes" } }, context);
    await expect(submitted).rejects.toMatchObject({ name: ErrorName.INVALID_PARAMETERS });
  });

  it("says which variable its deployment lacks", () => {
    vi.stubEnv("MILLRACE_MAX_AGE", "");
    expect(() => submitHandler([])).toThrow("MILLRACE_MAX_AGE");
  });
});
