import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Duration, Stack, type App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Architecture, Code } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { edgePartition, runKey } from "../../../engine/coordination/keys.ts";
import type { StateMachine } from "../../../engine/model/machine.ts";
import { domainPrefix } from "../../../engine/runtime/invoke.ts";
import { NodeFunction } from "../../../infra/node-function.ts";
import { removeStubs, stubApp, stubStack } from "./stub-stack.ts";
import { ADD, CHECK, IDLE, MERGE, SEND, SWEEP } from "./stub-workflows.ts";

vi.mock("../../../engine/compiler/compile.ts", async () => ({
  compileCatalogue: (await import("./stub-workflows.ts")).compileStubs,
}));
afterAll(removeStubs);

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly [name: string]: unknown };
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

const stack = stubStack([ADD, CHECK, SEND, SWEEP, MERGE, IDLE], {
  domains: {
    git: {
      memorySize: 1024,
      ephemeralStorageMiB: 2048,
      architecture: Architecture.X86_64,
      environment: { EXTRA: "1" },
    },
  },
});
const template = Template.fromStack(stack);

function ofType(type: string, from = template): [id: string, resource: Resource][] {
  return Object.entries(from.findResources(type)) as [string, Resource][];
}

function propertiesOf(type: string, key: string, value: string): Resource["Properties"] {
  const found = ofType(type).find(([, { Properties }]) => Properties[key] === value);
  return found?.[1].Properties ?? {};
}

/** Texts with intrinsic functions as `<Ref>` and `<Resource.Attribute>`, hashes of logical ids cut off. */
function text(value: unknown): string {
  if (typeof value === "string") return value;
  const [name, argument] = Object.entries(value as object)[0] as [string, unknown];
  if (name === "Fn::Join") return (argument as [string, unknown[]])[1].map(text).join("");
  const reference = name === "Ref" ? [argument as string] : (argument as string[]);
  return `<${reference.join(".").replace(/[0-9A-F]{8}(?=\.|$)/, "")}>`;
}

describe("functions", () => {
  it("are one for each domain that the workflows use, and Millrace's own", () => {
    const names = ofType("AWS::Lambda::Function").map(([, { Properties }]) => Properties["FunctionName"]);
    expect(names.sort()).toEqual([
      "millrace_git",
      "millrace_lock",
      "millrace_settle",
      "millrace_submit",
      "millrace_sweep",
      "millrace_validation",
    ]);
    template.allResourcesProperties("AWS::Lambda::Function", { Runtime: "nodejs24.x", Handler: "index.handler" });
  });

  it("have the settings of their domain, else the defaults", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "millrace_git",
      MemorySize: 1024,
      EphemeralStorage: { Size: 2048 },
      Architectures: ["x86_64"],
      Timeout: 900,
      Environment: { Variables: Match.objectLike({ EXTRA: "1", MILLRACE_DOMAIN: "git", MILLRACE_STACK: "millrace" }) },
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "millrace_validation",
      MemorySize: 512,
      EphemeralStorage: { Size: 512 },
      Architectures: ["arm64"],
      Environment: { Variables: Match.objectLike({ MILLRACE_TABLE: { Ref: Match.stringLikeRegexp("StorageItems") } }) },
    });
  });

  it("log to the group that Lambda itself would take, for three months", () => {
    const groups = ofType("AWS::Logs::LogGroup").map(([, { Properties }]) => Properties);
    expect(groups.map(({ LogGroupName: name }) => name).sort()).toEqual([
      "/aws/lambda/millrace_git",
      "/aws/lambda/millrace_lock",
      "/aws/lambda/millrace_settle",
      "/aws/lambda/millrace_submit",
      "/aws/lambda/millrace_sweep",
      "/aws/lambda/millrace_validation",
    ]);
    expect(new Set(groups.map(({ RetentionInDays: days }) => days))).toEqual(new Set([90]));
  });

  it("refuse settings of a domain that no workflow uses", () => {
    expect(() => stubStack([ADD], { domains: { gti: { memorySize: 256 } } })).toThrowError(
      'The functions cannot be deployed: "gti" has settings, and no workflow calls a task of it; used are git.',
    );
  });

  it.each(["submit", "settle", "lock", "sweep", "runs"])("refuse a domain called %s", (domain) => {
    expect(() => stubStack([{ name: "flow", domains: [domain] }])).toThrowError(`rename the folder`);
  });

  it("refuse a domain whose function's name Lambda would not take", () => {
    const long = "a".repeat(40);
    expect(() => stubStack([{ name: "flow", domains: [long] }], { stack: "b".repeat(30) })).toThrowError(
      /has 71 characters/,
    );
  });
});

describe("versions", () => {
  it("stay when they are replaced and when they are removed", () => {
    const versions = ofType("AWS::Lambda::Version");
    expect(versions).toHaveLength(2);
    for (const [, { DeletionPolicy, UpdateReplacePolicy }] of versions) {
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["Retain", "Retain"]);
    }
  });

  it("are new ones, for the changed domain alone, when its configuration changes", () => {
    const changed = Template.fromStack(stubStack([CHECK], { domains: { git: { memorySize: 1025 } } }));
    const same = Template.fromStack(stubStack([CHECK]));
    const ids = (from: Template): string[] => ofType("AWS::Lambda::Version", from).map(([id]) => id);
    expect(ids(changed).filter((id) => !ids(same).includes(id))).toEqual([expect.stringContaining("Functionsgit")]);
    expect(ids(changed).filter((id) => ids(same).includes(id))).toEqual([
      expect.stringContaining("Functionsvalidation"),
    ]);
  });

  it("are new ones when the code changes", () => {
    const versionOf = (code: string): string | undefined => {
      const alone = new Stack(stubApp(), "millrace");
      const { function: made } = new NodeFunction(alone, "git", {
        functionName: "millrace_git",
        description: "",
        code: Code.fromInline(code),
        timeout: Duration.seconds(1),
        logRetention: RetentionDays.ONE_DAY,
      });
      expect(alone.resolve(made.currentVersion.functionArn)).toHaveProperty("Ref");
      return ofType("AWS::Lambda::Version", Template.fromStack(alone))[0]?.[0];
    };
    expect(versionOf("1")).toBe(versionOf("1"));
    expect(versionOf("1")).not.toBe(versionOf("2"));
  });
});

describe("machines", () => {
  const machines = ofType("AWS::StepFunctions::StateMachine");

  it("are one Standard machine for each workflow, without log and trace", () => {
    const names = machines.map(([, { Properties }]) => Properties["StateMachineName"]);
    expect(names.sort()).toEqual([
      "millrace_add-repository",
      "millrace_check-objects",
      "millrace_idle",
      "millrace_merge",
      "millrace_send_counts",
      "millrace_sweep",
    ]);
    for (const [, { Properties }] of machines) {
      expect(Properties["StateMachineType"]).toBe("STANDARD");
      expect(Properties).not.toHaveProperty("LoggingConfiguration");
      expect(Properties).not.toHaveProperty("TracingConfiguration");
    }
  });

  it("name the version of each domain that they use, and nothing else", () => {
    const { DefinitionSubstitutions: substitutions } = propertiesOf(
      "AWS::StepFunctions::StateMachine",
      "StateMachineName",
      "millrace_check-objects",
    );
    const versions = ofType("AWS::Lambda::Version").map(([id]) => ({ Ref: id }));
    expect(substitutions).toEqual({ git: versions[0], validation: versions[1] });
  });

  it("name the current ones of Millrace's own functions", () => {
    const { DefinitionSubstitutions: substitutions } = propertiesOf(
      "AWS::StepFunctions::StateMachine",
      "StateMachineName",
      "millrace_merge",
    );
    expect(substitutions).toEqual({
      git: { Ref: ofType("AWS::Lambda::Version")[0]?.[0] },
      lock: { "Fn::GetAtt": [expect.stringContaining("Functionslock"), "Arn"] },
      submit: { "Fn::GetAtt": [expect.stringContaining("Functionssubmit"), "Arn"] },
    });
  });

  it("are uploaded as readable files with their substitutions open", () => {
    for (const [, { Properties }] of machines) expect(Properties).toHaveProperty("DefinitionS3Location.Key");
    const file = readFileSync(
      join((stack.node.root as App).outdir, "machines", "millrace", "add-repository.json"),
      "utf8",
    );
    expect(file).toContain('  "StartAt": "step 0"');
    expect((JSON.parse(file) as StateMachine).States["step 0"]).toHaveProperty("Arguments.FunctionName", "${git}");
  });

  it("may use a domain whose folder has a dash, under that name", () => {
    const dashed = stubStack([{ name: "propose", domains: ["proposed-changes"] }]);
    const [, { Properties }] = ofType("AWS::StepFunctions::StateMachine", Template.fromStack(dashed))[0] ?? ["", {}];
    expect(Object.keys(Properties?.["DefinitionSubstitutions"] as object)).toEqual(["proposed-changes"]);
    const file = join((dashed.node.root as App).outdir, "machines", "millrace", "propose.json");
    expect(readFileSync(file, "utf8")).toContain('"FunctionName": "${proposed-changes}"');
  });

  it("have one role for each distinct set of functions, which may invoke those and do nothing else", () => {
    const roles = machines.map(([, { Properties }]) => text(Properties["RoleArn"]));
    expect(roles).toEqual([
      "<CatalogueMachinesRolegit.Arn>",
      "<CatalogueMachinesRolegitvalidation.Arn>",
      "<CatalogueMachinesRolevalidation.Arn>",
      "<CatalogueMachinesRolesweep.Arn>",
      "<CatalogueMachinesRolegitlocksubmit.Arn>",
      "<CatalogueMachinesRole.Arn>",
    ]);
    const policies = ofType("AWS::IAM::Role")
      .filter(([id]) => id.startsWith("CatalogueMachines"))
      .map(([, { Properties }]) => statementsOf(Properties["Policies"]));
    expect(policies).toEqual([
      ["lambda:InvokeFunction on <CatalogueFunctionsgitFunction.Arn>:*"],
      ["lambda:InvokeFunction on <CatalogueFunctionsgitFunction.Arn>:*, <CatalogueFunctionsvalidationFunction.Arn>:*"],
      ["lambda:InvokeFunction on <CatalogueFunctionsvalidationFunction.Arn>:*"],
      ["lambda:InvokeFunction on <CatalogueFunctionssweepFunction.Arn>"],
      [
        "lambda:InvokeFunction on <CatalogueFunctionslockFunction.Arn>, <CatalogueFunctionssubmitFunction.Arn>, <CatalogueFunctionsgitFunction.Arn>:*",
      ],
      [],
    ]);
  });

  it("may start themselves for the items of a distributed Map, and look after those", () => {
    const items = { name: "wide", domains: ["git"], distributed: true } as const;
    const apart = Template.fromStack(stubStack([ADD, items]));
    const policies = ofType("AWS::IAM::Role", apart)
      .filter(([id]) => id.startsWith("CatalogueMachines"))
      .map(([, { Properties }]) => statementsOf(Properties["Policies"]));
    const invoke = "lambda:InvokeFunction on <CatalogueFunctionsgitFunction.Arn>:*";
    const arn = (resource: string) => `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:${resource}`;
    const executions = arn("execution:millrace_wide");
    expect(policies).toEqual([
      [invoke],
      [
        invoke,
        `states:StartExecution on ${arn("stateMachine:millrace_wide")}`,
        `states:DescribeExecution, states:RedriveExecution, states:StopExecution on ${executions}/*, ${executions}:*`,
      ],
    ]);
  });

  it("leave their roles to runs that wait, when a deployment has no machine for them any more", () => {
    const roles = ofType("AWS::IAM::Role").filter(([id]) => id.startsWith("CatalogueMachines"));
    expect(roles).toHaveLength(6);
    for (const [, role] of roles) {
      expect(role).toMatchObject({ DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" });
    }
  });

  it("of the same domains share a role", () => {
    const shared = Template.fromStack(stubStack([ADD, { name: "other", domains: ["git", "git"] }]));
    const roles = ofType("AWS::StepFunctions::StateMachine", shared).map(([, { Properties }]) => Properties["RoleArn"]);
    expect(roles[0]).toEqual(roles[1]);
  });
});

interface Statement {
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: string } };
}

/** `actions on resources`, with the condition where there is one, of every statement. */
function statementsOf(policies: unknown): string[] {
  const documents = (policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
  return documents.flatMap(({ PolicyDocument: { Statement: statements } }) =>
    statements.map(({ Action: actions, Resource: resources, Condition: condition }) => {
      const when = condition === undefined ? "" : ` where ${JSON.stringify(condition)}`;
      return `${[actions].flat().map(text).join(", ")} on ${[resources].flat().map(text).join(", ")}${when}`;
    }),
  );
}

describe("roles of functions", () => {
  const TABLE = "<CatalogueStorageItems.Arn>";
  const keys = (pattern: string): string => `where {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":"${pattern}"}}`;
  const INDEXED = `${TABLE}, ${TABLE}/index/open`;
  const arn = (service: string, resource: string): string =>
    `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`;
  const MACHINES = arn("states", "stateMachine:millrace_*");
  const EXECUTIONS = arn("states", "execution:millrace_*:*");
  const TIMERS = arn("scheduler", "schedule/millrace/????????-????-????-????-????????????");
  const logs = (name: string): string =>
    `logs:CreateLogStream, logs:PutLogEvents on <CatalogueFunctions${name}Logs.Arn>`;
  const items = (actions: string, pattern: string, on = TABLE): string =>
    `${actions.replaceAll(/\w+/g, "dynamodb:$&")} on ${on} ${keys(pattern)}`;

  const RUNS = [items("GetItem, PutItem, Query, UpdateItem", "RUN#*"), items("PutItem", "TAG#*")];
  const LIMITS = [items("GetItem, UpdateItem", "LIMIT#*"), items("DeleteItem, PutItem, Query", "LINE#*")];
  const LOCKS = [items("GetItem, UpdateItem", "LOCK#*"), items("DeleteItem, GetItem, PutItem, Query", "LOCKLINE#*")];
  const OPEN = items("Query", "OPEN#*", INDEXED);
  const ANSWER = `states:SendTaskFailure, states:SendTaskSuccess on ${MACHINES}`;
  const START = `states:SendTaskFailure, states:SendTaskSuccess, states:StartExecution on ${MACHINES}`;
  const STOP = `states:DescribeExecution, states:StopExecution on ${EXECUTIONS}`;

  it.each([
    [
      "git",
      [
        items("DeleteItem, GetItem, PutItem, Query, UpdateItem", "DOMAIN#git#*", INDEXED),
        items("GetItem, UpdateItem", "CACHE#git#*"),
        items("GetItem, UpdateItem", "RUN#*"),
        items("PutItem", "TAG#*"),
        ...LOCKS,
        "s3:DeleteObject, s3:GetObject, s3:PutObject on <CatalogueStorageBlobs.Arn>/git/*",
        "s3:GetObject, s3:PutObject on <CatalogueStorageBlobs.Arn>/runs/*",
        's3:ListBucket on <CatalogueStorageBlobs.Arn> where {"StringLikeIfExists":{"s3:prefix":"git/*"}}',
        "lambda:InvokeFunction on <CatalogueFunctionslockFunction.Arn>, <CatalogueFunctionssubmitFunction.Arn>",
      ],
    ],
    [
      "submit",
      [
        ...RUNS,
        ...LIMITS,
        items("GetItem", "SCHEDULE#*"),
        START,
        STOP,
        "sqs:GetQueueAttributes, sqs:GetQueueUrl, sqs:SendMessage on <CatalogueSchedulesSubmitFailed.Arn>",
        `scheduler:CreateSchedule, scheduler:DeleteSchedule on ${TIMERS}`,
        'iam:PassRole on <CatalogueSchedulesRole.Arn> where {"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}',
      ],
    ],
    [
      "settle",
      [
        ...RUNS,
        ...LIMITS,
        ...LOCKS,
        OPEN,
        START,
        STOP,
        "sqs:ChangeMessageVisibility, sqs:DeleteMessage, sqs:GetQueueAttributes, sqs:GetQueueUrl, sqs:ReceiveMessage on <CatalogueStatusEvents.Arn>",
      ],
    ],
    ["lock", [items("GetItem, PutItem", "RUN#*"), ...LOCKS, ANSWER]],
    [
      "sweep",
      [
        ...RUNS,
        ...LIMITS,
        ...LOCKS,
        OPEN,
        items("GetItem, PutItem", "SWEEP#*"),
        `states:DescribeStateMachine, states:ListExecutions, ${START}`,
        `states:DescribeExecution, states:DescribeStateMachineForExecution, states:StopExecution on ${EXECUTIONS}`,
        `lambda:ListVersionsByFunction on ${arn("lambda", "function:millrace_*")}`,
        `lambda:DeleteFunction on ${arn("lambda", "function:millrace_*:*")}`,
        `scheduler:DeleteSchedule on ${TIMERS}`,
      ],
    ],
  ])("%s: what its code does, and no more", (name, expected) => {
    const policies = ofType("AWS::IAM::Policy").filter(([id]) => id.startsWith(`CatalogueFunctions${name}Role`));
    expect(statementsOf(policies.map(([, { Properties }]) => Properties))).toEqual([logs(name), ...expected]);
  });

  it("a domain's role reaches the keys that its tasks and coordination write, and those of no other domain", () => {
    const policies = ofType("AWS::IAM::Policy").filter(([id]) => id.startsWith("CatalogueFunctionsgitRole"));
    const statements = policies.flatMap(
      ([, { Properties }]) => (Properties["PolicyDocument"] as { Statement: Statement[] }).Statement,
    );
    const reaches = (action: string, pk: string): boolean =>
      statements.some(({ Action: actions, Condition: condition }) => {
        const pattern = condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"];
        const matches = pattern?.endsWith("*") === true && pk.startsWith(pattern.slice(0, -1));
        return matches && [actions].flat().includes(`dynamodb:${action}`);
      });
    expect(reaches("PutItem", `${domainPrefix("git")}repository`)).toBe(true);
    expect(reaches("UpdateItem", runKey("0198c0de").pk)).toBe(true);
    expect(reaches("PutItem", edgePartition("infrahub.app/branch/main", "202611"))).toBe(true);
    expect(reaches("PutItem", runKey("0198c0de").pk)).toBe(false);
    expect(reaches("DeleteItem", edgePartition("tag", "202611"))).toBe(false);
    for (const domain of ["validation", "git-mirror", "gi"])
      expect(reaches("GetItem", `${domainPrefix(domain)}repository`)).toBe(false);
  });

  it("no role may redrive an execution, which would go on without its slot and locks", () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/RedriveExecution|states:\*/);
  });

  it("no role has a managed policy or leave for everything", () => {
    for (const [, { Properties }] of ofType("AWS::IAM::Role"))
      expect(Properties).not.toHaveProperty("ManagedPolicyArns");
    const allowed = ofType("AWS::IAM::Policy").flatMap(([, { Properties }]) => statementsOf([Properties]));
    expect(allowed.filter((statement) => / on (.*, )?\*/.test(statement) || /^\S*\*/.test(statement))).toEqual([]);
  });
});

describe("storage", () => {
  it("is a table on demand with the index of open runs, which stays", () => {
    template.hasResource("AWS::DynamoDB::Table", {
      DeletionPolicy: "RetainExceptOnCreate",
      UpdateReplacePolicy: "Retain",
      Properties: {
        TableName: "millrace_items",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: "open",
            KeySchema: [
              { AttributeName: "gk", KeyType: "HASH" },
              { AttributeName: "gs", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "KEYS_ONLY" },
          },
        ],
        TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    });
  });

  it("is a private bucket that takes encrypted connections only and forgets task results after 90 days", () => {
    template.hasResource("AWS::S3::Bucket", {
      DeletionPolicy: "RetainExceptOnCreate",
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [
            Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
            Match.objectLike({ Prefix: "runs/", ExpirationInDays: 90 }),
          ],
        },
      },
    });
    template.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } })],
      },
    });
  });
});

describe("schedules", () => {
  const schedule = (name: string): Resource["Properties"] => propertiesOf("AWS::Scheduler::Schedule", "Name", name);

  it("invoke submit with workflow, scheduled time and parameters", () => {
    expect(schedule("send_counts")).toMatchObject({
      GroupName: { Ref: expect.stringContaining("SchedulesGroup") as unknown },
      ScheduleExpression: "cron(17 2 * * ? *)",
      ScheduleExpressionTimezone: "Europe/Berlin",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Input: JSON.stringify({
          workflow: "send_counts",
          scheduledTime: "<aws.scheduler.scheduled-time>",
          parameters: { full: true },
        }),
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 2 },
      },
    });
    const target = schedule("send_counts")["Target"] as Record<string, unknown>;
    expect(text(target["Arn"])).toBe("<CatalogueFunctionssubmitFunction.Arn>");
    expect(text((target["DeadLetterConfig"] as Record<string, unknown>)["Arn"])).toBe(
      "<CatalogueSchedulesUndelivered.Arn>",
    );
  });

  it("are two where a cron restricts day-of-month and day-of-week; a fire is worth no more than its period", () => {
    const sweeps = [schedule("sweep"), schedule("sweep.2")];
    expect(sweeps.map(({ ScheduleExpression: expression }) => expression)).toEqual([
      "cron(0/5 * 13 * ? *)",
      "cron(0/5 * ? * FRI *)",
    ]);
    for (const sweep of sweeps) {
      expect(sweep).toMatchObject({
        ScheduleExpressionTimezone: "UTC",
        Target: { RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 2 } },
      });
    }
  });

  it("are tried again at submit as well, which knows the ages", () => {
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumEventAgeInSeconds: 3600,
      MaximumRetryAttempts: 2,
      DestinationConfig: {
        OnFailure: { Destination: { "Fn::GetAtt": [Match.stringLikeRegexp("SubmitFailed"), "Arn"] } },
      },
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "millrace_submit",
      Environment: { Variables: Match.objectLike({ MILLRACE_MAX_AGE: '{"send_counts":3600,"sweep":300}' }) },
    });
  });

  it("may invoke submit and write to their dead-letter queue", () => {
    const policies = ofType("AWS::IAM::Policy").filter(([id]) => id.startsWith("CatalogueSchedulesRole"));
    expect(statementsOf(policies.map(([, { Properties }]) => Properties))).toEqual([
      "lambda:InvokeFunction on <CatalogueFunctionssubmitFunction.Arn>",
      "sqs:SendMessage on <CatalogueSchedulesUndelivered.Arn>",
    ]);
  });

  it("leave the group and its role to timers where no workflow has a cron", () => {
    const without = Template.fromStack(stubStack([ADD]));
    without.resourceCountIs("AWS::Scheduler::Schedule", 0);
    without.hasResourceProperties("AWS::Scheduler::ScheduleGroup", { Name: "millrace" });
    without.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { MaximumEventAgeInSeconds: 60 });
    without.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "millrace_submit",
      Environment: {
        Variables: Match.objectLike({
          MILLRACE_MAX_AGE: "{}",
          MILLRACE_SCHEDULE_ROLE: { "Fn::GetAtt": [Match.stringLikeRegexp("SchedulesRole"), "Arn"] },
        }),
      },
    });
  });
});

describe("status events", () => {
  it("go through a queue to settle, which may fail for single ones", () => {
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      EventSourceArn: { "Fn::GetAtt": [Match.stringLikeRegexp("StatusEvents"), "Arn"] },
    });
    template.hasResourceProperties("AWS::SQS::Queue", {
      QueueName: "millrace_settle",
      VisibilityTimeout: 180,
      RedrivePolicy: {
        maxReceiveCount: 5,
        deadLetterTargetArn: { "Fn::GetAtt": [Match.stringLikeRegexp("StatusEventsFailed"), "Arn"] },
      },
    });
  });

  it("come from the machines of this stack and of no other in the account", () => {
    const env = { account: "111122223333", region: "eu-central-1" };
    const names = ["millrace", "millrace-2", "mill", "Millrace", "millrac"];
    const prefixes = names.map((name) => prefixOf(Template.fromStack(stubStack([ADD], { stack: name }, { env }))));
    const machine = (name: string): string =>
      `arn:aws:states:eu-central-1:111122223333:stateMachine:${name}_add-repository`;
    const matched = names.map((name) => names.filter((_, index) => machine(name).startsWith(prefixes[index] ?? "")));
    expect(matched).toEqual(names.map((name) => [name]));
  });

  function prefixOf(from: Template): string {
    const [, { Properties }] = ofType("AWS::Events::Rule", from)[0] as [string, Resource];
    const pattern = Properties["EventPattern"] as { detail: { stateMachineArn: { prefix: unknown }[] } };
    expect(pattern).toMatchObject({
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
    });
    return text(pattern.detail.stateMachineArn[0]?.prefix);
  }
});

describe("the stack as a whole", () => {
  it("has nothing that costs while nothing runs", () => {
    const types = Object.values(template.toJSON()["Resources"] as Record<string, Resource>).map(({ Type }) => Type);
    expect([...new Set(types)].sort()).toEqual([
      "AWS::DynamoDB::Table",
      "AWS::Events::Rule",
      "AWS::IAM::Policy",
      "AWS::IAM::Role",
      "AWS::Lambda::EventInvokeConfig",
      "AWS::Lambda::EventSourceMapping",
      "AWS::Lambda::Function",
      "AWS::Lambda::Version",
      "AWS::Logs::LogGroup",
      "AWS::S3::Bucket",
      "AWS::S3::BucketPolicy",
      "AWS::SQS::Queue",
      "AWS::SQS::QueuePolicy",
      "AWS::Scheduler::Schedule",
      "AWS::Scheduler::ScheduleGroup",
      "AWS::StepFunctions::StateMachine",
    ]);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/Provisioned|KmsMasterKey|KMSMasterKey|SnapStart/);
  });

  it("has queues that take encrypted connections only", () => {
    expect(ofType("AWS::SQS::Queue").map(([, { Properties }]) => Properties["QueueName"])).toEqual([
      "millrace_submit-failed",
      "millrace_schedule-failed",
      "millrace_settle-failed",
      "millrace_settle",
    ]);
    template.allResourcesProperties("AWS::SQS::Queue", { SqsManagedSseEnabled: true });
    template.resourceCountIs("AWS::SQS::QueuePolicy", 4);
  });

  it.each(["", "9lives", "a_b", "a".repeat(31)])("cannot be called %j", (name) => {
    expect(() => stubStack([ADD], { stack: name })).toThrowError(/A stack cannot be called .* Choose another/);
  });

  it("refuses a workflow that stands twice", () => {
    expect(() => stubStack([ADD, ADD])).toThrowError('The catalogue lists "add-repository" 2 times');
  });
});
