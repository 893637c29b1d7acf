import { readFile } from "node:fs/promises";
import { compileCatalogue } from "../../compiler/compile.ts";
import { planCatalogue } from "../../compiler/plan-catalogue.ts";
import { formatDiagnostic } from "../../model/compiled.ts";
import { ErrorName, MillraceError } from "../../model/errors.ts";
import { CataloguePlan } from "../../model/plan.ts";
import { parseRate } from "../../model/rate.ts";
import { parse } from "../../model/schema.ts";
import { sourceOf } from "../../model/workflow.ts";
import { loadCatalogue } from "../../runtime/load.ts";
import type { Output } from "../output.ts";
import { planMarkdown } from "../plan-markdown.ts";
import { planText } from "../plan-text.ts";
import { findWorkflow, ROOT } from "../session.ts";

export interface PlanOptions {
  /** `1000/day`: of the workflows without a cron. */
  readonly rate?: string;
  readonly markdown?: true;
  /** A file that `--json` wrote. */
  readonly against?: string;
}

/**
 * `millrace plan [workflow]`: answers `CataloguePlan` of engine/model/plan.ts.
 * @throws MillraceError `WorkflowNotFound`; `InvalidDefinition` with every diagnostic; `InvalidRequest`
 */
export async function plan(output: Output, workflow: string | undefined, options: PlanOptions): Promise<void> {
  const rate = options.rate === undefined ? undefined : parseRate(options.rate);
  const before = options.against === undefined ? undefined : await readPlan(options.against);
  if (workflow !== undefined) await findWorkflow(workflow);
  const workflows = await loadCatalogue(ROOT);
  const { workflows: compiled, diagnostics } = compileCatalogue({ root: ROOT, workflows: workflows.map(sourceOf) });
  if (diagnostics.length > 0) {
    throw new MillraceError(ErrorName.INVALID_DEFINITION, diagnostics.map(formatDiagnostic).join("\n\n"));
  }
  const { roleActions } = await import("../../../infra/role-actions.ts");
  const request = { workflows, compiled, actionsOf: roleActions, ...(rate === undefined ? {} : { rate }) };
  const whole = planCatalogue(request);
  const shown = workflow === undefined ? whole.workflows : whole.workflows.filter((one) => one.workflow === workflow);
  const asked = { ...whole, workflows: shown };
  const withText = options.markdown === true ? planMarkdown : planText;
  output.result(asked, withText(asked, before));
}

async function readPlan(file: string): Promise<CataloguePlan> {
  let problem: string;
  try {
    const parsed = parse(CataloguePlan, JSON.parse(await readFile(file, "utf8")));
    if (parsed.ok) return parsed.value;
    problem = parsed.problem;
  } catch (error) {
    problem = (error as Error).message;
  }
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `${file} is no plan: ${problem}. Give a file that \`millrace plan --json\` wrote.`,
  );
}
