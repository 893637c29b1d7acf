import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SFNClient } from "@aws-sdk/client-sfn";
import type { World } from "../coordination/world.ts";
import { newRunId } from "../model/run-id.ts";
import { executionArn } from "../model/wire.ts";
import { dynamoItems } from "./dynamo-items.ts";
import { variable, type LambdaContext } from "./environment.ts";
import { sfnMachines } from "./machines.ts";

/** The world of coordination in a Lambda function, whose own ARN says where its machines are. */
export function lambdaWorld(sfn: SFNClient, context: LambdaContext): World {
  const [, , , region = "", account = ""] = context.invokedFunctionArn.split(":");
  const stack = variable("MILLRACE_STACK");
  return {
    items: dynamoItems(new DynamoDBClient(), variable("MILLRACE_TABLE")),
    machines: sfnMachines(sfn),
    now: Date.now,
    newId: () => newRunId(Date.now(), randomBytes),
    executionOf: (workflow, run) => executionArn(region, account, stack, workflow, run),
  };
}
