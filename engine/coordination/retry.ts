import { ErrorName, MillraceError } from "../model/errors.ts";
import type { JsonObject } from "../model/json.ts";
import { isEnded, type Run } from "../model/run.ts";
import { parametersOf, type Submitted } from "../model/wire.ts";
import { staticTags } from "../model/workflow.ts";
import { runKey } from "./keys.ts";
import { getRun } from "./run-record.ts";
import { parametersOf as inputOf } from "./start.ts";
import { submit } from "./submit.ts";
import { findWorkflow, type World } from "./world.ts";

/** Those above 32 KiB stand beside a run that waited, or with the execution of one that ran. */
async function recordedParameters(world: World, { id, execution, parameters }: Run): Promise<JsonObject | undefined> {
  if (parameters !== undefined) return parameters;
  const input = (await world.machines.describe(execution))?.input;
  return input === undefined ? inputOf(world, runKey(id)) : parametersOf(input);
}

/**
 * A new run with the parameters, tags and context of one that has ended, linked to it.
 * @throws MillraceError `RunNotFound`, `WorkflowNotFound`, `Conflict` where it has not ended
 */
export async function retryRun(world: World, id: string, idempotencyKey?: string): Promise<Submitted> {
  const run = await getRun(world.items, id);
  if (run === undefined) {
    throw new MillraceError(ErrorName.RUN_NOT_FOUND, `There is no run "${id}" to retry. \`millrace runs\` lists them.`);
  }
  if (!isEnded(run.state)) {
    throw new MillraceError(
      ErrorName.CONFLICT,
      `Run ${id} is ${run.state} and has not ended. Wait for it, or cancel it first: \`millrace cancel ${id}\`.`,
    );
  }
  const definition = findWorkflow(world, run.workflow);
  if (definition === undefined) {
    throw new MillraceError(
      ErrorName.WORKFLOW_NOT_FOUND,
      `The catalogue has no workflow "${run.workflow}" any longer.`,
    );
  }
  const parameters = await recordedParameters(world, run);
  if (parameters === undefined) {
    throw new MillraceError(
      ErrorName.CONFLICT,
      `The parameters of run ${id} were above 32 KiB, and its execution has gone with them. Submit it anew.`,
    );
  }
  const own = new Set(staticTags(definition));
  const tags = run.tags.filter((tag) => !own.has(tag));
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  const request = { workflow: run.workflow, parameters, tags, context: run.context, ...key };
  return submit(world, definition, request, { retryOf: id });
}
