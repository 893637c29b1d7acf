import { ErrorName } from "../model/errors.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { limitOf } from "../model/limit.ts";
import { readReserved } from "../model/reserved-input.ts";
import { runIdOf } from "../model/run-id.ts";
import { renderRunName } from "../model/run-name.ts";
import { isEnded, RunState } from "../model/run.ts";
import { parse } from "../model/schema.ts";
import { parametersOf, RESERVED_KEY, workflowOf, type ReservedInput } from "../model/wire.ts";
import { refusedParameters, staticTags, type WorkflowDefinition } from "../model/workflow.ts";
import { absent } from "../store/condition.ts";
import type { Item } from "../store/items.ts";
import { limitReached } from "./admission.ts";
import { linkToParent } from "./children.ts";
import { runKey } from "./keys.ts";
import { enterLimit } from "./limits.ts";
import { edgeLife } from "./run-edges.ts";
import { newAttributes, type NewRun } from "./run-record.ts";
import { writeAllEdges } from "./run-tags.ts";
import { follows, hashOf } from "./submit.ts";
import { findWorkflow, type StatusEvent, type World } from "./world.ts";

/**
 * Makes the record of a run that nobody submitted; a submitted run has one already, and nothing happens. Where its
 * parameters are refused it is stopped; under a limit it takes a free slot that nobody waits for, or is stopped. The record
 * is marked as adopted, so that the event, delivered again after a crash, completes what is missing.
 */
export async function adopt(world: World, event: StatusEvent): Promise<void> {
  const key = runKey(runIdOf(event.execution));
  const known = await world.items.get(key, { consistent: true });
  if (known?.["createdAt"] !== undefined && known["adopted"] !== true) return stopCancelled(world, event, known);
  const definition = findWorkflow(world, workflowOf(event.execution));
  const { input = {} } = event;
  const parameters = parametersOf(input);
  const reserved = readReserved(input[RESERVED_KEY]);
  const checked = definition === undefined ? undefined : parse(definition.parameters, parameters);
  const shown = checked?.ok === true ? (checked.value as JsonObject) : parameters;
  const run = adoptedRun(event, definition, parameters, reserved.ok ? reserved.value : {}, shown);
  const tags = run.tags.length === 0 ? {} : { add: { tags: new Set(run.tags) } };
  const set = { ...newAttributes(run), ...follows(definition, run), startedAt: event.startedAt, adopted: true };
  const { item } = await world.items.update(key, { set, ...tags }, { when: absent("createdAt") });
  if (item?.["adopted"] !== true) return;
  await writeAllEdges(world.items, item);
  await linkToParent(world, item);
  if (event.status !== "RUNNING" || isEnded(item["state"] as RunState)) return stopCancelled(world, event, item);
  const problem = [reserved, checked].find((outcome) => outcome?.ok === false);
  if (problem?.ok === false) {
    const cause = refusedParameters(run.workflow, problem.problem, input);
    await world.machines.stop(event.execution, { name: ErrorName.INVALID_PARAMETERS, cause });
  } else if (run.limit !== undefined) await takeSlot(world, item, run.limit);
}

/** It was cancelled between its record and its start, or between its start and its record. */
async function stopCancelled(world: World, { status, execution }: StatusEvent, record: Item): Promise<void> {
  const cancelled = record["cancelRequestedAt"] !== undefined || record["state"] === RunState.CANCELLED;
  if (status !== "RUNNING" || !cancelled) return;
  await world.machines.stop(execution, { name: ErrorName.RUN_CANCELLED, cause: "It was cancelled as it started." });
}

/** The gate is the same as for a submitted run: a slot, then the claim of a record that waits. */
async function takeSlot(world: World, record: Item, limit: string): Promise<void> {
  const result = await enterLimit(world, record, "CANCEL_NEW");
  if (result === "started") return;
  const { name, message } = await limitReached(world, limit);
  const cause = `${message} A run that is started through submit waits in line instead.`;
  await world.machines.stop(record["execution"] as string, { name, cause });
}

function adoptedRun(
  event: StatusEvent,
  definition: WorkflowDefinition | undefined,
  parameters: JsonObject,
  reserved: ReservedInput,
  shown: Json,
): NewRun {
  const workflow = workflowOf(event.execution);
  const limit = definition === undefined ? undefined : limitOf(definition, shown as JsonObject)?.name;
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
    edge: edgeLife(definition, event.startedAt),
    ...(reserved.parent === undefined ? {} : { parent: reserved.parent }),
    ...(limit === undefined ? {} : { limit }),
  };
}
