import { createHash } from "node:crypto";
import { ErrorName, isMillraceError, MillraceError } from "../model/errors.ts";
import { byteLength, canonicalJson, type JsonObject } from "../model/json.ts";
import { idempotentRunId } from "../model/run-id.ts";
import { renderRunName } from "../model/run-name.ts";
import { isEnded, type RunState } from "../model/run.ts";
import { tagProblem } from "../model/tags.ts";
import {
  PAYLOAD_LIMIT_BYTES,
  RESERVED_KEY,
  type ReservedInput,
  type Submitted,
  type SubmitRequest,
} from "../model/wire.ts";
import { checkParameters, staticTags, type WorkflowDefinition } from "../model/workflow.ts";
import { isNew } from "../store/condition.ts";
import type { Item } from "../store/items.ts";
import { runKey } from "./keys.ts";
import { endOf, notEnded } from "./run-end.ts";
import { runningAttributes, type NewRun } from "./run-record.ts";
import { writeAllEdges } from "./run-tags.ts";
import type { StartRequest, World } from "./world.ts";

/**
 * Admits a run and starts its machine. The record is put first and once, already `running`; its put is also the
 * idempotency check. Whatever crashes after it, the same request with the same key goes on from there.
 * @throws MillraceError `InvalidParameters`, `InvalidRequest`, `Conflict`
 */
export async function submit(world: World, definition: WorkflowDefinition, request: SubmitRequest): Promise<Submitted> {
  const parameters = checkParameters(definition, request.parameters);
  checkRequest(request);
  const { workflow, idempotencyKey } = request;
  const id = idempotencyKey === undefined ? world.newId() : idempotentRunId(workflow, idempotencyKey);
  const execution = world.executionOf(workflow, id);
  const run: NewRun = {
    id,
    workflow,
    execution,
    name: definition.runName === undefined ? workflow : renderRunName(definition.runName, parameters),
    parameters: request.parameters,
    context: request.context ?? {},
    tags: [...staticTags(definition), ...(request.tags ?? [])],
    createdAt: world.now(),
    inputHash: hashOf(request.parameters),
    ...(request.parent === undefined ? {} : { parent: request.parent }),
  };
  const record = { ...runKey(id), ...runningAttributes(run), tags: new Set(run.tags) };
  const written = await world.items.put(record, { when: isNew });
  const standing = written.ok ? undefined : written.item;
  if (standing !== undefined) checkSame(standing, run, idempotencyKey);
  if (standing === undefined || !isEnded(standing["state"] as RunState)) {
    await writeAllEdges(world.items, standing ?? record);
    await startOrEnd(world, { workflow, run: id, execution, input: executionInput(request) });
  }
  return { id, execution, existing: standing !== undefined };
}

/** A machine that is not there will not come by itself: the run ends at once instead of staying open for good. */
async function startOrEnd(world: World, start: StartRequest): Promise<void> {
  try {
    await world.machines.start(start);
  } catch (error) {
    if (!isMillraceError(error, ErrorName.WORKFLOW_NOT_FOUND)) throw error;
    const { execution, input } = start;
    const failed = { status: "FAILED", error: error.name, cause: error.message, startedAt: world.now() } as const;
    await world.items.update(runKey(start.run), endOf({ execution, input, ...failed }), { when: notEnded });
    throw error;
  }
}

/** Parameters as written, and what the run carries under the reserved key where there is any of it. */
export function executionInput(request: SubmitRequest): JsonObject {
  const { context, parent, tags } = request;
  const reserved: ReservedInput = {
    ...(context === undefined || Object.keys(context).length === 0 ? {} : { context }),
    ...(parent === undefined ? {} : { parent }),
    ...(tags === undefined || tags.length === 0 ? {} : { tags }),
  };
  if (Object.keys(reserved).length === 0) return request.parameters;
  return { ...request.parameters, [RESERVED_KEY]: reserved as JsonObject };
}

export function hashOf(parameters: JsonObject): string {
  return createHash("sha256").update(canonicalJson(parameters)).digest("hex");
}

function checkRequest(request: SubmitRequest): void {
  if (RESERVED_KEY in request.parameters) {
    throw new MillraceError(
      ErrorName.INVALID_PARAMETERS,
      `The parameter name "${RESERVED_KEY}" is reserved. Give context and tags as options of submit.`,
    );
  }
  const size = byteLength(executionInput(request));
  if (size > PAYLOAD_LIMIT_BYTES) {
    throw new MillraceError(
      ErrorName.INVALID_PARAMETERS,
      `The parameters have ${size} bytes; Step Functions takes ${PAYLOAD_LIMIT_BYTES}. Put the data into the blob store and pass its key.`,
    );
  }
  const problem = (request.tags ?? []).map(tagProblem).find((found) => found !== undefined);
  if (problem !== undefined)
    throw new MillraceError(ErrorName.INVALID_REQUEST, `The run was not submitted: ${problem}.`);
  const key = request.idempotencyKey;
  if (key !== undefined && (key.length === 0 || key.length > 1024)) {
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `An idempotency key has 1 to 1024 characters, this one ${key.length}.`,
    );
  }
}

function checkSame(standing: Item, run: NewRun, key: string | undefined): void {
  if (standing["inputHash"] === run.inputHash) return;
  throw new MillraceError(
    ErrorName.CONFLICT,
    `Idempotency key ${JSON.stringify(key)} of workflow "${run.workflow}" belongs to run ${run.id} with other parameters. Use another key, or the same parameters.`,
  );
}
