import { relative, resolve, sep } from "node:path";
import { compileCatalogue, compileFlow } from "../../compiler/compile.ts";
import { budgetFindings } from "../../compiler/plan-catalogue.ts";
import { sweepProblems } from "../../model/catalogue.ts";
import { formatDiagnostic, type Diagnostic } from "../../model/compiled.ts";
import { limitDeadlocks } from "../../model/deadlock.ts";
import { ErrorName, MillraceError } from "../../model/errors.ts";
import { sourceOf } from "../../model/workflow.ts";
import { loadCatalogue } from "../../runtime/load.ts";
import type { Output } from "../output.ts";
import { ROOT } from "../session.ts";

/**
 * `millrace compile <file>#<function>`: prints the state machine; with `--json` `{ machine, sourceMap, tasks, plan }`.
 * @throws MillraceError `InvalidDefinition` with every diagnostic
 */
export async function compile(output: Output, flow: string): Promise<void> {
  const [file = "", name = ""] = flow.split("#");
  if (file === "" || name === "") {
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `${JSON.stringify(flow)} does not name a flow. Give <file>#<function>, such as functions/git/flows.ts#addRepository.`,
    );
  }
  const path = relative(ROOT, resolve(file)).split(sep).join("/");
  const { workflows, diagnostics } = compileFlow(ROOT, path, name);
  refuse(diagnostics);
  for (const { machine, sourceMap, tasks, plan } of workflows) {
    output.result({ machine, sourceMap, tasks, plan }, JSON.stringify(machine, undefined, 2));
  }
}

/**
 * `millrace check`: compiles the whole catalogue and answers `{ workflows: [{ name, plan }], diagnostics, problems }`.
 * @throws MillraceError `InvalidDefinition`
 */
export async function check(output: Output): Promise<void> {
  const definitions = await loadCatalogue(ROOT);
  const { workflows, diagnostics } = compileCatalogue({ root: ROOT, workflows: definitions.map(sourceOf) });
  const problems = [
    ...sweepProblems(definitions),
    ...limitDeadlocks(definitions, workflows),
    ...budgetFindings(definitions, workflows),
  ];
  const plans = workflows.map(({ name, plan }) => ({ name, plan }));
  const wrong = diagnostics.length + problems.length > 0;
  output.result({ workflows: plans, diagnostics, problems }, wrong ? "" : `${plans.length} workflows compile.`);
  refuse(diagnostics, problems);
}

function refuse(diagnostics: readonly Diagnostic[], problems: readonly string[] = []): void {
  const all = [...diagnostics.map(formatDiagnostic), ...problems.map((problem) => `${problem}.`)];
  if (all.length > 0) throw new MillraceError(ErrorName.INVALID_DEFINITION, all.join("\n\n"));
}
