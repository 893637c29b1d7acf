import type { Json } from "../model/json.ts";
import { absent, and, compare, exists, or, type Condition } from "../store/condition.ts";
import type { Attribute, Item, Update } from "../store/items.ts";
import { lockIndex, lockLineKey } from "./keys.ts";

/** Longest that a clock here is behind a clock there, in milliseconds: what a lease lasts beyond its holder's own time. */
export const LEASE_MARGIN_MS = 5_000;
/** How long a lock that was passed on to a task waits for the task to see it. */
export const PASSED_LEASE_MS = 30_000;

/** Somebody who takes locks, waits for them or holds them: a flow, from state to state, or one attempt of a task. */
export interface Claim {
  readonly run: string;
  /** Of a flow the step that acquires; of a task its step, attempt and the number of the lock in it. */
  readonly acquisition: string;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  /** Where it stands in the line of any lock; not known where a flow releases. */
  readonly place?: string;
  /** Of the flow's state that waits for an answer; a task looks for itself. */
  readonly token?: string;
  /** Of that state, 1 for the first: the token is of this attempt. */
  readonly attempt?: number;
  /** Of a flow: how long its tasks may go on after it has been stopped. */
  readonly drainSeconds?: number;
  /** Of a flow: they may go on also after it has failed, since others than the one that failed were at work. */
  readonly sideBySide?: true;
  /** Of a task: the end of its lease. A flow's hold lasts until its run ends. */
  readonly expiresAt?: number;
  /** Of a task: until when it waits. */
  readonly deadline?: number;
  /** The locks in the order of the request, which are taken in the order of their names. */
  readonly names: readonly string[];
  /** The answer is a list. */
  readonly list?: true;
  /** Name → fence of those that are held by now. */
  readonly taken: { readonly [lock: string]: number };
}

/** The next lock that the claim takes; nothing when it holds them all. */
export function nextOf({ names, taken }: Claim): string | undefined {
  return [...names].sort().find((name) => !Object.hasOwn(taken, name));
}

export function waiterItem(lock: string, { place = "", attempt = 1, ...claim }: Claim): Item {
  return { ...lockLineKey(lock, place), attempt, claim: claim as unknown as Json };
}

export function claimOf(waiter: Item): Claim {
  const { sk: place, attempt, claim } = waiter as unknown as Waiter;
  return { ...claim, attempt, place };
}

interface Waiter {
  readonly sk: string;
  readonly attempt: number;
  readonly claim: Claim;
}

/** What is kept of a lock's item between two steps. */
export interface Seen {
  /** Id of the run that holds it; nothing where it is free. */
  readonly owner?: string;
  readonly acquisition: string;
  readonly fence: number;
  /** When it was granted. */
  readonly since: number;
  readonly drainSeconds: number;
  readonly registered: number;
  readonly contended: boolean;
  /** The hold is a task's, or of a run that has ended. */
  readonly leased: boolean;
  /** Where the holder stands in line: it got the lock from there. */
  readonly place?: string;
}

export function seenOf(item: Item | undefined): Seen {
  const { owner, registered = 0, cleared = 0, expiresAt, place, ...others } = (item ?? {}) as StoredLock;
  return {
    ...(owner === undefined ? {} : { owner }),
    acquisition: others.acquisition ?? "",
    fence: others.fence ?? 0,
    since: others.since ?? 0,
    drainSeconds: others.drainSeconds ?? 0,
    registered,
    contended: registered !== cleared,
    leased: expiresAt !== undefined,
    ...(place === undefined ? {} : { place }),
  };
}

/** How the attributes of a lock's item are typed. */
export interface StoredLock {
  readonly owner?: string;
  readonly acquisition?: string;
  readonly fence?: number;
  readonly since?: number;
  readonly registered?: number;
  readonly cleared?: number;
  readonly expiresAt?: number;
  readonly drainSeconds?: number;
  readonly sideBySide?: true;
  readonly place?: string;
}

const nobodyWaits: Condition = or(absent("registered"), compare("registered", "=", { attribute: "cleared" }));
const somebodyWaits: Condition = and(
  exists("registered"),
  or(absent("cleared"), compare("registered", "<>", { attribute: "cleared" })),
);
const isExpired = (now: number): Condition => compare("expiresAt", "<", now);

export const mayTake = (now: number): Condition => and(nobodyWaits, or(absent("owner"), isExpired(now)));
export const mayWait = (now: number): Condition =>
  or(somebodyWaits, and(exists("owner"), or(absent("expiresAt"), compare("expiresAt", ">=", now))));
/** A place in line is kept under the token of the latest attempt. */
export const mayStand = ({ attempt = 1 }: Claim): Condition => or(absent("attempt"), compare("attempt", "<=", attempt));
/** Nobody waits, and the holder stands in no line, or has left it. */
export const mayFree = (left: boolean): Condition => (left ? nobodyWaits : and(nobodyWaits, absent("place")));
export const still = (attribute: "fence" | "registered", value: number): Condition =>
  value === 0 ? absent(attribute) : compare(attribute, "=", value);

export interface Hold {
  readonly claim: Claim;
  readonly fence?: number;
  /** Only once its lease is over. */
  readonly expired?: true;
}

/** Under its fence where that is known, else under the acquisition. */
export function holds({ claim, fence, expired }: Hold, now: number): Condition {
  const owner = compare("owner", "=", claim.run);
  const grant = fence === undefined ? compare("acquisition", "=", claim.acquisition) : compare("fence", "=", fence);
  return expired === true ? and(owner, grant, isExpired(now)) : and(owner, grant);
}

/** The lock to somebody who found it free. */
export function take(lock: string, claim: Claim, now: number): Update {
  const flow = claim.expiresAt === undefined;
  return {
    ...grant(claim, now, flow ? lockIndex(lock, claim.run) : { expiresAt: claim.expiresAt }),
    remove: flow ? ["expiresAt", "place", ...alone(claim)] : ["place", "drainSeconds", "sideBySide", "gk", "gs"],
  };
}

/** The lock to somebody in its line. A task that waits no longer gets a lease which is over already. */
export function pass(lock: string, claim: Claim, now: number): Update {
  const { place = "", deadline } = claim;
  const attributes =
    deadline === undefined
      ? { place, ...lockIndex(lock, claim.run, true) }
      : { place, ...lockIndex(lock), expiresAt: Math.min(now + PASSED_LEASE_MS, deadline) };
  const removed = deadline === undefined ? ["expiresAt", ...alone(claim)] : ["drainSeconds", "sideBySide"];
  return { ...grant(claim, now, attributes), remove: removed };
}

/** What an earlier holder may have left. */
function alone({ sideBySide }: Claim): readonly string[] {
  return sideBySide === true ? [] : ["sideBySide"];
}

function grant(
  { run, acquisition, drainSeconds, sideBySide }: Claim,
  now: number,
  attributes: { readonly [attribute: string]: Attribute },
): Update {
  const drain = { ...(drainSeconds !== undefined && { drainSeconds }), ...(sideBySide && { sideBySide }) };
  return {
    set: { owner: run, acquisition, since: now, ...drain, ...attributes },
    nextOf: { counter: "fence", to: ["fence"] },
  };
}

/** What a free lock has not; `fence`, `registered` and `cleared` stay for ever. */
export const HOLD = ["owner", "acquisition", "since", "expiresAt", "drainSeconds", "sideBySide", "place", "gk", "gs"];

/** True of a lock that was passed on to a task which had stopped waiting. */
export function isStillborn(item: Item | undefined): boolean {
  const { expiresAt = Infinity, since = 0 } = (item ?? {}) as StoredLock;
  return expiresAt <= since;
}
