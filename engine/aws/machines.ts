import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import type { Machines } from "../coordination/world.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";

/** The machines of a stack. Step Functions itself starts no second execution of a name within 90 days. */
export function sfnMachines(client: SFNClient): Machines {
  return {
    start: async ({ workflow, execution, run, input }) => {
      const stateMachineArn = execution.split(":").slice(0, -1).join(":").replace(":execution:", ":stateMachine:");
      const start = new StartExecutionCommand({ stateMachineArn, name: run, input: JSON.stringify(input) });
      try {
        await unless(ExecutionAlreadyExists, client.send(start));
      } catch (error) {
        if (!(error instanceof StateMachineDoesNotExist)) throw error;
        const message = `There is no state machine for "${workflow}": it is in the catalogue, and not deployed. Run \`npx cdk deploy\`.`;
        throw new MillraceError(ErrorName.WORKFLOW_NOT_FOUND, message, { cause: error });
      }
    },
    stop: (executionArn, { name, cause }) => {
      const stop = new StopExecutionCommand({ executionArn, error: name, cause });
      return unless(ExecutionDoesNotExist, client.send(stop));
    },
  };
}

async function unless(kind: abstract new (...options: never[]) => Error, request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof kind)) throw error;
  }
}
