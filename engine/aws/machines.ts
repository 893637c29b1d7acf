import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  paginateListExecutions,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
  type ExecutionListItem,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import type { Answer, ListedExecution, Machines, StatusEvent } from "../coordination/world.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { describeExecution } from "./executions.ts";

/** What Step Functions takes of an error's name and of its cause. */
const ERROR_MAX_LENGTH = 256;
const CAUSE_MAX_LENGTH = 32_768;

/**
 * The machines of a stack; `executionOf` makes the ARN of an execution of a workflow. Step Functions itself starts no
 * second execution of a name within 90 days.
 */
export function sfnMachines(client: SFNClient, executionOf: (workflow: string, run: string) => string): Machines {
  return {
    start: async ({ workflow, execution, run, input }) => {
      const start = { stateMachineArn: machineArnOf(execution), name: run, input: JSON.stringify(input) };
      try {
        await unless([ExecutionAlreadyExists], client.send(new StartExecutionCommand(start)));
      } catch (error) {
        if (!(error instanceof StateMachineDoesNotExist)) throw error;
        const message = `There is no state machine for "${workflow}": it is in the catalogue, and not deployed. Run \`npx cdk deploy\`.`;
        throw new MillraceError(ErrorName.WORKFLOW_NOT_FOUND, message, { cause: error });
      }
    },
    stop: async (executionArn, error) => {
      const stop = new StopExecutionCommand({ executionArn, ...cut(error) });
      await unless([ExecutionDoesNotExist], client.send(stop));
    },
    answer: async (token, answer) => {
      const waits = await unless([TaskTimedOut, TaskDoesNotExist, InvalidToken], send(client, token, answer));
      return waits ? "answered" : "gone";
    },
    describe: (execution) => describeExecution(client, execution),
    list: (workflow, which) => listExecutions(client, machineArnOf(executionOf(workflow, "any")), which),
  };
}

async function send(client: SFNClient, taskToken: string, answer: Answer): Promise<void> {
  if ("error" in answer) await client.send(new SendTaskFailureCommand({ taskToken, ...cut(answer.error) }));
  else await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer.output) }));
}

function cut({ name, cause }: { readonly name: string; readonly cause: string }) {
  return { error: name.slice(0, ERROR_MAX_LENGTH), cause: cause.slice(0, CAUSE_MAX_LENGTH) };
}

/** Step Functions lists by the time of the start, newest first; none where there is no such machine. */
export async function* listExecutions(
  client: SFNClient,
  stateMachineArn: string,
  which: Parameters<Machines["list"]>[1],
): AsyncIterable<ListedExecution> {
  const wanted = which === "RUNNING" ? { statusFilter: which } : {};
  try {
    for await (const page of paginateListExecutions({ client, pageSize: 1_000 }, { stateMachineArn, ...wanted })) {
      for (const item of page.executions ?? []) {
        const listed = listedExecution(item);
        if (which === "RUNNING") yield listed;
        else if (listed.startedAt < which.endedSince) return;
        else if (listed.status !== "RUNNING") yield listed;
      }
    }
  } catch (error) {
    if (!(error instanceof StateMachineDoesNotExist)) throw error;
  }
}

function listedExecution({ executionArn: execution = "", status, startDate, stopDate }: ExecutionListItem) {
  return {
    execution,
    status: status as StatusEvent["status"],
    startedAt: startDate?.getTime() ?? 0,
    ...(stopDate !== undefined && { endedAt: stopDate.getTime() }),
  };
}

export function machineArnOf(execution: string): string {
  return execution.split(":").slice(0, -1).join(":").replace(":execution:", ":stateMachine:");
}

/** Whether the request went through, false where it is refused with one of these errors. */
async function unless(
  kinds: readonly (abstract new (...options: never[]) => Error)[],
  request: Promise<unknown>,
): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return false;
    throw error;
  }
}
