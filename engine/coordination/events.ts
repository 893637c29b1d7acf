import { isDeepStrictEqual } from "node:util";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { checkAnswer, type EventAnswer, type WaitingEvent } from "../model/event.ts";
import { runIdOf } from "../model/run-id.ts";
import { isEnded } from "../model/run.ts";
import type { AnswerCommand, WaitEvent } from "../model/wire.ts";
import { absent, and, compare } from "../store/condition.ts";
import type { Item, Items } from "../store/items.ts";
import { eventAfter, eventAttribute, readEvent, waitingEvents, type StoredEvent } from "./event-item.ts";
import { runKey } from "./keys.ts";
import { notEnded } from "./run-end.ts";
import { readRun } from "./run-record.ts";
import { findWorkflow, type Answer, type World } from "./world.ts";

/**
 * Keeps the token of a state that waits for an event, until somebody answers it or the run ends. The same state, tried
 * again, brings the token under which it waits now, and gets the answer that came meanwhile.
 */
export async function waitForEvent(world: World, request: WaitEvent): Promise<null> {
  const run = runIdOf(request.run);
  const until = world.now() + request.timeoutSeconds * 1000;
  const stands = await change(world.items, run, request.step, (before) => eventAfter(before, request, until));
  if (stands?.answer !== undefined) await deliver(world, stands, stands.answer);
  return null;
}

/**
 * Answers a step that waits for an event. The same answer again changes nothing.
 * @throws MillraceError `RunNotFound`, `RunEnded`, `NotWaiting`, `InvalidAnswer`, `AlreadyAnswered`
 */
export async function answerEvent(world: World, { run, step, answer }: AnswerCommand): Promise<null> {
  const record = await readRecord(world, run);
  const given = checked(world, record, run, step, answer);
  const answered = world.newId();
  let repeated = false;
  const stands = await change(world.items, run, step, (before) => {
    repeated = before?.answer !== undefined && before.answered !== answered;
    if (before?.answer === undefined) return before && { ...before, answer: given, answered };
    if (isDeepStrictEqual(before.answer, given)) return before;
    throw new MillraceError(
      ErrorName.ALREADY_ANSWERED,
      `Step "${step}" of run ${run} was answered with ${JSON.stringify(before.answer)} before. It takes one answer.`,
    );
  });
  if (stands === undefined) throw await notWaiting(world, run, step);
  const { entered, attempt } = stands;
  if (stands.token === undefined) return null;
  if ((await deliver(world, stands, given)) === "answered" || repeated) {
    await change(world.items, run, step, (before) => {
      if (before?.entered !== entered || before.attempt !== attempt) return undefined;
      const { token: _, ...taken } = before;
      return taken;
    });
    return null;
  }
  // A later attempt may have come since, which has delivered the answer itself.
  const late = await change(world.items, run, step, (before) => {
    if (before?.entered !== entered || before.attempt !== attempt) return undefined;
    const { answer: _, ...waiting } = before;
    return { ...waiting, until: 0 };
  });
  if (late?.entered !== entered || !isDeepStrictEqual(late.answer, given)) throw await notWaiting(world, run, step);
  return null;
}

/** The steps of a run that wait for answers. */
export async function eventsOf(items: Items, run: string, now: number): Promise<WaitingEvent[]> {
  const record = await items.get(runKey(run), { consistent: true });
  const found = record && readRun(record);
  return record === undefined || found === undefined || isEnded(found.state) ? [] : waitingEvents(record, now);
}

/**
 * Changes what a record has of a step, against what stands; nothing where the run has ended. `after` may be called again.
 * Answers what stands then.
 */
async function change(
  items: Items,
  run: string,
  step: string,
  after: (before: StoredEvent | undefined) => StoredEvent | undefined,
): Promise<StoredEvent | undefined> {
  const name = eventAttribute(step);
  let record = await items.get(runKey(run), { consistent: true });
  for (;;) {
    const state = record?.["state"];
    if (typeof state === "string" && isEnded(state as Parameters<typeof isEnded>[0])) return undefined;
    const text = record?.[name] as string | undefined;
    const before = text === undefined ? undefined : readEvent(text);
    const stands = after(before);
    if (stands === undefined || stands === before) return before;
    const unchanged = text === undefined ? absent(name) : compare(name, "=", text);
    // An end that something follows from is ended in two writes, the second of which takes the events away.
    const set = { [name]: JSON.stringify(stands), follows: true };
    const written = await items.update(runKey(run), { set }, { when: and(notEnded, unchanged) });
    if (written.ok) return stands;
    record = written.item;
  }
}

function deliver(world: World, { token = "" }: StoredEvent, answer: EventAnswer): Promise<"answered" | "gone"> {
  return world.machines.answer(token, wireOf(answer));
}

function wireOf(answer: EventAnswer): Answer {
  if ("value" in answer) return { output: answer.value };
  const { name, message } = answer.error;
  return { error: { name, cause: JSON.stringify({ errorType: name, errorMessage: message }) } };
}

async function readRecord(world: World, run: string): Promise<Item> {
  const record = await world.items.get(runKey(run), { consistent: true });
  const found = record && readRun(record);
  if (record === undefined || found === undefined) {
    throw new MillraceError(ErrorName.RUN_NOT_FOUND, `There is no run "${run}". \`millrace runs\` lists them.`);
  }
  if (!isEnded(found.state)) return record;
  throw new MillraceError(
    ErrorName.RUN_ENDED,
    `Run ${run} has ended (${found.state}), so that nothing in it waits for an answer.`,
  );
}

/** The answer as the event's schema in the catalogue takes it. */
function checked(world: World, record: Item, run: string, step: string, answer: EventAnswer): EventAnswer {
  const text = record[eventAttribute(step)] as string | undefined;
  if (text === undefined) throw nothingWaits(run, step, waitingEvents(record, world.now()));
  const { event: name } = readEvent(text);
  const workflow = record["workflow"] as string;
  const event = findWorkflow(world, workflow)?.events?.find((one) => one.name === name);
  if (event !== undefined) return checkAnswer(event, answer);
  throw new MillraceError(
    ErrorName.INVALID_ANSWER,
    `Workflow "${workflow}" lists no event "${name}", so that no answer can be held against its schema. Add it to its \`events\`.`,
  );
}

async function notWaiting(world: World, run: string, step: string): Promise<MillraceError> {
  await readRecord(world, run);
  return nothingWaits(run, step, await eventsOf(world.items, run, world.now()));
}

function nothingWaits(run: string, step: string, waiting: readonly WaitingEvent[]): MillraceError {
  const others = waiting.map((one) => `"${one.step}"`).join(", ");
  const rest = others === "" ? "No step of it does." : `What waits is ${others}.`;
  return new MillraceError(
    ErrorName.NOT_WAITING,
    `Step "${step}" of run ${run} does not wait for an answer: it is none, has timed out, or the flow has gone on. ${rest}`,
  );
}
