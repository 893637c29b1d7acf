import { ArnFormat, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { machineName } from "../engine/model/wire.ts";

/**
 * ARN of a workflow's machine, or of its executions. The workflow `*` stands for all machines of the stack and no
 * others: no stack's name has a `_`, so `<stack>_` is the prefix of its own machines alone.
 */
export function machineArn(
  scope: IConstruct,
  stack: string,
  workflow: string,
  resource: "stateMachine" | "execution" = "stateMachine",
): string {
  const resourceName = machineName(stack, workflow);
  return Stack.of(scope).formatArn({
    service: "states",
    resource,
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
