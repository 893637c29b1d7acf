import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Annotations } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { compileCatalogue } from "../engine/compiler/compile.ts";
import { budgetFindings, planCatalogue } from "../engine/compiler/plan-catalogue.ts";
import { catalogueProblems } from "../engine/model/catalogue.ts";
import { limitDeadlocks } from "../engine/model/deadlock.ts";
import { formatDiagnostic, type CompiledWorkflow } from "../engine/model/compiled.ts";
import { ErrorName, MillraceError } from "../engine/model/errors.ts";
import { checkStackName, DEFAULT_STACK } from "../engine/model/stack-name.ts";
import { sourceOf, type WorkflowDefinition } from "../engine/model/workflow.ts";
import { assemblyDirectory } from "./assembly.ts";
import type { Domains } from "./domains.ts";
import { Functions } from "./functions.ts";
import { Machines } from "./machines.ts";
import { roleActions } from "./role-actions.ts";
import { maximumAges, Schedules } from "./schedules.ts";
import { StatusEvents } from "./status-events.ts";
import { Storage } from "./storage.ts";

export interface WorkflowCatalogueProps {
  /** The list `WORKFLOWS` of `catalogue/index.ts`. */
  readonly workflows: readonly WorkflowDefinition[];
  /** What callers know the deployment by, and the prefix of its names: `millrace_submit`. `millrace` where left out. */
  readonly stack?: string;
  /** Settings of the domains' functions. */
  readonly domains?: Domains;
  /** Three months where it is left out: as long as Step Functions keeps a run's history. */
  readonly logRetention?: RetentionDays;
  /** The directory of `catalogue/` and `functions/`; this repository where it is left out. */
  readonly root?: string;
}

const REPOSITORY = join(import.meta.dirname, "..");

/**
 * A catalogue on AWS: a Lambda function for each domain, a state machine for each workflow, Millrace's own functions
 * (submit with the schedules, settle with the status events, lock, sweep), and what they keep.
 * @throws MillraceError `InvalidDefinition` with all that is wrong, diagnostics of the compiler included
 */
export class WorkflowCatalogue extends Construct {
  readonly storage: Storage;
  /** Grant a domain's role here what its tasks need of AWS beside items and blobs. */
  readonly functions: Functions;

  constructor(scope: Construct, id: string, props: WorkflowCatalogueProps) {
    super(scope, id);
    const { domains = {}, logRetention = RetentionDays.THREE_MONTHS, root = REPOSITORY } = props;
    const stack = checkStackName(props.stack ?? DEFAULT_STACK);
    const workflows = compile(root, props.workflows);
    const storage = new Storage(this, "Storage", stack);
    const functions = new Functions(this, "Functions", {
      stack,
      root,
      workflows,
      domains,
      storage,
      logRetention,
      maximumAges: maximumAges(props.workflows),
    });
    new Machines(this, "Machines", { stack, workflows, functions });
    const { submit, sweep, settle } = functions;
    const schedules = { stack, workflows: props.workflows, submit: submit.function, sweep: sweep.function };
    new Schedules(this, "Schedules", schedules);
    new StatusEvents(this, "StatusEvents", { stack, settle: settle.function });
    this.storage = storage;
    this.functions = functions;
    this.annotate(stack, props.workflows, workflows);
  }

  /** The plan in `cdk.out/plan/<stack>`, in short as metadata of the assembly, and limits that are near as warnings. */
  private annotate(
    stack: string,
    workflows: readonly WorkflowDefinition[],
    compiled: readonly CompiledWorkflow[],
  ): void {
    const plan = planCatalogue({ workflows, compiled, actionsOf: roleActions });
    writeFileSync(join(assemblyDirectory(this, "plan", stack), "plan.json"), `${JSON.stringify(plan, null, 2)}\n`);
    const short = plan.workflows.map(({ workflow, transitions, dollarsPerRun }) => {
      return { workflow, transitions, dollarsPerRun };
    });
    this.node.addMetadata("millrace:plan", { idle: plan.idle.dollarsPerMonth, workflows: short });
    for (const { workflow, limits } of plan.workflows) {
      for (const { limit, verdict, text } of limits.filter((note) => note.verdict !== "unknown")) {
        Annotations.of(this).addWarningV2(`millrace:${limit}:${workflow}`, `${workflow}, ${verdict} a limit: ${text}`);
      }
    }
  }
}

function compile(root: string, workflows: readonly WorkflowDefinition[]): readonly CompiledWorkflow[] {
  const problems = catalogueProblems(workflows, []).map((problem) => `${problem}.`);
  const compiled = compileCatalogue({ root, workflows: workflows.map(sourceOf) });
  problems.push(...compiled.diagnostics.map(formatDiagnostic));
  problems.push(...limitDeadlocks(workflows, compiled.workflows).map((problem) => `${problem}.`));
  problems.push(...budgetFindings(workflows, compiled.workflows).map((problem) => `${problem}.`));
  if (problems.length > 0) throw new MillraceError(ErrorName.INVALID_DEFINITION, problems.join("\n\n"));
  return compiled.workflows;
}
