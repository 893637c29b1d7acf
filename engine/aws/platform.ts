import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeStateMachineForExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import type { Execution, Platform } from "../client/platform.ts";
import type { StateMachine } from "../model/machine.ts";
import type { RecordedCall } from "../model/recorded-call.ts";
import type { Step } from "../model/run.ts";
import { checkStackName } from "../model/stack-name.ts";
import {
  ITEMS_TABLE,
  resourceName,
  SUBMIT_FUNCTION,
  type AnswerCommand,
  type RunCommand,
  type SubmitRequest,
} from "../model/wire.ts";
import type { Items } from "../store/items.ts";
import { positionsOf, versionsOf } from "./definition.ts";
import { dynamoItems } from "./dynamo-items.ts";
import { hasMachine } from "./deployed-machine.ts";
import { describeExecution, executionOf, ifKnown } from "./executions.ts";
import { stepsOf } from "./history.ts";
import { callsOf } from "./history-calls.ts";
import { historyOf, mapRunsOf } from "./history-items.ts";
import { invokeOwn, keyed } from "./invoke-own.ts";
import { runLogs } from "./run-logs.ts";
import { pause } from "./pause.ts";
import { schedulerTimers } from "./scheduler.ts";
import { serviceError } from "./service-error.ts";
import { deployedFrom, deployedWorld, type Deployed } from "./world.ts";

export interface AwsOptions {
  /** Name of the deployed stack. */
  readonly stack: string;
  /** The region of the environment or of the AWS profile where it is left out. */
  readonly region?: string;
}

/**
 * Runs in a deployed stack, with the AWS credentials of the process. Submitting needs leave to invoke the function
 * `<stack>_submit` alone, waiting adds `states:DescribeExecution`.
 * @throws MillraceError `InvalidRequest` for a name that no stack can have
 */
export function aws({ stack, region }: AwsOptions): Platform {
  checkStackName(stack);
  const configuration = region === undefined ? {} : { region };
  const lambda = new LambdaClient(configuration);
  const sfn = new SFNClient(configuration);
  const logs = new CloudWatchLogsClient(configuration);
  const dynamo = new DynamoDBClient(configuration);

  /** Says of an error what was being done, and where. */
  const when = async <T>(doing: string, request: Promise<T>): Promise<T> => {
    try {
      return await request;
    } catch (error) {
      const place = { stack, doing, region: await lambda.config.region().catch(() => "no region") };
      throw serviceError(error, place);
    }
  };

  const describe = async (execution: string): Promise<Execution | undefined> => {
    const event = await when("describe a run", describeExecution(sfn, execution));
    return event && executionOf(event);
  };

  const machineOf = async (executionArn: string): Promise<StateMachine> => {
    const { definition = "" } = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
    return JSON.parse(definition) as StateMachine;
  };

  const stepsIn = async (execution: string): Promise<Step[]> => {
    const [events, machine] = await Promise.all([historyOf(sfn, execution), machineOf(execution)]);
    return stepsOf(events, positionsOf(machine), await mapRunsOf(sfn, events, MOST_ITEMS));
  };

  const callsIn = async (execution: string): Promise<RecordedCall[]> => {
    const events = await historyOf(sfn, execution);
    const mapRuns = await mapRunsOf(sfn, events, Infinity);
    return [events, ...[...mapRuns.values()].flatMap(({ histories }) => histories)].flatMap(callsOf);
  };

  const submitFunction = resourceName(stack, SUBMIT_FUNCTION);
  const invoke = <T>(doing: string, payload: SubmitRequest | RunCommand | AnswerCommand): Promise<T> =>
    when(doing, invokeOwn<T>(lambda, submitFunction, payload));
  let place: Promise<Deployed> | undefined;
  const deployed = (): Promise<Deployed> => {
    const ask = () => lambda.send(new GetFunctionConfigurationCommand({ FunctionName: submitFunction }));
    return (place ??= when("find the functions", ask()).then(({ FunctionArn: arn = "" }) => deployedFrom(arn)));
  };
  const items = explained(dynamoItems(dynamo, resourceName(stack, ITEMS_TABLE)), when);

  return {
    kind: "aws",
    name: stack,
    submit: (_, request) => invoke("submit a run", keyed(request)),
    cancel: (run) => invoke("cancel a run", { command: "cancel", run }),
    retry: (run) => invoke("retry a run", keyed<RunCommand>({ command: "retry", run })),
    answer: (run, step, answer) => invoke("answer a run", { command: "answer", run, step, answer }),
    describe,
    ended: async (execution, signal) => {
      for (let polls = 0; ; polls += 1) {
        signal.throwIfAborted();
        const found = await describe(execution);
        if (found !== undefined && found.status !== "RUNNING") return found;
        await pause(pollPause(polls), signal);
      }
    },
    items,
    world: async (workflows) => {
      const stands = await deployed();
      return deployedWorld(stands, workflows, { items, sfn, timers: schedulerTimers(stands) });
    },
    obstacle: async (workflow) => {
      if (workflow === undefined) return undefined;
      const has = await when("describe a state machine", hasMachine(sfn, await deployed(), workflow));
      return has ? undefined : `Stack "${stack}" has no state machine of "${workflow}": run \`npx cdk deploy\`.`;
    },
    steps: (run) =>
      when(
        "read the steps of a run",
        ifKnown(stepsIn(run.execution)).then((steps) => steps ?? []),
      ),
    calls: (run) =>
      when(
        "read the calls of a run",
        ifKnown(callsIn(run.execution)).then((calls) => calls ?? []),
      ),
    logs: (run) =>
      when(
        "read the log lines of a run",
        ifKnown(machineOf(run.execution)).then((machine) => (machine ? runLogs(logs, functionsOf(machine), run) : [])),
      ),
    now: Date.now,
    sleep: pause,
    close: async () => {
      for (const client of [lambda, sfn, logs, dynamo]) client.destroy();
    },
  };
}

/** Items of distributed Maps whose steps a timeline has; each costs a call. */
const MOST_ITEMS = 100;

/** Milliseconds before the next look at an execution: quick for a short run, and sparing for a long one. */
export function pollPause(polls: number): number {
  return Math.min(200 * 1.3 ** polls, 5_000);
}

/** Names of the functions that write the log lines of its tasks. */
function functionsOf(machine: StateMachine): string[] {
  return [...new Set(versionsOf(machine).map((version) => version.function))];
}

function explained(items: Items, when: <T>(doing: string, request: Promise<T>) => Promise<T>): Items {
  return {
    get: (...request) => when("read an item", items.get(...request)),
    put: (...request) => when("write an item", items.put(...request)),
    update: (...request) => when("write an item", items.update(...request)),
    delete: (...request) => when("delete an item", items.delete(...request)),
    query: (...request) => when("read items", items.query(...request)),
  };
}
