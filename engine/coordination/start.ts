import { ErrorName, isMillraceError } from "../model/errors.ts";
import type { JsonObject } from "../model/json.ts";
import { RESERVED_KEY, type ReservedInput, type RunContext } from "../model/wire.ts";
import type { Item, Key } from "../store/items.ts";
import { inputKey, runKey, runOf } from "./keys.ts";
import { endRun } from "./end-run.ts";
import type { World } from "./world.ts";

/**
 * Starts the machine of a recorded run; nothing happens where it was started before. A machine that is not there will not
 * come by itself: the run ends as failed, and the answer is false.
 */
export async function startRun(world: World, id: string, seen?: Item): Promise<boolean> {
  const record = seen ?? (await world.items.get(runKey(id), { consistent: true }));
  if (record === undefined || record["adopted"] === true) return true;
  const { workflow, execution, limit, cancelRequestedAt } = record as unknown as Startable;
  const cancelled = { name: ErrorName.RUN_CANCELLED, cause: "It was cancelled before it started." };
  const endedAt = world.now();
  // One that holds a slot is started and stopped, so that the slot is not freed before its machine has ended for certain.
  if (
    cancelRequestedAt !== undefined &&
    limit === undefined &&
    (await world.machines.describe(execution)) === undefined
  ) {
    const error = { name: cancelled.name, message: cancelled.cause };
    await endRun(world, { id, workflow }, { state: "cancelled", endedAt, error });
    return false;
  }
  const parameters = await parametersOf(world, record);
  if (parameters === undefined) {
    const message = "Its submitter was killed before the run started. Submit it again.";
    await endRun(
      world,
      { id, workflow },
      { state: "cancelled", endedAt, error: { name: ErrorName.RUN_CANCELLED, message } },
    );
    return false;
  }
  try {
    await world.machines.start({ workflow, run: id, execution, input: executionInput(parameters, record) });
    if (cancelRequestedAt !== undefined) await world.machines.stop(execution, cancelled);
    return true;
  } catch (error) {
    if (!isMillraceError(error, ErrorName.WORKFLOW_NOT_FOUND)) throw error;
    await endRun(
      world,
      { id, workflow },
      { state: "failed", endedAt, error: { name: error.name, message: error.message } },
    );
    return false;
  }
}

interface Startable {
  readonly workflow: string;
  readonly execution: string;
  readonly limit?: string;
  readonly cancelRequestedAt?: number;
}

type Recorded = Key & { readonly parameters?: unknown };

/** As submitted; nothing where they were too large for a record that did not wait, and are gone with the submitter. */
export async function parametersOf(world: World, record: Recorded): Promise<JsonObject | undefined> {
  const known = record.parameters ?? (await world.items.get(inputKey(runOf(record))))?.["parameters"];
  return known as JsonObject | undefined;
}

/** Parameters as written, and what the run carries under the reserved key where there is any of it. */
export function executionInput(
  parameters: JsonObject,
  carried: { readonly [attribute: string]: unknown; readonly context?: unknown; readonly parent?: unknown },
): JsonObject {
  const { context = {}, parent } = carried as { readonly context?: RunContext; readonly parent?: string };
  const reserved: ReservedInput = {
    ...(Object.keys(context).length === 0 ? {} : { context }),
    ...(parent === undefined ? {} : { parent }),
  };
  if (Object.keys(reserved).length === 0) return parameters;
  return { ...parameters, [RESERVED_KEY]: reserved as JsonObject };
}
