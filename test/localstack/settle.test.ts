import { randomUUID } from "node:crypto";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, expect, it, vi } from "vitest";
import { CUSTOM_VALIDATION } from "../../catalogue/validation.ts";
import { runIdOf } from "../../engine/model/run-id.ts";
import { SETTLE_FUNCTION, executionArn, resourceName } from "../../engine/model/wire.ts";
import { SOON, client, settled } from "./deployed.ts";
import { ask } from "./service.ts";
import { STACK } from "./stack.ts";

const workflows = client(STACK);
const POISON = "not the JSON of an event";

const sqs = (action: string, request: object) => ask("sqs", `AmazonSQS.${action}`, request);

async function queueUrl(): Promise<string> {
  return (await sqs("GetQueueUrl", { QueueName: resourceName(STACK, SETTLE_FUNCTION) }))["QueueUrl"] as string;
}

/** The status event of a whole run that no machine ever ran. */
function event(execution: string): string {
  const detail = {
    executionArn: execution,
    status: "SUCCEEDED",
    startDate: Date.now() - 1000,
    stopDate: Date.now(),
    input: JSON.stringify({ objectKind: "Repository", branchName: "main" }),
    output: "5",
  };
  return JSON.stringify({ source: "aws.states", "detail-type": "Step Functions Execution Status Change", detail });
}

const newExecution = (): string =>
  executionArn("us-east-1", "000000000000", STACK, CUSTOM_VALIDATION.name, `never-${randomUUID()}`);

afterAll(async () => {
  await sqs("PurgeQueue", { QueueUrl: await queueUrl() });
});

it("settles the events of a batch beside one that it cannot read, and asks for that one alone again", async () => {
  const good = newExecution();
  const Records = [
    { messageId: "good", body: event(good) },
    { messageId: "bad", body: POISON },
  ];
  const { Payload: payload, FunctionError: error } = await new LambdaClient().send(
    new InvokeCommand({ FunctionName: resourceName(STACK, SETTLE_FUNCTION), Payload: JSON.stringify({ Records }) }),
  );
  const answer = payload?.transformToString() ?? "";
  expect(error, answer).toBeUndefined();
  expect(JSON.parse(answer)).toEqual({ batchItemFailures: [{ itemIdentifier: "bad" }] });
  expect(await workflows.getRun(runIdOf(good))).toMatchObject({ state: "completed", result: 5 });
});

it("takes what it settled from the deployed queue, and leaves the rest there", async () => {
  const good = newExecution();
  const QueueUrl = await queueUrl();
  const Entries = [event(good), POISON, event(newExecution())].map((MessageBody, index) => ({
    Id: String(index),
    MessageBody,
  }));
  await sqs("SendMessageBatch", { QueueUrl, Entries });
  expect(await settled(workflows, runIdOf(good))).toMatchObject({ state: "completed", result: 5 });
  await vi.waitFor(async () => {
    const { Attributes } = await sqs("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: "0", ApproximateNumberOfMessagesNotVisible: "1" });
  }, SOON);
});
