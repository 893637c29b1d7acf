import { DeleteFunctionCommand, LambdaClient, paginateListVersionsByFunction } from "@aws-sdk/client-lambda";
import {
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  SFNClient,
  StateMachineDoesNotExist,
} from "@aws-sdk/client-sfn";
import type { StateMachine } from "../model/machine.ts";
import { ifKnown } from "./executions.ts";
import { listExecutions, machineArnOf } from "./machines.ts";
import type { DeployedVersions } from "./prune-versions.ts";

/** Machines and functions as Step Functions and Lambda have them. */
export function deployedVersions(sfn = new SFNClient(), lambda = new LambdaClient()): DeployedVersions {
  return {
    current: async (execution) => {
      try {
        const described = new DescribeStateMachineCommand({ stateMachineArn: machineArnOf(execution) });
        return parse((await sfn.send(described)).definition);
      } catch (error) {
        if (error instanceof StateMachineDoesNotExist) return undefined;
        throw error;
      }
    },
    definitionOf: async (executionArn) => {
      const described = sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
      const found = await ifKnown(described);
      return found && { machine: parse(found.definition), since: found.updateDate?.getTime() ?? Infinity };
    },
    running: (execution) => listExecutions(sfn, machineArnOf(execution), "RUNNING"),
    versions: async (name) => {
      const versions = [];
      for await (const page of paginateListVersionsByFunction({ client: lambda }, { FunctionName: name })) {
        for (const { Version: version = "", LastModified: modified = "" } of page.Versions ?? []) {
          if (version !== "$LATEST") versions.push({ function: name, version, publishedAt: Date.parse(modified) });
        }
      }
      return versions;
    },
    delete: async (version) => {
      await lambda.send(new DeleteFunctionCommand({ FunctionName: version.function, Qualifier: version.version }));
    },
  };
}

function parse(definition = ""): StateMachine {
  return JSON.parse(definition) as StateMachine;
}
