import { ErrorName, MillraceError } from "../model/errors.ts";
import { limitBase, limitProblems, type Limit } from "../model/limit.ts";
import { isEnded, RunState, type Run } from "../model/run.ts";
import { everyItem } from "../store/every-item.ts";
import type { Item } from "../store/items.ts";
import { attemptEach } from "./attempts.ts";
import {
  holdersOf,
  limitIndex,
  limitKey,
  limitSettingKey,
  linePartition,
  lineKey,
  placeInLine,
  runAt,
  runKey,
  runOf,
} from "./keys.ts";
import { getRun } from "./run-record.ts";
import { seenOf } from "./slot-item.ts";
import { SLOT_STEPS } from "./slot-steps.ts";
import type { SlotResult, SlotStep, SlotVariables } from "./slot-variables.ts";
import { startRun } from "./start.ts";
import { walk } from "./walk.ts";
import type { World } from "./world.ts";

/** A way through the table of slots. */
export function walkSlots(world: World, step: SlotStep, variables: SlotVariables): Promise<SlotResult> {
  const { items, machines } = world;
  return walk(
    {
      items,
      now: () => world.now(),
      start: (run, record) => startUnlessCancelled(world, run, record),
      answer: (token, answer) => machines.answer(token, answer),
      saw: ({ pk, ...item }) => {
        if (pk === limitKey(variables.limit).pk)
          world.contended.note(variables.limit, seenOf({ pk, ...item }).contended);
      },
    },
    SLOT_STEPS,
    { step, variables },
  );
}

/** A run that leaves the line may be cancelled between its claim and its start. */
async function startUnlessCancelled(world: World, run: string, record: Item | undefined): Promise<boolean> {
  const started = await startRun(world, run, record);
  const after = started ? await getRun(world.items, run) : undefined;
  if (after?.cancelRequestedAt !== undefined) {
    await world.machines.stop(after.execution, {
      name: ErrorName.RUN_CANCELLED,
      cause: "It was cancelled as it started.",
    });
  }
  return started;
}

/** How many runs a limit lets run at once: as an operator has set it, else as the catalogue defines it. */
export async function maxOf(world: World, limit: string, defined = definedMax(world, limit)): Promise<number> {
  const setting = await world.items.get(limitSettingKey(limit));
  return Number(setting?.["max"] ?? defined);
}

function definedMax(world: World, limit: string): number {
  const base = limitBase(limit);
  for (const { name, concurrencyLimit: given } of world.workflows()) {
    if (typeof given === "number" ? name === base : given?.name === base) {
      return typeof given === "number" ? given : (given?.limit ?? 1);
    }
  }
  return 1; // the limit has gone from the catalogue; who still waits under it goes one after the other
}

/** Frees the slot of a run that has ended, or ends now, and hands it on. */
export async function releaseSlot(world: World, limit: string, run: string, grant?: number): Promise<void> {
  const max = await maxOf(world, limit);
  const variables = { limit, max, run, ...(grant === undefined ? {} : { grant }) };
  await walkSlots(world, world.contended.has(limit) ? "reread" : "release", variables);
}

/** Starts a run that was granted a slot by somebody who died before its start. */
export async function useSlot(world: World, limit: string, run: Run, grant: number): Promise<void> {
  const variables = { limit, max: await maxOf(world, limit), run: run.id, place: placeOf(run), grant };
  await walkSlots(world, "claim", variables);
}

/** Grants free slots to those in line. */
export async function pumpLimit(world: World, limit: string, max?: number): Promise<void> {
  await walkSlots(world, "look", { limit, max: max ?? (await maxOf(world, limit)), run: "", pumping: true });
}

/**
 * Sets a limit while runs wait or run, or gives it back to the catalogue; free slots are granted at once. A lowered limit
 * stops no run. @throws MillraceError `InvalidRequest`
 */
export async function setLimit(world: World, base: string, max: number | undefined): Promise<void> {
  if (max !== undefined) {
    const [problem] = limitProblems(max);
    if (problem !== undefined) throw new MillraceError(ErrorName.INVALID_REQUEST, `The limit was not set: ${problem}.`);
  }
  const known = limitNames(world);
  if (!known.includes(base)) {
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `There is no limit ${JSON.stringify(base)} in the catalogue; it has ${known.join(", ") || "none"}.`,
    );
  }
  const key = limitSettingKey(base);
  await (max === undefined ? world.items.delete(key) : world.items.put({ ...key, max, setAt: world.now() }));
  for await (const name of usedLimits(world)) {
    if (limitBase(name) === base) await pumpLimit(world, name, max ?? definedMax(world, name));
  }
}

export function limitNames(world: World): string[] {
  const names = world.workflows().flatMap(({ name, concurrencyLimit: given }) => {
    if (given === undefined) return [];
    return [typeof given === "number" ? name : given.name];
  });
  return [...new Set(names)].sort();
}

export interface LimitState {
  /** With its key. */
  readonly name: string;
  readonly max: number;
  /** In the order of their grants. */
  readonly holders: readonly { readonly run: string; readonly grant: number }[];
  /** Runs in line, first first; at most 100 of them. */
  readonly waiting: readonly string[];
  /** There are more in line than `waiting` has. */
  readonly more: boolean;
  /** Somebody joined the line since it was last found empty. */
  readonly contended: boolean;
  readonly usedAt: number;
}

const SHOWN_WAITERS = 100;

/** Every limit that was used within a day or is in use, with who holds it and who waits. */
export async function readLimits(world: World): Promise<LimitState[]> {
  const states: LimitState[] = [];
  await attemptEach(usedLimits(world), LIMITS_AT_ONCE, async (name) => states.push(await readLimit(world, name)));
  return states.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A limit with a key may stand for thousands. */
const LIMITS_AT_ONCE = 20;

export async function readLimit(world: World, name: string): Promise<LimitState> {
  const item = await world.items.get(limitKey(name), { consistent: true });
  const page = await world.items.query({ pk: linePartition(name), limit: SHOWN_WAITERS + 1, consistent: true });
  const holders = Object.entries(holdersOf(item)).map(([run, grant]) => ({ run, grant }));
  return {
    name,
    max: await maxOf(world, name),
    holders: holders.sort((a, b) => a.grant - b.grant),
    waiting: page.items.slice(0, SHOWN_WAITERS).map((waiter) => runAt(waiter.sk)),
    more: page.items.length > SHOWN_WAITERS,
    contended: seenOf(item).contended,
    usedAt: Number(item?.["used"] ?? 0),
  };
}

/** Names, with their keys, of the limits in the index of what is open. */
export async function* usedLimits(world: World): AsyncIterable<string> {
  const { gk } = limitIndex("");
  for await (const { pk } of everyItem(world.items, { pk: gk, index: "open" })) yield pk.slice("LIMIT#".length);
}

/** Why a run does not run yet. */
export interface Waiting {
  readonly reason: string;
  /** 1 for the first in line; absent where it does not stand in one. */
  readonly position?: number;
  /** Runs that hold the slots. */
  readonly holders: readonly string[];
}

const COUNTED_WAITERS = 1_000;

/** Where a run stands and what it waits for; nothing for a run that waits for nothing. */
export async function waitingOf(world: World, run: Run): Promise<Waiting | undefined> {
  const { limit, startAt = 0 } = run;
  if (run.state !== "scheduled" && run.state !== "queued") return undefined;
  if (startAt > world.now()) {
    return { reason: `It was submitted for ${new Date(startAt).toISOString()}.`, holders: [] };
  }
  if (limit === undefined) return { reason: "It is about to start.", holders: [] };
  const place = placeOf(run);
  const { max, holders } = await readLimit(world, limit);
  const page = await world.items.query({
    pk: linePartition(limit),
    sk: { to: place },
    limit: COUNTED_WAITERS,
    consistent: true,
  });
  const position = page.items.length;
  const ids = holders.map((holder) => holder.run);
  const ancestor = await ancestorAmong(world, run, new Set(ids));
  const reason =
    ancestor === undefined
      ? `The limit "${limit}" lets ${max} run at once, and ${ids.length} do.`
      : `The limit "${limit}" is held by run ${ancestor}, which waits for this one: neither can go on. Cancel one, and give them limits of their own.`;
  return { reason, position, holders: ids };
}

async function ancestorAmong(world: World, run: Run, holders: ReadonlySet<string>): Promise<string | undefined> {
  let { parent } = run;
  while (parent !== undefined) {
    if (holders.has(parent)) return parent;
    parent = (await getRun(world.items, parent))?.parent;
  }
  return undefined;
}

export function placeOf(run: Pick<Run, "createdAt" | "context" | "id">): string {
  return placeInLine(run.createdAt, run.context.priority ?? "medium", run.id);
}

/** Takes a run that will not start out of the line. */
export async function leaveLine(world: World, limit: string, record: Item): Promise<void> {
  const id = runOf(record);
  const { createdAt, context } = record as unknown as Pick<Run, "createdAt" | "context">;
  await world.items.delete(lineKey(limit, placeOf({ id, createdAt, context })));
}

/** Admits a run of a limit: it starts, waits in line, or is refused. */
export async function enterLimit(world: World, record: Item, strategy: Limit["strategy"]): Promise<SlotResult> {
  const run = runOf(record);
  const { limit = "", createdAt, context } = record as unknown as Pick<Run, "limit" | "createdAt" | "context">;
  const place = placeOf({ id: run, createdAt, context });
  const variables = { limit, max: await maxOf(world, limit), run, place, strategy };
  return record["state"] === RunState.QUEUED
    ? walkSlots(world, "enqueue", { ...variables, queued: true })
    : walkSlots(world, "acquire", variables);
}

/** Runs that hold a slot of the limit and have not ended, the oldest grant first. */
export async function liveHolders(world: World, limit: string): Promise<string[]> {
  const { holders } = await readLimit(world, limit);
  const live: string[] = [];
  for (const { run } of holders) {
    const record = await world.items.get(runKey(run), { consistent: true });
    if (record !== undefined && !isEnded(record["state"] as RunState)) live.push(run);
  }
  return live;
}
