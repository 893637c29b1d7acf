import { type Duration, RemovalPolicy, Size } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, type Code, Function, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { acknowledgeWildcard } from "./acknowledge.ts";

/** What may be set for a function. */
export interface FunctionOptions {
  /** MiB; a function has more processor with more of it. 512 where it is left out. */
  readonly memorySize?: number;
  /** MiB of `/tmp`; 512 where it is left out. */
  readonly ephemeralStorageMiB?: number;
  readonly environment?: { readonly [name: string]: string };
  /** arm64 where it is left out. */
  readonly architecture?: Architecture;
}

export interface NodeFunctionProps extends FunctionOptions {
  readonly functionName: string;
  readonly description: string;
  /** A directory whose `index.mjs` exports `handler`. */
  readonly code: Code;
  readonly timeout: Duration;
  readonly logRetention: RetentionDays;
}

/** A Lambda function with a role that may write to its own log group, and nothing else before it is granted. */
export class NodeFunction extends Construct {
  readonly function: Function;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const { functionName, description, code, timeout, memorySize = 512, ephemeralStorageMiB = 512 } = props;
    const logGroup = new LogGroup(this, "Logs", {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(this.role);
    this.function = new Function(this, "Function", {
      functionName,
      description,
      code,
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture ?? Architecture.ARM_64,
      memorySize,
      ephemeralStorageSize: Size.mebibytes(ephemeralStorageMiB),
      timeout,
      environment: { ...props.environment },
      role: this.role,
      logGroup,
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
  }

  /** Leave for what is done to all machines of the stack, or to all their executions. */
  grantRuns(actions: readonly string[], machines: string): void {
    const statement = { actions: actions.map((action) => `states:${action}`), resources: [machines] };
    this.role.addToPolicy(new PolicyStatement(statement));
    const reason = "Every machine of the stack has this prefix and no other has; a list would outgrow a policy.";
    acknowledgeWildcard(this.role, machines, reason);
  }
}
