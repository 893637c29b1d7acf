import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { catalogueProblems } from "../model/catalogue.ts";
import type { TaskReference } from "../model/compiled.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { isTask, type Task } from "./task.ts";

/** The only dynamic import: what synth resolved to (file, export) is loaded here. */

/** @throws MillraceError `TaskNotFound` */
export async function loadTask(root: string, reference: TaskReference): Promise<Task> {
  const loaded = await load(join(root, reference.file));
  const found = loaded[reference.export];
  if (isTask(found)) return found;
  throw new MillraceError(
    ErrorName.TASK_NOT_FOUND,
    `${reference.file} has no task "${reference.export}". Declare it there with task(…) and export it.`,
  );
}

/**
 * The workflows that `catalogue/index.ts` lists.
 * @throws MillraceError `InvalidDefinition` where a workflow is exported and not listed, or a name stands twice
 */
export async function loadCatalogue(root: string): Promise<readonly WorkflowDefinition[]> {
  const folder = join(root, "catalogue");
  const { WORKFLOWS: workflows } = await load(join(folder, "index.ts"));
  if (!Array.isArray(workflows)) {
    throw new MillraceError(
      ErrorName.INVALID_DEFINITION,
      "catalogue/index.ts must export the list WORKFLOWS: `export const WORKFLOWS = [MY_WORKFLOW, …];`.",
    );
  }
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts") && basename(file) !== "index.ts").sort();
  const modules = await Promise.all(
    files.map(async (file) => [`catalogue/${file}`, await load(join(folder, file))] as const),
  );
  const problems = catalogueProblems(workflows as WorkflowDefinition[], modules);
  if (problems.length > 0) throw new MillraceError(ErrorName.INVALID_DEFINITION, `${problems.join(".\n")}.`);
  return workflows as WorkflowDefinition[];
}

async function load(file: string): Promise<{ readonly [name: string]: unknown }> {
  return (await import(pathToFileURL(file).href)) as { readonly [name: string]: unknown };
}
