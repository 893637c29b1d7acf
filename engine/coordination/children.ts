import { ErrorName, MillraceError, type RunError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import { runIdOf } from "../model/run-id.ts";
import { isEnded, type RunState } from "../model/run.ts";
import { childKey, type ChildSubmit, type Submitted } from "../model/wire.ts";
import { and, compare } from "../store/condition.ts";
import { everyItem } from "../store/every-item.ts";
import type { Item } from "../store/items.ts";
import { attemptEach } from "./attempts.ts";
import { cancel } from "./cancel.ts";
import { CHILD, childKeyOf, idAt, runKey, runOf } from "./keys.ts";
import { notEnded, type RunEnd } from "./run-end.ts";
import { lifeOf } from "./run-edges.ts";
import { submit } from "./submit.ts";
import { findWorkflow, type Answer, type World } from "./world.ts";

/**
 * Submits the child of a state. The state may be retried after a lost response: it finds the same child, and a waiting one
 * brings the token under which it waits now. @throws as `submit`; MillraceError `WorkflowNotFound`
 */
export async function submitChild(world: World, child: ChildSubmit): Promise<Submitted> {
  const { workflow, parameters, tags, context, token, attempt } = child;
  const definition = findWorkflow(world, workflow);
  if (definition === undefined) {
    throw new MillraceError(
      ErrorName.WORKFLOW_NOT_FOUND,
      `${child.at} starts the workflow "${workflow}", which the catalogue does not have. Add it there.`,
    );
  }
  const parent = runIdOf(child.parent);
  const idempotencyKey = childKey(child);
  const request = { workflow, parameters, context, parent, idempotencyKey, ...(tags === undefined ? {} : { tags }) };
  const submitted = await submit(world, definition, request, token === undefined ? {} : { token, attempt });
  if (token !== undefined && submitted.existing) await replaceToken(world, submitted.id, token, attempt);
  return submitted;
}

/**
 * The parent waits under another token now, unless a later attempt of its state has come before this one; where the
 * child has ended it is answered at once.
 */
async function replaceToken(world: World, child: string, token: string, attempt: number): Promise<void> {
  const waiting = and(compare("tokenAttempt", "<", attempt), notEnded);
  const set = { token, tokenAttempt: attempt };
  const { ok, item } = await world.items.update(runKey(child), { set }, { when: waiting });
  if (ok || item === undefined || !isEnded(item["state"] as RunState)) return;
  await answerParent(world, { ...item, token }, endIn(item));
}

/** The end as it stands in a record. */
export function endIn(record: Item): RunEnd {
  const { state, startedAt, endedAt, result, error } = record as unknown as RunEnd & { readonly result?: Json };
  return {
    state,
    endedAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(result === undefined ? {} : { output: result }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Wakes the parent's state with the child's result, or with its error under the error's own name. */
export async function answerParent(world: World, record: Item, end: RunEnd): Promise<void> {
  await world.machines.answer(record["token"] as string, await answerOf(world, record, end));
}

async function answerOf(world: World, record: Item, end: RunEnd): Promise<Answer> {
  if (end.state === "completed") return end.output === undefined ? wholeResult(world, record) : { output: end.output };
  const { name, message } = end.error ?? UNKNOWN;
  const run = runOf(record);
  return { error: { name, cause: JSON.stringify({ errorType: name, errorMessage: message, run }) } };
}

const UNKNOWN: RunError = { name: "Error", message: "The child ended without an error of its own." };

/** A result above 32 KiB stays with the execution, which may have gone since. */
async function wholeResult(world: World, record: Item): Promise<Answer> {
  const execution = await world.machines.describe(record["execution"] as string);
  if (execution !== undefined) return { output: execution.output ?? null };
  const run = runOf(record);
  const errorMessage = `The result of run ${run} was above 32 KiB, and its execution has gone with it. Retry the run.`;
  const name = ErrorName.PLATFORM_UNAVAILABLE;
  return { error: { name, cause: JSON.stringify({ errorType: name, errorMessage, run }) } };
}

/** Cancels the children that a run was executing when it ended; those that it only submitted go on. */
export async function stopChildren(world: World, parent: string): Promise<void> {
  await attemptEach(childrenOf(world, parent), CHILDREN_AT_ONCE, async ({ id, executed }) => {
    if (executed) await cancelIfOpen(world, id, PARENT_ENDED);
  });
}

const CHILDREN_AT_ONCE = 20;

export const PARENT_ENDED = "The run that executed it has ended.";

/** Cancels a run where it has not ended. */
export async function cancelIfOpen(world: World, run: string, reason: string): Promise<void> {
  try {
    await cancel(world, run, reason);
  } catch (error) {
    const over: readonly string[] = [ErrorName.RUN_ENDED, ErrorName.RUN_NOT_FOUND];
    if (!(error instanceof MillraceError) || !over.includes(error.name)) throw error;
  }
}

/** A run's children in the order of their creation. */
export async function* childrenOf(
  world: Pick<World, "items">,
  parent: string,
): AsyncIterable<{ readonly id: string; readonly executed: boolean }> {
  const { pk } = runKey(parent);
  for await (const { sk, waits } of everyItem(world.items, { pk, sk: { prefix: CHILD }, consistent: true })) {
    yield { id: idAt(sk.slice(CHILD.length)), executed: waits === true };
  }
}

interface Linked {
  readonly parent?: string;
  readonly createdAt: number;
  readonly token?: string;
  readonly executed?: boolean;
}

/** Makes the child known to its parent, before it starts. */
export async function linkToParent(world: World, record: Item): Promise<void> {
  const { parent, createdAt, token, executed } = record as unknown as Linked;
  if (parent === undefined) return;
  const waits = token !== undefined || executed === true;
  await world.items.put({
    ...childKeyOf(parent, createdAt, runOf(record)),
    ...lifeOf(record),
    ...(waits ? { waits } : {}),
  });
}

/**
 * Cancels an executed child whose parent has ended meanwhile. Either the parent's end has found the child's edge, or the
 * child, which looks after it has written that and has started, finds the end.
 */
export async function stopIfOrphan(world: World, record: Item): Promise<void> {
  const { parent, token, executed } = record as unknown as Linked;
  if (parent === undefined || (token === undefined && executed !== true)) return;
  const state = (await world.items.get(runKey(parent), { consistent: true }))?.["state"];
  if (state !== undefined && isEnded(state as RunState)) await cancelIfOpen(world, runOf(record), PARENT_ENDED);
}
