// What a deployment of Millrace is made of, in small. STAGE=2 is the update deployment.
import path from "node:path";
import { fileURLToPath } from "node:url";
import cdk from "aws-cdk-lib";

const {
  aws_dynamodb: ddb,
  aws_events: events,
  aws_events_targets: targets,
  aws_iam: iam,
  aws_lambda: lambda,
  aws_lambda_event_sources: sources,
  aws_logs: logs,
  aws_s3: s3,
  aws_s3_assets: assets,
  aws_scheduler: scheduler,
  aws_sqs: sqs,
} = cdk;

const here = path.dirname(fileURLToPath(import.meta.url));
const stage = process.env.STAGE;
const removalPolicy = cdk.RemovalPolicy.DESTROY;
const app = new cdk.App({ analyticsReporting: false });
const stack = new cdk.Stack(app, process.env.STACK, { env: { account: "000000000000", region: "us-east-1" } });

const table = new ddb.Table(stack, "Table", {
  partitionKey: { name: "pk", type: ddb.AttributeType.STRING },
  sortKey: { name: "sk", type: ddb.AttributeType.STRING },
  billingMode: ddb.BillingMode.PAY_PER_REQUEST,
  timeToLiveAttribute: "ttl",
  removalPolicy,
});
table.addGlobalSecondaryIndex({ indexName: "gsi", partitionKey: { name: "g", type: ddb.AttributeType.STRING } });
const bucket = new s3.Bucket(stack, "Bucket", {
  removalPolicy,
  lifecycleRules: [{ expiration: cdk.Duration.days(9) }],
});
const dead = new sqs.Queue(stack, "Dead");
const fn = new lambda.Function(stack, "Fn", {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: "index.handler",
  timeout: cdk.Duration.seconds(10),
  logGroup: new logs.LogGroup(stack, "Logs", { removalPolicy, retention: logs.RetentionDays.ONE_WEEK }),
  code: lambda.Code.fromAsset(path.join(here, "code")),
  environment: { TABLE: table.tableName, STAGE: stage },
  retryAttempts: 2,
  maxEventAge: cdk.Duration.hours(1),
  onFailure: { bind: () => ({ destination: dead.queueArn }) },
  currentVersionOptions: { removalPolicy: cdk.RemovalPolicy.RETAIN },
});
table.grantReadWriteData(fn);

const definition = new assets.Asset(stack, "Definition", { path: path.join(here, "machine.asl.json") });
const role = new iam.Role(stack, "Role", { assumedBy: new iam.ServicePrincipal("states.amazonaws.com") });
fn.currentVersion.grantInvoke(role);
const machine = new cdk.aws_stepfunctions.CfnStateMachine(stack, "Machine", {
  roleArn: role.roleArn,
  definitionS3Location: { bucket: definition.s3BucketName, key: definition.s3ObjectKey },
  definitionSubstitutions: { FnArn: fn.currentVersion.functionArn, Stage: stage },
});

const queue = new sqs.Queue(stack, "Settle", {
  visibilityTimeout: cdk.Duration.seconds(12),
  deadLetterQueue: { queue: dead, maxReceiveCount: 3 },
});
new events.Rule(stack, "Ended", {
  eventPattern: {
    source: ["aws.states"],
    detailType: ["Step Functions Execution Status Change"],
    detail: {
      stateMachineArn: [{ prefix: machine.attrArn }],
    },
  },
  targets: [new targets.SqsQueue(queue)],
});
fn.addEventSource(new sources.SqsEventSource(queue, { batchSize: 10, reportBatchItemFailures: true }));

const group = new scheduler.CfnScheduleGroup(stack, "Group", { name: stack.stackName });
new scheduler.CfnSchedule(stack, "Nightly", {
  name: "nightly",
  groupName: group.ref,
  flexibleTimeWindow: { mode: "OFF" },
  scheduleExpression: stage === "1" ? "cron(0 3 * * ? *)" : "cron(30 4 * * ? *)",
  scheduleExpressionTimezone: "Europe/Berlin",
  target: {
    arn: fn.functionArn,
    roleArn: new iam.Role(stack, "SchedulerRole", { assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com") })
      .roleArn,
    input: JSON.stringify({ n: 100 }),
  },
});

for (const [name, value] of Object.entries({
  Machine: machine.attrArn,
  Table: table.tableName,
  Bucket: bucket.bucketName,
  Fn: fn.functionName,
}))
  new cdk.CfnOutput(stack, `${name}Out`, { value });
