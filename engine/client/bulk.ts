import { checkRequest } from "../coordination/submit.ts";
import { ErrorName, isMillraceError, MillraceError, toError } from "../model/errors.ts";
import { canonicalJson } from "../model/json.ts";
import type { WorkflowInfo } from "../model/run.ts";
import type { Schema } from "../model/schema.ts";
import type { SubmitRequest } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { SubmitOptions } from "./connect.ts";
import type { Platform } from "./platform.ts";
import { requestOf } from "./request.ts";

export type SubmitOutcome = WorkflowInfo | { readonly error: Error };

const MAX_LENGTH = 1_000;
/** Requests under way at a time; on AWS each is an invocation of the submit function. */
const PARALLEL = 20;

/**
 * Submits up to 1,000 runs of one workflow and answers with the outcome of each, in order. All are checked before
 * anything is written. Entries with the same idempotency key are one run.
 * @throws MillraceError `InvalidRequest`, `InvalidParameters`, `Conflict`, which names the first entry that is wrong
 */
export async function submitBulk<P extends Schema>(
  platform: Platform,
  workflow: WorkflowDefinition<P>,
  list: readonly SubmitOptions<P>[],
): Promise<SubmitOutcome[]> {
  const requests = checkAll(workflow, list, platform.now());
  const byKey = new Map<string, Promise<SubmitOutcome>>();
  const submit = (request: SubmitRequest): Promise<SubmitOutcome> =>
    platform.submit(workflow, request).then(
      ({ id }) => ({ id }),
      (thrown: unknown) => ({ error: toError(thrown) }),
    );
  const submitOnce = (request: SubmitRequest): Promise<SubmitOutcome> => {
    const { idempotencyKey: key } = request;
    const submitted = (key === undefined ? undefined : byKey.get(key)) ?? submit(request);
    if (key !== undefined) byKey.set(key, submitted);
    return submitted;
  };
  const outcomes: SubmitOutcome[] = [];
  const open = requests.entries();
  const work = async (): Promise<void> => {
    for (const [index, request] of open) outcomes[index] = await submitOnce(request);
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return outcomes;
}

function checkAll<P extends Schema>(
  workflow: WorkflowDefinition<P>,
  list: readonly SubmitOptions<P>[],
  now: number,
): SubmitRequest[] {
  if (list.length > MAX_LENGTH) {
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `Nothing was submitted: the list has ${list.length} entries, allowed are ${MAX_LENGTH}. Submit it in parts.`,
    );
  }
  const parametersOfKey = new Map<string, string>();
  return list.map((options, index) => {
    try {
      const request = requestOf(workflow, options);
      checkRequest(request, now);
      checkKey(request, parametersOfKey);
      return request;
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      throw new MillraceError(error.name, `Nothing was submitted, because of entry ${index}: ${error.message}`);
    }
  });
}

function checkKey({ idempotencyKey: key, parameters }: SubmitRequest, parametersOfKey: Map<string, string>): void {
  if (key === undefined) return;
  const text = canonicalJson(parameters);
  if ((parametersOfKey.get(key) ?? text) !== text) {
    throw new MillraceError(
      ErrorName.CONFLICT,
      `An entry before it has the idempotency key ${JSON.stringify(key)} with other parameters. Use another key, or the same parameters.`,
    );
  }
  parametersOfKey.set(key, text);
}
