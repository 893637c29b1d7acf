import { Duration } from "aws-cdk-lib";
import { Match, Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { resourceName, SETTLE_FUNCTION } from "../engine/model/wire.ts";
import { machineArn } from "./machine-arn.ts";
import { queue } from "./queue.ts";

export interface StatusEventsProps {
  readonly stack: string;
  readonly settle: Function;
}

const ATTEMPTS = 5;

/** The status events of the stack's runs → a queue → settle. */
export class StatusEvents extends Construct {
  constructor(scope: Construct, id: string, { stack, settle }: StatusEventsProps) {
    super(scope, id);
    const events = queue(this, "Events", resourceName(stack, SETTLE_FUNCTION), {
      visibilityTimeout: Duration.seconds(6 * (settle.timeout?.toSeconds() ?? 0)),
      deadLetterQueue: {
        queue: queue(this, "Failed", resourceName(stack, "settle-failed")),
        maxReceiveCount: ATTEMPTS,
      },
    });
    new Rule(this, "Rule", {
      ruleName: resourceName(stack, "status"),
      description: `Runs of ${stack} that start and end`,
      eventPattern: {
        source: ["aws.states"],
        detailType: ["Step Functions Execution Status Change"],
        detail: {
          stateMachineArn: Match.prefix(machineArn(this, stack, "")),
          // Items of a distributed Map are no runs; thousands of them would come here for nothing.
          executionArn: Match.anythingButWildcard("*/*"),
        },
      },
      targets: [new SqsQueue(events)],
    });
    settle.addEventSource(new SqsEventSource(events, { batchSize: 10, reportBatchItemFailures: true }));
  }
}
