import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { Contended } from "../coordination/contended.ts";
import type { Timers, World } from "../coordination/world.ts";
import { newRunId } from "../model/run-id.ts";
import { executionArn } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { Items } from "../store/items.ts";
import { dynamoItems } from "./dynamo-items.ts";
import { variable, type LambdaContext } from "./environment.ts";
import { sfnMachines } from "./machines.ts";
import { schedulerTimers } from "./scheduler.ts";

export interface Deployed {
  readonly stack: string;
  readonly region: string;
  readonly account: string;
}

/** The world of coordination in a deployed stack. */
export function deployedWorld(
  { region, account, stack }: Deployed,
  workflows: readonly WorkflowDefinition[],
  reached: { readonly items: Items; readonly sfn: SFNClient; readonly timers: Timers },
): World {
  const executionOf = (workflow: string, run: string): string => executionArn(region, account, stack, workflow, run);
  return {
    items: reached.items,
    machines: sfnMachines(reached.sfn, executionOf),
    timers: reached.timers,
    contended: new Contended(Date.now),
    workflows: () => workflows,
    now: Date.now,
    newId: () => newRunId(Date.now(), randomBytes),
    executionOf,
  };
}

/** The same in a Lambda function, whose own ARN says where its stack is. */
export function lambdaWorld(workflows: readonly WorkflowDefinition[], context: LambdaContext): World {
  const deployed = deployedFrom(context.invokedFunctionArn);
  return deployedWorld(deployed, workflows, {
    items: dynamoItems(new DynamoDBClient(), variable("MILLRACE_TABLE")),
    sfn: new SFNClient(),
    timers: schedulerTimers(deployed),
  });
}

/** What the ARN of one of its functions says of a stack. */
export function deployedFrom(functionArn: string): Deployed {
  const [, , , region = "", account = "", , name = ""] = functionArn.split(":");
  return { region, account, stack: name.slice(0, name.indexOf("_")) };
}
