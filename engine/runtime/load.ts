import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { catalogueProblems } from "../model/catalogue.ts";
import type { TaskReference } from "../model/compiled.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { moduleUrl } from "./module-generations.ts";
import { isTask, type Task } from "./task.ts";

/** The only dynamic import: what synth resolved to (file, export) is loaded here. */

/** @param generation Of the project's modules. @throws MillraceError `TaskNotFound` */
export async function loadTask(root: string, reference: TaskReference, generation = 0): Promise<Task> {
  const loaded = await load(root, reference.file, generation);
  const found = loaded[reference.export];
  if (isTask(found)) return found;
  throw new MillraceError(
    ErrorName.TASK_NOT_FOUND,
    `${reference.file} has no task "${reference.export}". Declare it there with task(…) and export it.`,
  );
}

/**
 * The workflows that `catalogue/index.ts` lists.
 * @param generation Of the project's modules.
 * @throws MillraceError `InvalidDefinition` where a workflow is exported and not listed, or a name stands twice
 */
export async function loadCatalogue(root: string, generation = 0): Promise<readonly WorkflowDefinition[]> {
  const folder = "catalogue";
  const { WORKFLOWS: workflows } = await load(root, join(folder, "index.ts"), generation);
  if (!Array.isArray(workflows)) {
    throw new MillraceError(
      ErrorName.INVALID_DEFINITION,
      "catalogue/index.ts must export the list WORKFLOWS: `export const WORKFLOWS = [MY_WORKFLOW, …];`.",
    );
  }
  const files = (await readdir(join(root, folder)))
    .filter((file) => file.endsWith(".ts") && basename(file) !== "index.ts")
    .sort();
  const modules = await Promise.all(
    files.map(async (file) => [`catalogue/${file}`, await load(root, join(folder, file), generation)] as const),
  );
  const problems = catalogueProblems(workflows as WorkflowDefinition[], modules);
  if (problems.length > 0) throw new MillraceError(ErrorName.INVALID_DEFINITION, `${problems.join(".\n")}.`);
  return workflows as WorkflowDefinition[];
}

async function load(root: string, file: string, generation: number): Promise<{ readonly [name: string]: unknown }> {
  return (await import(moduleUrl(root, file, generation))) as { readonly [name: string]: unknown };
}
