import { ErrorName, isMillraceError } from "../model/errors.ts";
import type { EndedRun } from "../model/ended-run.ts";
import { isEnded, type Run, type RunState } from "../model/run.ts";
import { parse } from "../model/schema.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { absent, and, exists, type Condition } from "../store/condition.ts";
import type { Item } from "../store/items.ts";
import { attemptAll } from "./attempts.ts";
import { eventAttributes } from "./event-item.ts";
import { answerParent, endIn, stopChildren } from "./children.ts";
import { ENDED_SHARD, openPartition, runKey, runOf } from "./keys.ts";
import { endAttributes, expiryOf, notEnded, type RunEnd } from "./run-end.ts";
import { readRun } from "./run-record.ts";
import { writeEdgesAtEnd } from "./run-tags.ts";
import { submit } from "./submit.ts";
import { findWorkflow, type World } from "./world.ts";

/**
 * Ends a run, once, and does what follows from its end. A run whose end has consequences (a bad end, a parent that waits
 * for it, `onFailure`, `onCancel`, edges that waited) stays in the index of open runs, among those that have ended, until they
 * are done, so that a sweep finds what a crash left; every other run is ended in one write. Answers the record as it stands, or nothing where there
 * is none.
 */
export async function endRun(
  world: World,
  { id, workflow }: Pick<Run, "id" | "workflow">,
  end: RunEnd,
  when: Condition = exists("createdAt"),
): Promise<Item | undefined> {
  const { items } = world;
  const definition = findWorkflow(world, workflow);
  const key = runKey(id);
  const set = endAttributes(end);
  const ttl = expiryOf(definition, end.endedAt, false);
  let unchanged = false;
  if (end.state === "completed") {
    const alone = { set: { ...set, ttl }, remove: ["gk", "gs"] };
    const { ok, item } = await items.update(key, alone, { when: and(when, notEnded, absent("follows")) });
    if (ok) return item;
    if (item?.["follows"] === undefined || isEnded(item["state"] as RunState)) return finish(world, item);
    unchanged = isUnchanged(definition, item, end);
  }
  const gk = openPartition(ENDED_SHARD);
  const kept = unchanged
    ? { ...set, gk, unchanged, ttl: expiryOf(definition, end.endedAt, true) }
    : { ...set, gk, ttl };
  const written = await items.update(key, { set: kept }, { when: and(when, notEnded) });
  return written.ok ? follow(world, written.item, end) : finish(world, written.item);
}

/** Does what an end that stands is followed by, where a crash has interrupted it; repeating it changes nothing. */
export async function finish(world: World, record: Item | undefined): Promise<Item | undefined> {
  const left = record?.["gk"] !== undefined && isEnded(record["state"] as RunState);
  return left ? follow(world, record, endIn(record)) : record;
}

/** Each consequence is tried, also where another fails: a parent waits for no child that cannot be stopped. */
async function follow(world: World, record: Item, end: RunEnd): Promise<Item> {
  const id = runOf(record);
  const definition = findWorkflow(world, record["workflow"] as string);
  const hook =
    end.state === "completed" ? undefined : definition?.[end.state === "cancelled" ? "onCancel" : "onFailure"];
  await attemptAll([
    () => writeEdgesAtEnd(world.items, record),
    ...(record["token"] === undefined ? [] : [() => answerParent(world, record, end)]),
    ...(hook === undefined ? [] : [() => submitHook(world, hook, record, end)]),
    ...(end.state === "completed" ? [] : [() => stopChildren(world, id)]),
  ]);
  const done = { remove: ["gk", "gs", "follows", ...eventAttributes(record)] };
  return (await world.items.update(runKey(id), done, { when: exists("gk") })).item ?? record;
}

/** What is not what the workflow says it answers with has changed. */
function isUnchanged(definition: WorkflowDefinition | undefined, record: Item, end: RunEnd): boolean {
  if (record["deferred"] !== true || definition?.unchanged === undefined) return false;
  const result = parse(definition.result, end.output);
  return result.ok && definition.unchanged(result.value);
}

async function submitHook(world: World, workflow: string, record: Item, end: RunEnd): Promise<void> {
  const definition = findWorkflow(world, workflow);
  const run = readRun(record);
  if (definition === undefined || run === undefined || end.error === undefined || end.state === "completed") return;
  const { name, message, at } = end.error;
  const error = { name, message, ...(at === undefined ? {} : { at }) };
  const parameters = { run: run.id, workflow: run.workflow, state: end.state, error } satisfies EndedRun;
  const request = { workflow, parameters, context: run.context, parent: run.id };
  try {
    await submit(world, definition, { ...request, idempotencyKey: `${end.state} ${run.id}` });
  } catch (refused) {
    // What a submit refuses for good is not worth another event.
    if (!isMillraceError(refused) || !REFUSALS.includes(refused.name)) throw refused;
  }
}

const REFUSALS: readonly string[] = [
  ErrorName.WORKFLOW_NOT_FOUND,
  ErrorName.CONFLICT,
  ErrorName.INVALID_PARAMETERS,
  ErrorName.INVALID_REQUEST,
];
