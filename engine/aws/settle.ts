import { Logger } from "@aws-lambda-powertools/logger";
import { settle } from "../coordination/settle.ts";
import type { StatusEvent, World } from "../coordination/world.ts";
import { toError } from "../model/errors.ts";
import { SETTLE_FUNCTION } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { LambdaContext } from "./environment.ts";
import { statusEvent, type ExecutionFacts } from "./executions.ts";
import { lambdaWorld } from "./world.ts";

/** A batch of the queue behind the rule for "Step Functions Execution Status Change". */
export interface StatusBatch {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** The messages that the queue shall deliver again. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export type SettleFunction = (batch: StatusBatch, context: LambdaContext) => Promise<BatchAnswer>;

/** The handler of `<stack>_settle`. */
export function settleHandler(workflows: readonly WorkflowDefinition[]): SettleFunction {
  const logger = new Logger({ serviceName: SETTLE_FUNCTION });
  let world: World | undefined;

  return async (batch, context) => {
    const here = (world ??= lambdaWorld(workflows, context));
    return settleBatch(
      batch,
      async (body) => settle(here, await readEvent(body, (execution) => here.machines.describe(execution))),
      (error, messageId) => logger.error("An event was not settled and will come again", { error, messageId }),
    );
  };
}

export async function settleBatch(
  batch: StatusBatch,
  settleOne: (body: string) => Promise<void>,
  failed: (error: Error, messageId: string) => void,
): Promise<BatchAnswer> {
  const outcomes = await Promise.allSettled(batch.Records.map((record) => settleOne(record.body)));
  const failures = batch.Records.filter((record, index) => {
    const outcome = outcomes[index];
    if (outcome?.status === "rejected") failed(toError(outcome.reason), record.messageId);
    return outcome?.status === "rejected";
  });
  return { batchItemFailures: failures.map((record) => ({ itemIdentifier: record.messageId })) };
}

/**
 * The event in a message's body. EventBridge leaves out input and output above 248 KiB together; then, and only then,
 * Step Functions itself is asked.
 */
export async function readEvent(
  body: string,
  describe: (execution: string) => Promise<StatusEvent | undefined>,
): Promise<StatusEvent> {
  const { detail } = JSON.parse(body) as { readonly detail: ExecutionFacts };
  const event = statusEvent(detail);
  const whole = detail.input != null && (event.status !== "SUCCEEDED" || detail.output != null);
  if (whole) return event;
  const described = await describe(event.execution);
  return { ...event, ...described, status: event.status };
}
