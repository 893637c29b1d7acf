import { createHash } from "node:crypto";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { byteLength, canonicalJson, type JsonObject } from "../model/json.ts";
import { limitOf, PRIORITY_DELAY_MS } from "../model/limit.ts";
import { idempotentRunId } from "../model/run-id.ts";
import { renderRunName } from "../model/run-name.ts";
import { isEnded, type RunState } from "../model/run.ts";
import { tagProblem } from "../model/tags.ts";
import { PAYLOAD_LIMIT_BYTES, RESERVED_KEY, type Submitted, type SubmitRequest } from "../model/wire.ts";
import { checkParameters, staticTags, type WorkflowDefinition } from "../model/workflow.ts";
import { isNew } from "../store/condition.ts";
import type { Item } from "../store/items.ts";
import { admit } from "./admission.ts";
import { linkToParent, stopIfOrphan } from "./children.ts";
import { inputKey, runKey } from "./keys.ts";
import { edgeLife } from "./run-edges.ts";
import { getRun, newAttributes, waits, type NewRun } from "./run-record.ts";
import { writeAllEdges } from "./run-tags.ts";
import { executionInput } from "./start.ts";
import type { World } from "./world.ts";

/** Where a submitted run comes from, beside what its request says. */
export interface Origin {
  /** Callback token of the parent's state, which waits for the end. */
  readonly token?: string;
  /** The attempt of that state, 1 for the first. */
  readonly attempt?: number;
  /** A schedule fired. */
  readonly scheduled?: true;
  readonly retryOf?: string;
}

/**
 * Records a run and admits it. The record is put first, which is also the idempotency check; whatever crashes after it,
 * the same request with the same key goes on from there, and so does the sweep.
 * @throws MillraceError `InvalidParameters`, `InvalidRequest`, `Conflict`, `WorkflowNotFound`
 */
export async function submit(
  world: World,
  definition: WorkflowDefinition,
  request: SubmitRequest,
  origin: Origin = {},
): Promise<Submitted> {
  const checked = checkParameters(definition, request.parameters);
  checkRequest(request, world.now());
  const run = newRun(world, definition, request, origin, checked);
  const { id, execution } = run;
  if (waits(run) && newAttributes(run)["parameters"] === undefined) {
    await world.items.put({ ...inputKey(id), parameters: run.parameters, ttl: run.edge.ttl });
  }
  const record = { ...runKey(id), ...newAttributes(run), ...follows(definition, run), tags: new Set(run.tags) };
  const written = await world.items.put(record, { when: isNew });
  const standing = written.ok ? undefined : written.item;
  if (standing !== undefined) checkSame(standing, run, request.idempotencyKey);
  if (standing === undefined || !isEnded(standing["state"] as RunState)) {
    const open = { ...(standing ?? record), parameters: run.parameters }; // a large one is not in the record
    await writeAllEdges(world.items, open);
    await linkToParent(world, open);
    const admitted = await admit(world, definition, open);
    await stopIfOrphan(world, open);
    if (!admitted) await checkDeployed(world, id);
  }
  return { id, execution, existing: standing !== undefined };
}

function newRun(
  world: World,
  definition: WorkflowDefinition,
  request: SubmitRequest,
  { token, attempt, scheduled, retryOf }: Origin,
  checked: JsonObject,
): NewRun {
  const { workflow, idempotencyKey, parent, executes, startAt, tags = [] } = request;
  const id = idempotencyKey === undefined ? world.newId() : idempotentRunId(workflow, idempotencyKey);
  const createdAt = world.now();
  const limit = limitOf(definition, checked)?.name;
  const priority = request.context?.priority ?? definition.priority;
  const { queueTimeoutSeconds } = definition;
  const later = startAt !== undefined && startAt > createdAt ? startAt : undefined;
  return {
    id,
    workflow,
    execution: world.executionOf(workflow, id),
    name: definition.runName === undefined ? workflow : renderRunName(definition.runName, checked),
    parameters: request.parameters,
    context: { ...request.context, ...(priority === undefined ? {} : { priority }) },
    tags: [...staticTags(definition), ...tags],
    createdAt,
    inputHash: hashOf(request.parameters),
    edge: edgeLife(definition, createdAt, later),
    ...(parent === undefined ? {} : { parent }),
    ...(executes === true ? { executed: true } : {}),
    ...(token === undefined ? {} : { token }),
    ...(attempt === undefined ? {} : { tokenAttempt: attempt }),
    ...(retryOf === undefined ? {} : { retryOf }),
    ...(limit === undefined ? {} : { limit }),
    ...(later === undefined ? {} : { startAt: later }),
    ...(limit !== undefined && later === undefined && joinsLine(world, definition, limit) ? { queued: true } : {}),
    ...(queueTimeoutSeconds === undefined ? {} : { expiresAt: (later ?? createdAt) + queueTimeoutSeconds * 1000 }),
    ...(scheduled === undefined || definition.unchanged === undefined ? {} : { deferred: true }),
  };
}

/** Where the limit was contended a moment ago the run stands in line at once, and saves two writes. */
function joinsLine(world: World, { concurrencyStrategy }: WorkflowDefinition, limit: string): boolean {
  return concurrencyStrategy !== "CANCEL_NEW" && world.contended.has(limit);
}

/** Marks a run whose end has consequences, however it ends. */
export function follows(
  { onFailure, onCancel }: Pick<WorkflowDefinition, "onFailure" | "onCancel"> = {},
  { token, deferred }: Pick<NewRun, "token" | "deferred">,
): { readonly follows?: true } {
  return [onFailure, onCancel, token, deferred].every((one) => one === undefined) ? {} : { follows: true };
}

/** A run that ended before it could start was cancelled by somebody, or its machine is not there. */
async function checkDeployed(world: World, id: string): Promise<void> {
  const run = await getRun(world.items, id);
  if (run?.state !== "failed" || run.error.name !== ErrorName.WORKFLOW_NOT_FOUND) return;
  throw new MillraceError(ErrorName.WORKFLOW_NOT_FOUND, run.error.message);
}

export function hashOf(parameters: JsonObject): string {
  return createHash("sha256").update(canonicalJson(parameters)).digest("hex");
}

/** How far ahead a run may be submitted. */
const YEAR_MS = 366 * 86_400_000;
const KEY_MAX_LENGTH = 1024;

/** What is wrong with a request whatever the workflow. @throws MillraceError `InvalidParameters`, `InvalidRequest` */
export function checkRequest(request: SubmitRequest, now: number): void {
  const { parameters, startAt = now, idempotencyKey: key, tags = [], context: { priority = "medium" } = {} } = request;
  if (RESERVED_KEY in parameters) {
    throw new MillraceError(
      ErrorName.INVALID_PARAMETERS,
      `The parameter name "${RESERVED_KEY}" is reserved. Give context and tags as options of submit.`,
    );
  }
  const size = byteLength(executionInput(parameters, { ...request }));
  if (size > PAYLOAD_LIMIT_BYTES) {
    throw new MillraceError(
      ErrorName.INVALID_PARAMETERS,
      `The parameters have ${size} bytes; Step Functions takes ${PAYLOAD_LIMIT_BYTES}. Put the data into the blob store and pass its key.`,
    );
  }
  const problem = [
    tags.map(tagProblem).find((found) => found !== undefined),
    key === undefined || (key.length > 0 && key.length <= KEY_MAX_LENGTH)
      ? undefined
      : `an idempotency key has 1 to ${KEY_MAX_LENGTH} characters, this one ${key.length}`,
    Number.isFinite(startAt) && startAt <= now + YEAR_MS
      ? undefined
      : `startAt is ${startAt}, allowed are times in milliseconds since the epoch within a year from now`,
    Object.hasOwn(PRIORITY_DELAY_MS, priority)
      ? undefined
      : `the priority is ${JSON.stringify(priority)}, allowed are ${Object.keys(PRIORITY_DELAY_MS).join(", ")}`,
  ].find((found) => found !== undefined);
  if (problem !== undefined) {
    throw new MillraceError(ErrorName.INVALID_REQUEST, `The run was not submitted: ${problem}.`);
  }
}

function checkSame(standing: Item, run: NewRun, key: string | undefined): void {
  if (standing["inputHash"] === run.inputHash) return;
  throw new MillraceError(
    ErrorName.CONFLICT,
    `Idempotency key ${JSON.stringify(key)} of workflow "${run.workflow}" belongs to run ${run.id} with other parameters. Use another key, or the same parameters.`,
  );
}
