import { Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { maximumAgeSeconds } from "../engine/model/schedule.ts";
import { resourceName } from "../engine/model/wire.ts";
import type { WorkflowDefinition } from "../engine/model/workflow.ts";
import { awsCronExpressions } from "./aws-cron.ts";
import { failureQueue } from "./queue.ts";

const RETRIES = 2;
/** For how long EventBridge Scheduler and Lambda try a fire again at least. */
const LEAST_AGE_SECONDS = 60;
/** Names of the schedules that are timers: ids of runs. */
const RUN_ID = "????????-????-????-????-????????????";

export interface SchedulesProps {
  readonly stack: string;
  readonly workflows: readonly WorkflowDefinition[];
  /** What every schedule invokes, never a machine: admission, idempotency and the run's record are there. */
  readonly submit: Function;
  /** Takes back the timers of runs that it ends. */
  readonly sweep: Function;
}

/**
 * One schedule for each cron entry, or two where its cron needs two. A fire may fail twice over: Scheduler may not
 * reach Lambda, and submit, which is invoked asynchronously, may fail. Both are tried again for as long as the fire is
 * worth something, and end in a queue. In the same group submit itself makes the timers of runs that start later.
 */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { stack, workflows, submit, sweep }: SchedulesProps) {
    super(scope, id);
    submit.configureAsyncInvoke({
      maxEventAge: Duration.seconds(Math.max(LEAST_AGE_SECONDS, ...Object.values(maximumAges(workflows)))),
      retryAttempts: RETRIES,
      onFailure: new SqsDestination(failureQueue(this, "SubmitFailed", resourceName(stack, "submit-failed"))),
    });
    const undelivered = failureQueue(this, "Undelivered", resourceName(stack, "schedule-failed"));
    const group = new CfnScheduleGroup(this, "Group", { name: stack });
    const role = this.createRole(group.attrArn, submit.functionArn, undelivered.queueArn);
    this.grantTimers(submit, sweep, stack, role);
    for (const workflow of workflows) {
      const { name, cron, timezone = "UTC", cronParameters = {} } = workflow;
      if (cron === undefined) continue;
      const request = { workflow: name, scheduledTime: "<aws.scheduler.scheduled-time>", parameters: cronParameters };
      awsCronExpressions(cron).forEach((expression, index) => {
        const scheduleName = index === 0 ? name : `${name}.${index + 1}`;
        new CfnSchedule(this, scheduleName, {
          name: scheduleName,
          groupName: group.ref,
          description: `${name}: ${cron} (${timezone})`,
          scheduleExpression: `cron(${expression})`,
          scheduleExpressionTimezone: timezone,
          flexibleTimeWindow: { mode: "OFF" },
          target: {
            arn: submit.functionArn,
            roleArn: role.roleArn,
            input: JSON.stringify(request),
            retryPolicy: { maximumEventAgeInSeconds: maximumAgeSeconds(workflow), maximumRetryAttempts: RETRIES },
            deadLetterConfig: { arn: undelivered.queueArn },
          },
        });
      });
    }
  }

  /** What the role may do is a policy of its own, since submit, which it may invoke, knows the role. */
  private createRole(group: string, submit: string, deadLetters: string): Role {
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Stack.of(this).account, "aws:SourceArn": group },
        },
      }),
    });
    role.addToPolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [submit] }));
    role.addToPolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [deadLetters] }));
    return role;
  }

  private grantTimers(submit: Function, sweep: Function, stack: string, role: Role): void {
    submit.addEnvironment("MILLRACE_SCHEDULE_ROLE", role.roleArn);
    const timers = Stack.of(this).formatArn({
      service: "scheduler",
      resource: "schedule",
      resourceName: `${stack}/${RUN_ID}`,
    });
    submit.addToRolePolicy(
      new PolicyStatement({ actions: ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"], resources: [timers] }),
    );
    sweep.addToRolePolicy(new PolicyStatement({ actions: ["scheduler:DeleteSchedule"], resources: [timers] }));
    submit.addToRolePolicy(
      new PolicyStatement({
        actions: ["iam:PassRole"],
        resources: [role.roleArn],
        conditions: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
      }),
    );
  }
}

/** Workflow → the age in seconds from which on submit drops a fire of its schedule. */
export function maximumAges(workflows: readonly WorkflowDefinition[]): { readonly [workflow: string]: number } {
  const scheduled = workflows.filter(({ cron }) => cron !== undefined);
  return Object.fromEntries(scheduled.map((workflow) => [workflow.name, maximumAgeSeconds(workflow)]));
}
