import { RANK, RunState } from "../model/run.ts";
import { absent, and, compare, or } from "../store/condition.ts";
import type { Item } from "../store/items.ts";
import { holderAttribute, holdersOf, limitKey, lineKey, linePartition, runAt, runKey } from "./keys.ts";
import { hasRoom, holds, nobodyWaits, seenOf, somebodyWaits, take, type Seen } from "./slot-item.ts";
import type { SlotResult, SlotStep, SlotVariables } from "./slot-variables.ts";
import type { Next, Step, Steps } from "./step.ts";

type Go = Next<SlotVariables, SlotStep, SlotResult>;

const go = (step: SlotStep, variables: SlotVariables): Go => ({ step, variables });
const done = (result: SlotResult): Go => ({ done: result });

/** Without what was read before, which the next read replaces. */
const unseen = ({ limit, max, run, place, grant, submitted, pumping }: SlotVariables): SlotVariables => ({
  limit,
  max,
  run,
  ...(place === undefined ? {} : { place }),
  ...(grant === undefined ? {} : { grant }),
  ...(submitted === undefined ? {} : { submitted }),
  ...(pumping === undefined ? {} : { pumping }),
});

/** The end of a procedure; a run that is being submitted and did not start waits in line by now. */
const leave = (variables: SlotVariables): Go =>
  variables.submitted === undefined ? done("done") : go("mark", { ...unseen(variables), run: variables.submitted });

const pump = (variables: SlotVariables): Go => go("look", { ...unseen(variables), pumping: true });

/** A pump looks once more: it may have begun before somebody who waits is registered. */
const onward = (variables: SlotVariables): Go => (variables.pumping === undefined ? leave(variables) : pump(variables));

const first = (line: readonly Item[], { holders }: Seen): Item | undefined =>
  line.find((waiter) => holders[runAt(waiter.sk)] === undefined);

const to = (variables: SlotVariables, waiter: Item): SlotVariables => {
  const { grant: _, ...others } = variables;
  return { ...others, run: runAt(waiter.sk), place: waiter.sk };
};

/** The line is read one further than the limit: so many of its first may hold slots already. */
const readLine = ({ limit, max, seen }: SlotVariables) => ({
  line: linePartition(limit),
  limit: Math.max(max, Object.keys(seen?.holders ?? {}).length) + 1,
});

const step = (one: Step<SlotVariables, SlotStep, SlotResult>): Step<SlotVariables, SlotStep, SlotResult> => one;

/**
 * Slots of a limit and the line before it. A limit is one item: `holders`, how many; `h:<run>`, the number of the grant
 * of each; `grants`, `registered` (how often somebody joined the line of a full limit) and `cleared` (`registered` when
 * the line was last found empty), which only rise. Nobody waits where registered = cleared.
 *
 * | step     | action                                    | where its condition holds | otherwise                          |
 * |----------|-------------------------------------------|---------------------------|------------------------------------|
 * | acquire  | take a free slot that nobody waits for    | claim                     | mine: claim; refused, or enqueue   |
 * | enqueue  | stand in line                             | register                  |                                    |
 * | register | say so at the limit, while it is full     | mark                      | a slot came free: look             |
 * | mark     | the run is queued                         | done                      | done: it runs, or has ended        |
 * | claim    | the run is running, under this grant      | start                     | dead or stale: dismiss             |
 * | start    | start its machine                         | drop                      | there is no machine: dismiss       |
 * | drop     | leave the line                            | done, or look             |                                    |
 * | dismiss  | leave the line, before the slot is passed | release                   |                                    |
 * | release  | free a slot that nobody waits for         | done                      | waited for: line                   |
 * | reread   | read the limit that was seen contended    | line, or release          |                                    |
 * | line     | read who is first                         | hand, clear, shrink       |                                    |
 * | hand     | pass the slot to the first in line        | claim                     | release                            |
 * | clear    | free it; nobody waits since `registered`  | done                      | release                            |
 * | shrink   | free it; the limit was lowered            | done                      | release                            |
 * | look     | read the limit                            | waiters                   |                                    |
 * | waiters  | read who is first                         | claim, grant, empty, note |                                    |
 * | grant    | give a free slot to the first in line     | claim                     | look                               |
 * | empty    | nobody waits since `registered`           | done                      | look                               |
 * | note     | register a waiter that crashed before     | done                      | look                               |
 *
 * A procedure is a way through the table from its first step: submit from `acquire` (or `enqueue`), settle from
 * `release` (or `reread`), a pump from `look`. Each step may be repeated, and a procedure abandoned after any of them: the
 * next pump of the limit goes on. What the order guards is in `docs/coordination.md`.
 */
export const SLOT_STEPS: Steps<SlotVariables, SlotStep, SlotResult> = {
  acquire: step({
    act: (v, now) => ({
      update: limitKey(v.limit),
      change: take(v.limit, v.run, now),
      when: and(absent(holderAttribute(v.run)), hasRoom(v.max), nobodyWaits),
    }),
    then: (v, { item }) => {
      const grant = holdersOf(item)[v.run];
      if (grant !== undefined) return go("claim", { ...v, grant });
      return v.strategy === "CANCEL_NEW" ? done("refused") : go("enqueue", v);
    },
  }),
  enqueue: step({
    act: ({ limit, place = "" }) => ({ put: { ...lineKey(limit, place) } }),
    then: (v) => go("register", v),
  }),
  register: step({
    act: ({ limit, max }) => ({
      update: limitKey(limit),
      change: { add: { registered: 1 } },
      when: or(compare("holders", ">=", max), somebodyWaits),
    }),
    then: (v, { ok }) => {
      if (!ok) return pump({ ...v, submitted: v.run });
      return v.queued === undefined ? go("mark", v) : done("queued");
    },
  }),
  mark: step({
    act: ({ run }) => ({
      update: runKey(run),
      change: { set: { state: RunState.QUEUED, rank: RANK.queued } },
      when: compare("rank", "<", RANK.queued),
    }),
    then: (_, { item }) => done(Number(item?.["rank"]) > RANK.queued ? "started" : "queued"),
  }),
  claim: step({
    act: ({ run, grant = 0 }, now) => ({
      update: runKey(run),
      change: {
        set: { state: RunState.RUNNING, rank: RANK.running, grant },
        setIfAbsent: { startedAt: now },
      },
      when: or(
        compare("rank", "<", RANK.running),
        and(compare("rank", "=", RANK.running), compare("grant", "=", grant)),
      ),
    }),
    then: (v, { ok }) => (ok ? go("start", v) : go(v.place === undefined ? "release" : "dismiss", v)),
  }),
  start: step({
    act: ({ run }) => ({ start: run }),
    // A run that was granted its slot at once never stood in line.
    then: (v, { ok }) => {
      if (!ok) return go("dismiss", v);
      return v.place === undefined || v.strategy !== undefined ? done("started") : go("drop", v);
    },
  }),
  drop: step({
    act: ({ limit, place = "" }) => ({ delete: lineKey(limit, place) }),
    then: onward,
  }),
  dismiss: step({
    act: ({ limit, place = "" }) => ({ delete: lineKey(limit, place) }),
    then: (v) => go("release", v),
  }),
  release: step({
    act: (v, now) => ({
      update: limitKey(v.limit),
      change: { remove: [holderAttribute(v.run)], add: { holders: -1 }, set: { used: now } },
      when: and(holds(v), nobodyWaits),
    }),
    then: (v, { ok, item }) => (ok ? onward(v) : afterRead(v, seenOf(item))),
  }),
  reread: step({
    act: ({ limit }) => ({ get: limitKey(limit) }),
    then: (v, { item }) => {
      const seen = seenOf(item);
      return seen.contended ? afterRead(v, seen) : go("release", v);
    },
  }),
  line: step({
    act: readLine,
    then: (v, { line }) => {
      const { seen } = v;
      if (seen === undefined) return go("release", unseen(v));
      if (Object.keys(seen.holders).length > v.max) return go("shrink", v);
      const waiter = first(line, seen);
      return waiter === undefined ? go("clear", v) : go("hand", { ...v, place: waiter.sk });
    },
  }),
  hand: step({
    act: (v, now) => ({
      update: limitKey(v.limit),
      change: {
        remove: [holderAttribute(v.run)],
        nextOf: { counter: "grants", to: ["grants", holderAttribute(runAt(v.place ?? ""))] },
        set: { used: now },
      },
      when: and(holds(v), absent(holderAttribute(runAt(v.place ?? ""))), compare("holders", "<=", v.max)),
    }),
    then: (v, { ok, item }) => {
      if (!ok) return again(v);
      const run = runAt(v.place ?? "");
      return go("claim", { ...unseen(v), run, grant: holdersOf(item)[run] ?? 0 });
    },
  }),
  clear: step({
    act: (v, now) => ({
      update: limitKey(v.limit),
      change: {
        remove: [holderAttribute(v.run)],
        add: { holders: -1 },
        set: { cleared: v.seen?.registered ?? 0, used: now },
      },
      when: and(holds(v), compare("registered", "=", v.seen?.registered ?? 0)),
    }),
    then: (v, { ok }) => (ok ? leave(v) : again(v)),
  }),
  shrink: step({
    act: (v, now) => ({
      update: limitKey(v.limit),
      change: { remove: [holderAttribute(v.run)], add: { holders: -1 }, set: { used: now } },
      when: and(holds(v), compare("holders", ">", v.max)),
    }),
    then: (v, { ok }) => (ok ? onward(v) : again(v)),
  }),
  look: step({
    act: ({ limit }) => ({ get: limitKey(limit) }),
    then: (v, { item }) => go("waiters", { ...v, seen: seenOf(item) }),
  }),
  waiters: step({
    act: readLine,
    then: (v, { line }) => {
      const { seen } = v;
      if (seen === undefined) return pump(v);
      const half = line.find((waiter) => seen.holders[runAt(waiter.sk)] !== undefined);
      if (half !== undefined) {
        const granted = to(unseen(v), half);
        return go("claim", { ...granted, grant: seen.holders[granted.run] ?? 0 });
      }
      const waiter = line[0];
      if (waiter === undefined) return seen.contended ? go("empty", v) : leave(v);
      if (Object.keys(seen.holders).length < v.max) return go("grant", to(unseen(v), waiter));
      return seen.contended ? leave(v) : go("note", v);
    },
  }),
  grant: step({
    act: (v, now) => ({
      update: limitKey(v.limit),
      change: take(v.limit, v.run, now),
      when: and(absent(holderAttribute(v.run)), hasRoom(v.max)),
    }),
    then: (v, { ok, item }) => (ok ? go("claim", { ...v, grant: holdersOf(item)[v.run] ?? 0 }) : pump(v)),
  }),
  empty: step({
    act: ({ limit, seen }) => ({
      update: limitKey(limit),
      change: { set: { cleared: seen?.registered ?? 0 } },
      when: compare("registered", "=", seen?.registered ?? 0),
    }),
    then: (v, { ok }) => (ok ? leave(v) : pump(v)),
  }),
  note: step({
    act: ({ limit, max }) => ({
      update: limitKey(limit),
      change: { add: { registered: 1 } },
      when: or(compare("holders", ">=", max), somebodyWaits),
    }),
    then: (v, { ok }) => (ok ? leave(v) : pump(v)),
  }),
};

/** A release that found its limit contended, or its slot gone. */
function afterRead(v: SlotVariables, seen: Seen): Go {
  const held = seen.holders[v.run];
  const mine = held !== undefined && (v.grant === undefined || held === v.grant);
  if (mine) return go("line", { ...v, seen });
  return seen.contended ? pump(v) : onward(v);
}

/** What was read is old: once more from the start, with the waiter that was chosen forgotten. */
function again(v: SlotVariables): Go {
  const { place: _, ...others } = unseen(v);
  return go("release", others);
}
