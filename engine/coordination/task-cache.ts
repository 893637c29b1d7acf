import type { BlobReference } from "../model/blob-reference.ts";
import type { Clock } from "../model/clock.ts";
import { absent, and, compare, holds, or, type Condition } from "../store/condition.ts";
import type { Attribute, Items, Key } from "../store/items.ts";

/**
 * The entry of one result of a task, shared by all who ask for it.
 *
 * | state   | meaning                                                     | next                     |
 * |---------|-------------------------------------------------------------|--------------------------|
 * | pending | its owner works the result out, until `until`; 0: it failed | done, pending of another |
 * | done    | the result, good until `until`                              | pending                  |
 *
 * Each owner raises `epoch`, and ends the entry under its own epoch alone: whoever comes late is refused. The store may
 * delete an entry at `ttl`, a day after `until`, when no owner of an old epoch is left; nothing relies on that.
 */
const PENDING = "pending";
const DONE = "done";

/** A lease goes on for longer than its attempt, by more than two clocks differ. */
const LEASE_MARGIN_MS = 5_000;
const DAY_SECONDS = 86_400;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export interface CacheHost extends Clock {
  readonly items: Items;
}

/** One call of a task that wants a result. */
export interface CacheCall {
  readonly key: Key;
  /** Names this call: one whose write was answered to nobody begins again under its own entry. */
  readonly owner: string;
  /** The step of a run that the call stands in, and which attempt of it: the attempts before have ended. */
  readonly step: string;
  readonly attempt: number;
  /** When the call's attempt ends, in milliseconds since the epoch. */
  readonly endsAt: number;
  /** Epoch of a result that the caller cannot use. */
  readonly refused?: number;
  readonly signal?: AbortSignal;
}

/** A result lies in its entry as JSON text, a large one in the blob store. */
export type KeptResult = { readonly text: string } | { readonly reference: BlobReference };

/** The result of another call, or, without `kept`, leave for this one to work it out. */
export interface Claim {
  readonly epoch: number;
  readonly owner: string;
  readonly kept?: KeptResult;
}

/**
 * Answers at once where there is a result (one read) or where nobody is at work on it (one write more); else looks again
 * after 0.1 s and ever later up to 2 s, until the owner has ended or its lease is over.
 * @throws the signal's reason when it aborts first
 */
export async function claimResult(host: CacheHost, call: CacheCall, onWait: (owner: string) => void): Promise<Claim> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    let found = await host.items.get(call.key);
    const free = freeFor(call, host.now());
    if (holds(free, found)) {
      const written = await host.items.update(call.key, begin(call), { when: free });
      found = written.item;
      if (written.ok) return { epoch: Number(found?.["epoch"]), owner: call.owner };
    }
    const { state, epoch, owner, text, reference } = found as unknown as StoredEntry;
    if (state === DONE) return { epoch, owner, kept: reference === undefined ? { text } : { reference } };
    if (pause === FIRST_PAUSE_MS) onWait(owner);
    await host.sleep(pause, call.signal);
  }
}

/** How the attributes of an entry are typed; `text` where there is no `reference`. */
interface StoredEntry {
  readonly state: string;
  readonly epoch: number;
  readonly owner: string;
  readonly text: string;
  readonly reference?: BlobReference;
}

/**
 * Whether the call may begin: nothing is there, it is over, it is the call's own or that of an attempt before it, or the
 * caller cannot use it.
 */
function freeFor({ owner, step, attempt, refused }: CacheCall, now: number): Condition {
  return or(
    absent("state"),
    compare("until", "<=", now),
    and(compare("state", "=", PENDING), compare("owner", "=", owner)),
    and(compare("state", "=", PENDING), compare("step", "=", step), compare("attempt", "<", attempt)),
    ...(refused === undefined ? [] : [and(compare("state", "=", DONE), compare("epoch", "=", refused))]),
  );
}

function begin({ owner, step, attempt, endsAt }: CacheCall) {
  return {
    set: { state: PENDING, owner, step, attempt, ...goodUntil(endsAt + LEASE_MARGIN_MS) },
    remove: ["text", "reference"],
    nextOf: { counter: "epoch", to: ["epoch"] },
  };
}

/** Writes the owner's result. False, and nothing written, where the entry has another owner by now. */
export async function keepResult(items: Items, key: Key, epoch: number, kept: KeptResult, until: number) {
  const set: { [attribute: string]: Attribute } = { state: DONE, ...kept, ...goodUntil(until) };
  return (await items.update(key, { set }, { when: ownedUnder(epoch) })).ok;
}

/** The owner has failed: the next call begins at once. The entry stays, since epochs rise. */
export async function giveUpResult(items: Items, key: Key, epoch: number): Promise<void> {
  await items.update(key, { set: { until: 0 } }, { when: ownedUnder(epoch) });
}

function ownedUnder(epoch: number): Condition {
  return and(compare("state", "=", PENDING), compare("epoch", "=", epoch));
}

function goodUntil(until: number): { readonly until: number; readonly ttl: number } {
  return { until, ttl: Math.ceil(until / 1000) + DAY_SECONDS };
}
