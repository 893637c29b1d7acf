import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from "@aws-sdk/client-sfn";
import type { Execution } from "../client/platform.ts";
import type { StatusEvent } from "../coordination/world.ts";
import { readCause } from "../model/cause.ts";
import { isJsonObject, type Json } from "../model/json.ts";

/**
 * An execution as DescribeExecution answers and as a status event tells it. Times come as a `Date`, as milliseconds
 * since the epoch (events of AWS) or as ISO 8601 (events of LocalStack), input and output as JSON text.
 */
export interface ExecutionFacts {
  readonly executionArn?: string | undefined;
  readonly status?: string | undefined;
  readonly startDate?: Date | number | string | undefined;
  readonly stopDate?: Date | number | string | null | undefined;
  readonly input?: string | null | undefined;
  readonly output?: string | null | undefined;
  readonly error?: string | null | undefined;
  readonly cause?: string | null | undefined;
}

export function statusEvent(facts: ExecutionFacts): StatusEvent {
  const { executionArn: execution = "", status, startDate = 0, stopDate, error, cause } = facts;
  const input = parseJson(facts.input);
  const output = parseJson(facts.output);
  return {
    execution,
    status: status as StatusEvent["status"],
    startedAt: new Date(startDate).getTime(),
    ...(stopDate != null && { endedAt: new Date(stopDate).getTime() }),
    ...(isJsonObject(input) && { input }),
    ...(output !== undefined && { output }),
    ...(error != null && { error }),
    ...(cause != null && { cause }),
  };
}

export async function describeExecution(client: SFNClient, executionArn: string): Promise<StatusEvent | undefined> {
  const described = await ifKnown(client.send(new DescribeExecutionCommand({ executionArn })));
  return described && statusEvent(described);
}

/**
 * What Step Functions answers of an execution; nothing where it knows none: not yet, never, or no longer, since it
 * forgets an execution 90 days after its end.
 */
export async function ifKnown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

export function executionOf({ error, cause, ...event }: StatusEvent): Execution {
  const failed = event.status !== "RUNNING" && event.status !== "SUCCEEDED";
  return { ...event, ...(failed && { error: readCause(error, cause) }) };
}

function parseJson(text: string | null | undefined): Json | undefined {
  return text == null ? undefined : (JSON.parse(text) as Json);
}
