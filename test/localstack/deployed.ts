import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  paginateGetExecutionHistory,
  type DescribeExecutionOutput,
  type HistoryEvent,
} from "@aws-sdk/client-sfn";
import { expect, vi } from "vitest";
import { aws } from "../../engine/aws/aws.ts";
import { dynamoItems } from "../../engine/aws/dynamo-items.ts";
import { connect, type Workflows } from "../../engine/client/connect.ts";
import type { Json, JsonObject } from "../../engine/model/json.ts";
import type { Run } from "../../engine/model/run.ts";
import { isEnded } from "../../engine/model/run.ts";
import { ITEMS_TABLE, machineName, resourceName } from "../../engine/model/wire.ts";
import type { Items } from "../../engine/store/items.ts";

/** A deployed stack as its users reach it: through Millrace's client, and through the AWS SDK alone. */

const sfn = new SFNClient();

/** How long something that AWS does on its own may take here, and how often it is looked at. */
export const SOON = { timeout: 60_000, interval: 200 };

export function client(stack: string): Workflows {
  return connect(aws({ stack }));
}

export function itemsOf(stack: string): Items {
  return dynamoItems(new DynamoDBClient(), resourceName(stack, ITEMS_TABLE));
}

/** Starts an execution as anybody with the AWS SDK does; answers its ARN. */
export async function startRaw(stack: string, workflow: string, input: JsonObject, name?: string): Promise<string> {
  const stateMachineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:${machineName(stack, workflow)}`;
  const start = { stateMachineArn, name: name ?? `by-hand-${randomUUID()}`, input: JSON.stringify(input) };
  const { executionArn = "" } = await sfn.send(new StartExecutionCommand(start));
  return executionArn;
}

/** An execution as the AWS SDK tells it once it has ended. */
export async function endedRaw(executionArn: string): Promise<DescribeExecutionOutput> {
  return vi.waitFor(async () => {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(execution.status).not.toBe("RUNNING");
    return execution;
  }, SOON);
}

/** The run's record once settle wrote its end. */
export async function settled(workflows: Workflows, id: string): Promise<Run> {
  return vi.waitFor(async () => {
    const run = await workflows.getRun(id);
    expect(isEnded(run.state), `${run.workflow} ${id} is ${run.state}`).toBe(true);
    return run;
  }, SOON);
}

export interface RawCall {
  readonly task: string;
  readonly input: Json;
  readonly attempt: number;
  readonly result?: Json;
  /** The error's name. */
  readonly error?: string;
}

/** The task calls in an execution's history, in the form that a direct call traces them in. */
export async function rawCalls(executionArn: string): Promise<RawCall[]> {
  const calls: RawCall[] = [];
  const pages = paginateGetExecutionHistory({ client: sfn }, { executionArn, includeExecutionData: true });
  for await (const { events = [] } of pages) {
    for (const event of events) {
      const call = callOf(event);
      if (call !== undefined) calls.push(call);
      const last = calls.at(-1);
      if (last === undefined) continue;
      const { output } = event.taskSucceededEventDetails ?? {};
      const { error } = event.taskFailedEventDetails ?? {};
      if (output !== undefined) {
        calls[calls.length - 1] = { ...last, result: (JSON.parse(output) as { readonly Payload: Json }).Payload };
      }
      if (error !== undefined) calls[calls.length - 1] = { ...last, error };
    }
  }
  return calls;
}

function callOf(event: HistoryEvent): RawCall | undefined {
  const { parameters } = event.taskScheduledEventDetails ?? {};
  if (parameters === undefined) return undefined;
  const { Payload: payload } = JSON.parse(parameters) as { readonly Payload: RawCall };
  return { task: payload.task, input: payload.input, attempt: payload.attempt };
}
