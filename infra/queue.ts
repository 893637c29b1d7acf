import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

/** A queue that only takes encrypted connections and keeps a message for as long as a queue can. */
export function queue(scope: Construct, id: string, queueName: string, props?: QueueProps): Queue {
  return new Queue(scope, id, {
    queueName,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    ...props,
  });
}

/** A queue for what a service gave up on: somebody reads it and decides. */
export function failureQueue(scope: Construct, id: string, queueName: string): Queue {
  const failures = queue(scope, id, queueName);
  acknowledge(failures, "SQS3", "It is itself where messages go that failed for good.");
  return failures;
}
