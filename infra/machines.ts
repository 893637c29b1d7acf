import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { DefinitionBody, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { CompiledWorkflow } from "../engine/model/compiled.ts";
import { machineName } from "../engine/model/wire.ts";
import { acknowledge, acknowledgeWildcard } from "./acknowledge.ts";
import { assemblyDirectory } from "./assembly.ts";
import { domainsOf } from "./domains.ts";
import { machineArn } from "./machine-arn.ts";
import type { NodeFunction } from "./node-function.ts";

export interface MachinesProps {
  readonly stack: string;
  readonly workflows: readonly CompiledWorkflow[];
  /** By domain. */
  readonly functions: ReadonlyMap<string, NodeFunction>;
}

/**
 * One Standard state machine for each workflow. A machine names the versions of its domains' functions, so a run keeps
 * the code that it started with; its role may invoke any version of them, because the role changes at once and runs do
 * not, and stays where no machine has it any more. Workflows of the same domains share a role.
 */
export class Machines extends Construct {
  private readonly props: MachinesProps;
  private readonly roles = new Map<string, Role>();
  /** Definitions as readable files; they are uploaded, because templates end at 1 MB. */
  private readonly directory: string;

  constructor(scope: Construct, id: string, props: MachinesProps) {
    super(scope, id);
    this.props = props;
    this.directory = assemblyDirectory(this, "machines", props.stack);
    for (const workflow of props.workflows) this.machine(workflow);
  }

  private machine(workflow: CompiledWorkflow): void {
    const domains = domainsOf(workflow);
    const file = join(this.directory, `${workflow.name}.json`);
    writeFileSync(file, `${JSON.stringify(workflow.machine, null, 2)}\n`);
    const used = [...this.props.functions].filter(([domain]) => domains.includes(domain));
    const machine = new StateMachine(this, workflow.name, {
      stateMachineName: machineName(this.props.stack, workflow.name),
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromFile(file),
      definitionSubstitutions: Object.fromEntries(
        used.map(([domain, made]) => [domain, made.function.currentVersion.functionArn]),
      ),
      role: this.role(used),
    });
    acknowledge(machine, "SF1", "The history of a Standard machine has every event for 90 days; a log is a paid copy.");
    acknowledge(machine, "SF2", "The history has the times of every step; tracing costs by trace.");
  }

  private role(used: readonly (readonly [domain: string, made: NodeFunction])[]): Role {
    const domains = used.map(([domain]) => domain).join("+");
    const known = this.roles.get(domains);
    if (known !== undefined) return known;
    const versions = used.map(([, made]) => `${made.function.functionArn}:*`);
    const invoke = new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: versions });
    const role = new Role(this, `Role-${domains}`, {
      description: `Runs of ${this.props.stack} with tasks of ${domains || "no domain"}`,
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Stack.of(this).account },
          ArnLike: { "aws:SourceArn": machineArn(this, this.props.stack, "*") },
        },
      }),
      inlinePolicies: versions.length === 0 ? {} : { tasks: new PolicyDocument({ statements: [invoke] }) },
    });
    // A run that waits goes on under the role of the deployment that it began in.
    role.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    for (const arn of versions) {
      acknowledgeWildcard(role, arn, "A run keeps the version that it started with, whichever is current.");
    }
    this.roles.set(domains, role);
    return role;
  }
}
