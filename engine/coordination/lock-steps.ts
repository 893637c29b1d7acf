import type { Json } from "../model/json.ts";
import { END_RANK } from "../model/run.ts";
import { absent, and } from "../store/condition.ts";
import { lockIndex, lockKey, lockLineKey, lockLinePartition, lockWaitKey, runKey } from "./keys.ts";
import { lockHeld } from "./lock-errors.ts";
import {
  claimOf,
  HOLD,
  holds,
  LEASE_MARGIN_MS,
  mayFree,
  mayStand,
  mayTake,
  mayWait,
  pass,
  seenOf,
  still,
  take,
  waiterItem,
  type Claim,
  type Seen,
} from "./lock-item.ts";
import {
  about,
  done,
  giveBack,
  go,
  isMine,
  leave,
  passed,
  took,
  tookFree,
  under,
  type Go,
  type LockResult,
  type LockStep,
  type LockVariables,
} from "./lock-variables.ts";
import type { Step, Steps } from "./step.ts";

/**
 * A lock and the line before it. A lock is one item that is never deleted: `owner` and `acquisition`, who holds it;
 * `fence`, the number of the grant; `registered` (how often somebody joined the line of a held lock) and `cleared`
 * (`registered` when the line was last found empty). These three numbers only rise; nobody waits where registered =
 * cleared. A flow's hold lasts until it is released or its run ends; a task's, and that of a stopped run, until
 * `expiresAt`. `place` says that the holder came from the line and stands there until it releases.
 *
 * | step     | action                                      | where its condition holds  | otherwise                        |
 * |----------|---------------------------------------------|----------------------------|----------------------------------|
 * | acquire  | take a free lock that nobody waits for      | check                      | mine: the same; refuse, enqueue  |
 * | check    | read whether an earlier attempt is in line  | acquire the next, answer   | undo                             |
 * | undo     | take it out of the line                     | acquire the next, answer   |                                  |
 * | enqueue  | stand in line, under the latest token       | register                   | register: it stands there        |
 * | register | say so at the lock, while it is held        | done; mine: undo, answer   | it came free: look               |
 * | answer   | tell the waiting state that it holds        | done                       | gone: waiter, or wait            |
 * | refuse   | tell it that its run holds the lock already | give back what it took     |                                  |
 * | waiter   | read what stands in line                    | answer, wait, done         | has left: give back              |
 * | wait     | read whether the flow waits no longer       | it does not: give back     | run                              |
 * | run      | read whether the run has ended              | it has: give back, drain   | done: the flow knows, or will    |
 * | release  | free a lock that nobody waits for           | done                       | drop, line; not mine: over, drop |
 * | over     | write that the flow waits no longer         | find                       |                                  |
 * | find     | read the line                               | drop                       | release, once more               |
 * | drop     | leave the line, before the lock is passed   | line, or release           |                                  |
 * | line     | read who is first                           | hand, clear                |                                  |
 * | hand     | pass the lock to the first in line          | answer; several: recall    | done: it is mine no longer       |
 * | clear    | free it; nobody waits since `registered`    | done                       | line                             |
 * | look     | read the lock                               | waiters, line, recall      |                                  |
 * | waiters  | read who is first                           | grant                      | done                             |
 * | grant    | give a free lock to the first in line       | as hand                    | look                             |
 * | recall   | read whether the holder still stands in line| as acquire: it may not know| wait: it releases                |
 * | drain    | let the lock of a stopped run expire        | done                       |                                  |
 * | renew    | lengthen a task's lease                     | done                       | done: lost                       |
 *
 * A procedure is a way through the table from its first step: `acquire`, `release`, a pump from `look`, `drain`, `renew`.
 * Each step may be repeated, and a procedure abandoned after any of them. An expired lease is released on behalf of its
 * holder, by whoever finds it. Whoever passes a lock on also takes the next locks of a claim for several.
 */
const step = (one: Step<LockVariables, LockStep, LockResult>): Step<LockVariables, LockStep, LockResult> => one;

export const LOCK_STEPS: Steps<LockVariables, LockStep, LockResult> = {
  acquire: step({
    act: ({ lock, claim }, now) => ({ update: lockKey(lock), change: take(lock, claim, now), when: mayTake(now) }),
    then: (v, { ok, item }) => {
      const seen = seenOf(item);
      if (ok || isMine(v, seen))
        return seen.place === undefined ? tookFree(v, seen) : took({ ...v, stood: v.lock }, seen);
      if (seen.owner !== v.claim.run || seen.leased) return go("enqueue", v);
      return v.claim.token === undefined ? done("nested") : go("refuse", v);
    },
  }),
  check: step({
    act: ({ lock, claim: { place = "" } }) => ({ get: lockLineKey(lock, place) }),
    then: (v, { item }) => {
      if (item === undefined) return took(v, seenIn(v));
      const standing = claimOf(item);
      // Where a later attempt of the state stands there, that one waits for the answer.
      return go("undo", (standing.attempt ?? 1) > (v.claim.attempt ?? 1) ? under(v, standing) : v);
    },
  }),
  undo: step({
    act: ({ lock, claim: { place = "" } }) => ({ delete: lockLineKey(lock, place) }),
    then: (v) => took(v, seenIn(v)),
  }),
  enqueue: step({
    act: ({ lock, claim }) => ({ put: waiterItem(lock, claim), when: mayStand(claim) }),
    // A later attempt of the state stands there: what is done goes on under its token.
    then: (v, { ok, item }) => go("register", ok || item === undefined ? v : under(v, claimOf(item))),
  }),
  register: step({
    act: ({ lock }, now) => ({
      update: lockKey(lock),
      change: { add: { registered: 1 }, setIfAbsent: lockIndex(lock) },
      when: mayWait(now),
    }),
    then: (v, { ok, item }) => {
      const { lock, claim, later = [] } = v;
      const seen = seenOf(item);
      if (ok && claim.token !== undefined && isMine(v, seen)) {
        return seen.place === undefined ? go("undo", { ...v, seen }) : took({ ...v, stood: lock }, seen);
      }
      return ok ? leave(v) : go("look", { ...v, later: [{ step: "register", lock, claim }, ...later] });
    },
  }),
  answer: step({
    act: ({ claim }) => ({ answer: claim.token ?? "", with: { output: answerOf(claim) } }),
    then: (v, { ok }) => (ok ? leave(v) : go(v.stood === undefined ? "wait" : "waiter", v)),
  }),
  refuse: step({
    act: ({ lock, claim }) => ({ answer: claim.token ?? "", with: { error: heldError(lock) } }),
    then: (v) => giveBack(v),
  }),
  waiter: step({
    act: ({ lock, claim: { place = "" }, stood = lock }) => ({ get: lockLineKey(stood, place) }),
    then: (v, { item }) => {
      if (item === undefined) return giveBack(v);
      const standing = claimOf(item);
      if (standing.token === undefined) return leave(v);
      // The state was retried while this was on its way.
      return standing.token === v.claim.token ? go("wait", v) : go("answer", under(v, standing));
    },
  }),
  wait: step({
    act: ({ claim }) => ({ get: lockWaitKey(claim.run, claim.acquisition) }),
    then: (v, { item }) => (item === undefined ? go("run", v) : giveBack(v)),
  }),
  run: step({
    act: ({ claim }) => ({ get: runKey(claim.run) }),
    then: (v, { item }) => {
      if (!(Number(item?.["rank"]) >= END_RANK)) return leave(v);
      const isGrantedLater = Number(item?.["endedAt"]) + LEASE_MARGIN_MS < (v.since ?? 0);
      return giveBack(v, isGrantedLater ? "release" : "drain");
    },
  }),
  release: step({
    act: (v, now) => ({
      update: lockKey(v.lock),
      change: { remove: HOLD },
      when: and(holds(v, now), mayFree(v.left === true)),
    }),
    then: (v, { ok, item }) => {
      if (ok) return leave(v);
      const seen = seenOf(item);
      if (!isMine(v, seen)) return v.fence !== undefined || v.over === true ? leave(v) : notMine({ ...v, over: true });
      const held = { ...v, fence: seen.fence, seen };
      if (seen.place !== undefined && v.left !== true) return go("drop", { ...held, place: seen.place });
      return go("line", held);
    },
  }),
  over: step({
    act: ({ claim }, now) => ({
      put: { ...lockWaitKey(claim.run, claim.acquisition), ttl: Math.ceil(now / 1000) + WAIT_KEPT_SECONDS },
    }),
    then: (v) => go("find", v),
  }),
  find: step({
    act: ({ lock }) => ({ line: lockLinePartition(lock), limit: FIND_LIMIT }),
    then: (v, { line }) => {
      const { run, acquisition } = v.claim;
      const mine = line.map(claimOf).find((claim) => claim.run === run && claim.acquisition === acquisition);
      return mine?.place === undefined ? go("release", v) : go("drop", { ...v, place: mine.place });
    },
  }),
  drop: step({
    act: ({ lock, place = "" }) => ({ delete: lockLineKey(lock, place) }),
    then: (v) => go(v.seen?.contended === true ? "line" : "release", { ...v, left: true }),
  }),
  line: step({
    act: ({ lock }) => ({ line: lockLinePartition(lock), limit: 2 }),
    then: (v, { line }) => {
      const waiter = line.find(({ sk }) => sk !== v.seen?.place);
      return waiter === undefined ? go("clear", v) : go("hand", { ...v, next: claimOf(waiter) });
    },
  }),
  hand: step({
    act: (v, now) => ({
      update: lockKey(v.lock),
      change: pass(v.lock, v.next ?? v.claim, now),
      when: holds(v, now),
    }),
    then: (v, { ok, item }) => (ok ? passed(v, item) : leave(v)),
  }),
  clear: step({
    act: (v, now) => {
      const { registered } = v.seen ?? { registered: 0 };
      const change = { remove: HOLD, ...(registered === 0 ? {} : { set: { cleared: registered } }) };
      return { update: lockKey(v.lock), change, when: and(holds(v, now), still("registered", registered)) };
    },
    then: (v, { ok, item }) => {
      const seen = seenOf(item);
      const more = !ok && isMine(v, seen) && seen.registered !== v.seen?.registered;
      return more ? go("line", { ...v, seen }) : leave(v);
    },
  }),
  look: step({
    act: ({ lock }) => ({ get: lockKey(lock) }),
    then: (v, { item }) => {
      const seen = seenOf(item);
      const { owner: run, acquisition, fence, since, drainSeconds, place } = seen;
      if (run === undefined) return go("waiters", { ...v, seen });
      const claim = { run, acquisition, drainSeconds, askedAt: 0, names: [v.lock], taken: { [v.lock]: fence } };
      const holder = { ...about(v, claim), fence, since, seen };
      if (seen.leased) return go("line", { ...holder, expired: true });
      return place === undefined ? leave(v) : go("recall", holder);
    },
  }),
  waiters: step({
    act: ({ lock }) => ({ line: lockLinePartition(lock), limit: 1 }),
    then: (v, { line: [waiter] }) => {
      if (waiter !== undefined) return go("grant", { ...v, next: claimOf(waiter) });
      // Who wanted to register here has left the line.
      const later = v.later?.filter(({ step, lock }) => step !== "register" || lock !== v.lock);
      return leave({ ...v, later: later ?? [] });
    },
  }),
  grant: step({
    act: (v, now) => ({
      update: lockKey(v.lock),
      change: pass(v.lock, v.next ?? v.claim, now),
      when: and(absent("owner"), still("fence", v.seen?.fence ?? 0)),
    }),
    then: (v, { ok, item }) => (ok ? passed(v, item) : go("look", v)),
  }),
  recall: step({
    act: ({ lock, seen }) => ({ get: lockLineKey(lock, seen?.place ?? "") }),
    then: (v, { item }) =>
      item === undefined ? go("wait", v) : took({ ...about(v, claimOf(item)), stood: v.lock }, seenIn(v)),
  }),
  drain: step({
    act: (v, now) => ({
      update: lockKey(v.lock),
      change: { set: { expiresAt: now + (v.claim.drainSeconds ?? 0) * 1000 + LEASE_MARGIN_MS } },
      when: and(holds(v, now), absent("expiresAt")),
    }),
    then: leave,
  }),
  renew: step({
    act: (v, now) => ({
      update: lockKey(v.lock),
      change: { set: { expiresAt: v.claim.expiresAt ?? now } },
      when: holds(v, now),
    }),
    then: (_, { ok, item }) => done(ok ? { fence: seenOf(item).fence } : "lost"),
  }),
};

function seenIn({ seen }: LockVariables): Seen {
  return seen ?? seenOf(undefined);
}

/** What is read of a line to find one's own place in it; who stands further back is passed over when its turn comes. */
const FIND_LIMIT = 1_000;
const WAIT_KEPT_SECONDS = 86_400;

/** A flow leaves word that it waits no longer, in case that somebody is about to pass the lock to it. */
function notMine(v: LockVariables): Go {
  const { place } = v.claim;
  return place === undefined ? go("over", v) : go("drop", { ...v, place });
}

function heldError(lock: string): { readonly name: string; readonly cause: string } {
  const { name, message } = lockHeld(lock);
  return { name, cause: JSON.stringify({ errorType: name, errorMessage: message }) };
}

function answerOf({ names, list, taken }: Claim): Json {
  const held = names.map((name) => ({ name, fence: taken[name] ?? 0 }));
  return list === true ? held : (held[0] ?? null);
}
