import type { CompiledWorkflow } from "../model/compiled.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { loadCatalogue } from "../runtime/load.ts";
import { compiledWorkflows, type CompilerProcess } from "./compile.ts";
import type { Database } from "./sqlite/database.ts";

/** The catalogue of a project, loaded and compiled. */
export interface Catalogue {
  readonly workflows: readonly WorkflowDefinition[];
  readonly find: (name: string) => WorkflowDefinition | undefined;
  /** @throws MillraceError `WorkflowNotFound` */
  readonly compiled: (name: string) => CompiledWorkflow;
}

/**
 * @param generation Of the modules, which are loaded anew for each.
 * @param compiler The process that compiles; one of its own where it is left out.
 * @throws MillraceError `InvalidDefinition`
 */
export async function openCatalogue(
  database: Database,
  root: string,
  generation = 0,
  compiler?: CompilerProcess,
): Promise<Catalogue> {
  const [workflows, compiled] = await Promise.all([
    loadCatalogue(root, generation),
    compiledWorkflows(database, root, compiler),
  ]);
  const definitions = new Map(workflows.map((workflow) => [workflow.name, workflow]));
  const machines = new Map(compiled.map((workflow) => [workflow.name, workflow]));
  return {
    workflows,
    find: (name) => definitions.get(name),
    compiled: (name) => {
      const found = machines.get(name);
      if (found !== undefined) return found;
      throw new MillraceError(
        ErrorName.WORKFLOW_NOT_FOUND,
        `The catalogue of ${root} has no workflow "${name}"; it has ${[...machines.keys()].join(", ") || "none"}. Add it to catalogue/index.ts.`,
      );
    },
  };
}
