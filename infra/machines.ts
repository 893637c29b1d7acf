import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { DefinitionBody, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { CompiledWorkflow } from "../engine/model/compiled.ts";
import { everyState, isDistributed } from "../engine/model/every-state.ts";
import { machineName } from "../engine/model/wire.ts";
import { acknowledge, acknowledgeWildcard } from "./acknowledge.ts";
import { assemblyDirectory } from "./assembly.ts";
import { machineArn } from "./machine-arn.ts";
import type { Functions } from "./functions.ts";

export interface MachinesProps {
  readonly stack: string;
  readonly workflows: readonly CompiledWorkflow[];
  readonly functions: Pick<Functions, "domains" | "own">;
}

/** A function as a machine calls it. */
interface Called {
  readonly name: string;
  /** In the definition. */
  readonly arn: string;
  /** What the role of the machine may invoke. */
  readonly leave: string;
  readonly pinned: boolean;
}

/**
 * One Standard state machine for each workflow. A machine names the versions of its domains' functions, so a run keeps
 * the code that it started with; its role may invoke any version of them, because the role changes at once and runs do
 * not, and stays where no machine has it any more. Millrace's own functions are the current ones for every run: all of
 * them work on the same items by one protocol, which a run of last month must not bring an old version of, and submit
 * starts the machine that is deployed with the catalogue it knows. Workflows that call the same functions share a role.
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
    const file = join(this.directory, `${workflow.name}.json`);
    writeFileSync(file, `${JSON.stringify(workflow.machine, null, 2)}\n`);
    const called = workflow.functions.toSorted().flatMap((name) => this.called(name));
    const starts = everyState(workflow.machine.States).some(([, state]) => isDistributed(state));
    const machine = new StateMachine(this, workflow.name, {
      stateMachineName: machineName(this.props.stack, workflow.name),
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromFile(file),
      definitionSubstitutions: Object.fromEntries(called.map(({ name, arn }) => [name, arn])),
      role: this.role(called, starts ? workflow.name : undefined),
    });
    acknowledge(machine, "SF1", "The history of a Standard machine has every event for 90 days; a log is a paid copy.");
    acknowledge(machine, "SF2", "The history has the times of every step; tracing costs by trace.");
  }

  private called(name: string): Called[] {
    const { domains, own } = this.props.functions;
    const domain = domains.get(name)?.function;
    if (domain !== undefined) {
      return [{ name, arn: domain.currentVersion.functionArn, leave: `${domain.functionArn}:*`, pinned: true }];
    }
    const arn = own.get(name)?.function.functionArn;
    return arn === undefined ? [] : [{ name, arn, leave: arn, pinned: false }];
  }

  /** @param starts The workflow, where its runs start the items of a distributed Map. */
  private role(called: readonly Called[], starts?: string): Role {
    const names = [...called.map(({ name }) => name), ...(starts === undefined ? [] : [`items of ${starts}`])].join(
      "+",
    );
    const known = this.roles.get(names);
    if (known !== undefined) return known;
    const resources = called.map(({ leave }) => leave);
    const invoke = new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources });
    const role = new Role(this, `Role-${names}`, {
      description: `Runs of ${this.props.stack} that call ${names || "no function"}`,
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Stack.of(this).account },
          ArnLike: { "aws:SourceArn": machineArn(this, this.props.stack, "*") },
        },
      }),
      inlinePolicies: {
        ...(resources.length > 0 && { tasks: new PolicyDocument({ statements: [invoke] }) }),
        ...(starts !== undefined && { items: new PolicyDocument({ statements: this.itemStatements(starts) }) }),
      },
    });
    if (starts !== undefined) {
      const executions = machineArn(this, this.props.stack, starts, "execution");
      for (const items of [`${executions}:*`, `${executions}/*`])
        acknowledgeWildcard(role, items, "Each item of a distributed Map is an execution with a name of its own.");
    }
    // A run that waits goes on under the role of the deployment that it began in.
    role.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    for (const { leave } of called.filter(({ pinned }) => pinned)) {
      acknowledgeWildcard(role, leave, "A run keeps the version that it started with, whichever is current.");
    }
    this.roles.set(names, role);
    return role;
  }

  /** A distributed Map starts the machine that it stands in once for each item. */
  private itemStatements(workflow: string): PolicyStatement[] {
    const { stack } = this.props;
    const executions = machineArn(this, stack, workflow, "execution");
    return [
      new PolicyStatement({ actions: ["states:StartExecution"], resources: [machineArn(this, stack, workflow)] }),
      new PolicyStatement({
        actions: ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"],
        resources: [`${executions}:*`, `${executions}/*`],
      }),
    ];
  }
}
