import { expect, it } from "vitest";
import { aws } from "../../../engine/aws/platform.ts";
import { fakeAws, type Answer } from "./fake-aws.ts";

const submitFunction = { FunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:millrace_submit" };

async function obstacle(machine: Answer, ...names: string[]): Promise<unknown> {
  const requests = await fakeAws((action) => (action === "DescribeStateMachine" ? machine : { body: submitFunction }));
  const platform = aws({ stack: "millrace" });
  const found = await Promise.allSettled(names.map((name) => platform.obstacle(name)));
  expect(await platform.obstacle()).toBeUndefined();
  expect(requests.filter(({ action }) => action.startsWith("GET"))).toHaveLength(1);
  const stateMachineArn = "arn:aws:states:eu-west-1:123456789012:stateMachine:millrace_validate";
  expect(requests.map(({ body }) => body)).toContainEqual({ stateMachineArn });
  await platform.close();
  return found.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Error).name));
}

it("is that a workflow of the catalogue has no state machine yet", async () => {
  const found = await obstacle({ error: "StateMachineDoesNotExist" }, "validate", "other");
  expect(found).toEqual([
    'Stack "millrace" has no state machine of "validate": run `npx cdk deploy`.',
    'Stack "millrace" has no state machine of "other": run `npx cdk deploy`.',
  ]);
});

it("is none where it has one, and an error where that cannot be seen", async () => {
  expect(await obstacle({ body: {} }, "validate")).toEqual([undefined]);
  expect(await obstacle({ error: "AccessDeniedException" }, "validate")).toEqual(["AccessDenied"]);
});
