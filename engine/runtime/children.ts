import type { JsonObject } from "../model/json.ts";
import { overTheWire } from "../model/json.ts";
import type { Priority } from "../model/limit.ts";
import type { WorkflowInfo } from "../model/run.ts";
import type { Input, Output, Schema } from "../model/schema.ts";
import { checkParameters, type WorkflowDefinition } from "../model/workflow.ts";
import { ask, type Child, checkTags } from "./scope.ts";

/** What a child run is started with. The context of the run that starts it is its own. */
export interface ChildOptions<P extends Schema> {
  readonly parameters: Input<P>;
  /** Beside the workflow's own; a child does not have its parent's. */
  readonly tags?: readonly string[];
  /** The parent's where it is left out. */
  readonly priority?: Priority;
}

/**
 * Starts a run of a workflow from a flow or a task, and waits for its result. It stops with the run that waits for it.
 * @throws an error with the name and message of the one that ended the child; MillraceError `InvalidParameters`
 */
export function executeWorkflow<P extends Schema, R extends Schema>(
  workflow: WorkflowDefinition<P, R>,
  options: ChildOptions<P>,
): Promise<Output<R>> {
  return ask("executeWorkflow", (scope) => scope.executeWorkflow(childOf(workflow, options)) as Promise<Output<R>>);
}

/** Starts a run of a workflow from a flow or a task; it goes on by itself. @throws MillraceError `InvalidParameters` */
export function submitWorkflow<P extends Schema, R extends Schema>(
  workflow: WorkflowDefinition<P, R>,
  options: ChildOptions<P>,
): Promise<WorkflowInfo> {
  return ask("submitWorkflow", (scope) => scope.submitWorkflow(childOf(workflow, options)));
}

function childOf<P extends Schema, R extends Schema>(
  workflow: WorkflowDefinition<P, R>,
  { parameters, tags, priority }: ChildOptions<P>,
): Child {
  const given = overTheWire(parameters) as JsonObject;
  checkParameters(workflow, given);
  checkTags(tags ?? []);
  return {
    workflow,
    parameters: given,
    ...(tags === undefined ? {} : { tags }),
    ...(priority === undefined ? {} : { priority }),
  };
}
