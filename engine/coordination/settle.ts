import { ErrorName } from "../model/errors.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { readReserved } from "../model/reserved-input.ts";
import { runIdOf } from "../model/run-id.ts";
import { renderRunName } from "../model/run-name.ts";
import { parametersOf, RESERVED_KEY, workflowOf, type ReservedInput } from "../model/wire.ts";
import { parse } from "../model/schema.ts";
import { refusedParameters, staticTags, type WorkflowDefinition } from "../model/workflow.ts";
import { absent, and, exists } from "../store/condition.ts";
import { runKey } from "./keys.ts";
import { endOf, notEnded } from "./run-end.ts";
import { runningAttributes, type NewRun } from "./run-record.ts";
import { writeAllEdges } from "./run-tags.ts";
import { hashOf } from "./submit.ts";
import type { StatusEvent, World } from "./world.ts";

export type FindWorkflow = (name: string) => WorkflowDefinition | undefined;

/**
 * What one status event of an execution makes of its run. Every write is conditional on the rank of the state that
 * stands, so a lost, doubled, late or early event changes nothing that it should not.
 */
export async function settle(world: World, find: FindWorkflow, event: StatusEvent): Promise<void> {
  if (event.status === "RUNNING") return adopt(world, find, event);
  const id = runIdOf(event.execution);
  const end = endOf(event);
  const written = await world.items.update(runKey(id), end, { when: and(exists("createdAt"), notEnded) });
  if (written.ok || written.item?.["createdAt"] !== undefined) return;
  await adopt(world, find, event); // the event of its start was lost, or comes after this one
  await world.items.update(runKey(id), end, { when: notEnded });
}

/**
 * Makes the record of a run that nobody submitted; a submitted run has one already, and nothing happens. The record is
 * marked as adopted, so that the event, delivered again after a crash, completes what is missing.
 */
async function adopt(world: World, find: FindWorkflow, event: StatusEvent): Promise<void> {
  const key = runKey(runIdOf(event.execution));
  const known = await world.items.get(key, { consistent: true });
  if (known?.["createdAt"] !== undefined && known["adopted"] !== true) return;
  const definition = find(workflowOf(event.execution));
  const { input = {} } = event;
  const parameters = parametersOf(input);
  const reserved = readReserved(input[RESERVED_KEY]);
  const checked = definition === undefined ? undefined : parse(definition.parameters, parameters);
  const shown = checked?.ok === true ? (checked.value as Json) : parameters;
  const run = adoptedRun(event, definition, parameters, reserved.ok ? reserved.value : {}, shown);
  const tags = run.tags.length === 0 ? {} : { add: { tags: new Set(run.tags) } };
  const set = { ...runningAttributes(run), adopted: true };
  const { item } = await world.items.update(key, { set, ...tags }, { when: absent("createdAt") });
  if (item?.["adopted"] !== true) return;
  await writeAllEdges(world.items, item);
  const problem = [reserved, checked].find((outcome) => outcome?.ok === false);
  if (problem?.ok !== false || event.status !== "RUNNING") return;
  const cause = refusedParameters(run.workflow, problem.problem, input);
  await world.machines.stop(event.execution, { name: ErrorName.INVALID_PARAMETERS, cause });
}

function adoptedRun(
  event: StatusEvent,
  definition: WorkflowDefinition | undefined,
  parameters: JsonObject,
  reserved: ReservedInput,
  shown: Json,
): NewRun {
  const workflow = workflowOf(event.execution);
  return {
    id: runIdOf(event.execution),
    workflow,
    execution: event.execution,
    name: definition?.runName === undefined ? workflow : renderRunName(definition.runName, shown),
    parameters,
    context: reserved.context ?? {},
    tags: [...(definition === undefined ? [] : staticTags(definition)), ...(reserved.tags ?? [])],
    createdAt: event.startedAt,
    inputHash: hashOf(parameters),
    ...(reserved.parent === undefined ? {} : { parent: reserved.parent }),
  };
}
