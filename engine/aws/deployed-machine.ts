import { DescribeStateMachineCommand, StateMachineDoesNotExist, type SFNClient } from "@aws-sdk/client-sfn";
import { executionArn } from "../model/wire.ts";
import { machineArnOf } from "./machines.ts";
import type { Deployed } from "./world.ts";

/** Whether a stack has the state machine of a workflow. */
export async function hasMachine(sfn: SFNClient, { region, account, stack }: Deployed, workflow: string) {
  const stateMachineArn = machineArnOf(executionArn(region, account, stack, workflow, "any"));
  try {
    await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    return true;
  } catch (error) {
    if (error instanceof StateMachineDoesNotExist) return false;
    throw error;
  }
}
