import { RANK } from "../../engine/model/run.ts";

import { seenOf } from "../../engine/coordination/slot-item.ts";
import { SLOT_STEPS } from "../../engine/coordination/slot-steps.ts";
import type { SlotVariables } from "../../engine/coordination/slot-variables.ts";
import type { Action, Step } from "../../engine/coordination/step.ts";
import { absent, and, compare, exists, or, type Condition } from "../../engine/store/condition.ts";
import type { Update } from "../../engine/store/items.ts";
import { limitKey, lockKey } from "../../engine/coordination/keys.ts";
import { holds as lockHolds, seenOf as lockSeen } from "../../engine/coordination/lock-item.ts";
import { LOCK_STEPS } from "../../engine/coordination/lock-steps.ts";
import type { LockVariables } from "../../engine/coordination/lock-variables.ts";
import type { LockCase, LockSteps } from "./lock-case.ts";
import type { SlotCase, SlotSteps } from "./slot-case.ts";

/** A protocol with one guard less, and the smallest case that shows why the guard is there. */
export interface Mutant<G> {
  readonly name: string;
  readonly given: G;
}

type SlotRule = Step<SlotVariables, string, string>;

const steps: SlotSteps = SLOT_STEPS;

/** The table with parts of one step replaced. */
function replaced<R extends object>(
  table: { readonly [step: string]: R },
  step: string,
  change: (real: R) => Partial<R>,
): { readonly [step: string]: R } {
  const real = table[step];
  if (real === undefined) throw new Error(`The table has no step "${step}".`);
  return { ...table, [step]: { ...real, ...change(real) } };
}

const without = (step: string, change: (real: SlotRule) => Partial<SlotRule>): SlotSteps =>
  replaced(steps, step, change);

/** With another condition on the step's write, or none. */
const under = <V>(
  real: Pick<Step<V, string, unknown>, "act">,
  when: (variables: V, now: number) => Condition | undefined,
): Pick<Step<V, string, unknown>, "act"> => ({
  act: (variables, now) => {
    const { when: _, ...action } = real.act(variables, now) as Action & { readonly when?: Condition };
    const condition = when(variables, now);
    return condition === undefined ? action : { ...action, when: condition };
  },
});

const changed = (real: SlotRule, change: (real: Update) => Update): Partial<SlotRule> => ({
  act: (variables, now) => {
    const action = real.act(variables, now);
    return "update" in action ? { ...action, change: change(action.change) } : action;
  },
});

const two: SlotCase = { runs: 2, limits: [1] };
const three: SlotCase = { runs: 3, limits: [1], order: [0, 1, 2], sweep: false };
const reset = (update: Update): Update => ({ ...update, set: { ...update.set, registered: 0, cleared: 0 } });
const resetting: SlotSteps = {
  ...steps,
  ...Object.fromEntries(
    ["clear", "empty"].map((step) => [step, without(step, (real) => changed(real, reset))[step] as SlotRule]),
  ),
};
const holder = ({ run }: SlotVariables): string => `h:${run}`;

/** Each must be found out. */
export const SLOT_MUTANTS: readonly Mutant<SlotCase>[] = [
  {
    name: "the count of registrations starts again when the line is empty",
    given: { ...three, faults: { event: 1 }, faulty: 2, steps: resetting, numbersRise: false },
  },
  {
    name: "a waiter registers only if nobody has",
    given: {
      ...three,
      steps: without("register", (real) => ({
        ...under(real, ({ max }) =>
          and(
            compare("holders", ">=", max),
            or(absent("registered"), compare("registered", "=", { attribute: "cleared" })),
          ),
        ),
        then: (v, outcome) => real.then(v, { ...outcome, ok: outcome.ok || seenOf(outcome.item).contended }),
      })),
    },
  },
  {
    name: "a waiter registers even if a slot has come free",
    given: { ...three, steps: without("register", (real) => under(real, () => undefined)) },
  },
  {
    name: "a waiter does not register",
    given: {
      ...two,
      sweep: false,
      steps: without("register", (real) => ({
        act: ({ limit }) => ({ get: limitKey(limit) }),
        then: (v, outcome) => real.then(v, { ...outcome, ok: true }),
      })),
    },
  },
  {
    name: "a line is taken for empty although somebody has registered since",
    given: { ...three, steps: without("clear", (real) => under(real, (v) => exists(holder(v)))) },
  },
  {
    name: "a run is started without a claim",
    given: { ...three, steps: without("claim", (real) => under(real, () => undefined)) },
  },
  {
    name: "a claim does not ask under which grant the run runs",
    given: { ...three, steps: without("claim", (real) => under(real, () => compare("rank", "<=", RANK.running))) },
  },
  {
    name: "a dead waiter stays in line when its slot is passed on",
    given: {
      ...two,
      faults: { cancel: 1, crash: 1 },
      steps: without("claim", (real) => ({
        then: (v, outcome) => (outcome.ok ? real.then(v, outcome) : { step: "release", variables: v }),
      })),
    },
  },
  {
    name: "a run that has waited for too long is not claimed, whoever claims it",
    given: {
      ...two,
      faults: { expire: 1, crash: 1 },
      steps: without("claim", (real) => ({
        act: (variables, now) => {
          const action = real.act(variables, now);
          return "update" in action && action.when !== undefined
            ? { ...action, when: and(action.when, absent("expiresAt")) }
            : action;
        },
      })),
    },
  },
  {
    name: "a submission that freed a slot on the way does not look again",
    given: {
      ...three,
      steps: without("release", (real) => ({
        then: (v, outcome) => {
          const next = real.then(v, outcome);
          if (!outcome.ok || v.submitted === undefined || "done" in next) return next;
          return { step: "mark", variables: { ...v, run: v.submitted } };
        },
      })),
    },
  },
  {
    name: "the count of holders is only held to differ from the limit",
    given: {
      runs: 3,
      limits: [2, 1],
      order: [0, 1, 2],
      faults: { change: 1 },
      steps: without("acquire", (real) =>
        under(real, (v) => and(absent(holder(v)), or(absent("holders"), compare("holders", "<>", v.max)))),
      ),
    },
  },
  {
    name: "a slot is passed on to a run that has one",
    given: {
      ...three,
      limits: [2],
      steps: without("hand", (real) => under(real, (v) => and(exists(holder(v)), compare("holders", "<=", v.max)))),
    },
  },
  {
    name: "the sweep leaves a grant alone that was not used",
    given: { runs: 3, limits: [1], left: [0, 2], world: { sweepsGrants: false } },
  },
  {
    name: "only contended limits are swept",
    given: { ...two, faults: { crash: 1, submit: 1 }, world: { sweepsContendedOnly: true } },
  },
  { name: "a machine can be started twice", given: { ...two, faults: { submit: 1 }, world: { startsOnce: false } } },
];

/** Guards that are not needed where limits never rise; kept for where they do. */
export const SLOT_SURVIVORS: readonly Mutant<SlotCase>[] = [
  {
    name: "a free slot is taken although others wait",
    given: {
      ...three,
      steps: without("acquire", (real) =>
        under(real, (v) => and(absent(holder(v)), or(absent("holders"), compare("holders", "<", v.max)))),
      ),
    },
  },
];

type LockRule = Step<LockVariables, string, unknown>;
const lockSteps: LockSteps = LOCK_STEPS;
const withoutLock = (step: string, change: (real: LockRule) => Partial<LockRule>): LockSteps =>
  replaced(lockSteps, step, change);

const pair: LockCase = { flows: 2 };
const trio: LockCase = { flows: 3, sweep: false };

/** Each must be found out. */
export const LOCK_MUTANTS: readonly Mutant<LockCase>[] = [
  {
    name: "a pump grants what it saw held, and stops where that fails",
    given: {
      ...trio,
      steps: {
        ...withoutLock("grant", (real) => ({
          then: (v, outcome) => (outcome.ok ? real.then(v, outcome) : { done: "done" }),
        })),
        look: {
          act: ({ lock }) => ({ get: lockKey(lock) }),
          then: (v, { item }) => ({ step: "waiters", variables: { ...v, seen: lockSeen(item) } }),
        },
      },
    },
  },
  {
    name: "nobody minds that a flow waits no longer",
    given: {
      ...pair,
      faults: { timeout: 1 },
      sweep: false,
      steps: withoutLock("answer", (real) => ({ then: (v, outcome) => real.then(v, { ...outcome, ok: true }) })),
    },
  },
  {
    name: "a waiter registers even if the lock has come free",
    given: { ...pair, sweep: false, steps: withoutLock("register", (real) => under(real, () => undefined)) },
  },
  {
    name: "a lock is freed although somebody waits",
    given: {
      ...pair,
      sweep: false,
      steps: withoutLock("release", (real) => under(real, (v, now) => lockHolds(v, now))),
    },
  },
  {
    name: "a line is taken for empty although somebody has registered since",
    given: { ...trio, steps: withoutLock("clear", (real) => under(real, (v, now) => lockHolds(v, now))) },
  },
  {
    name: "a lock is passed on whoever holds it now",
    given: { ...pair, faults: { abort: 1 }, steps: withoutLock("hand", (real) => under(real, () => exists("owner"))) },
  },
  {
    name: "a lock is taken whoever holds it",
    given: { ...pair, steps: withoutLock("acquire", (real) => under(real, () => undefined)) },
  },
  {
    name: "a stopped flow's lock is freed at once",
    given: {
      ...pair,
      faults: { abort: 1 },
      drains: true,
      steps: withoutLock("drain", () => ({ act: lockSteps["release"]?.act as LockRule["act"] })),
    },
  },
];

/** Guards that another one makes up for. */
export const LOCK_SURVIVORS: readonly Mutant<LockCase>[] = [
  {
    name: "a free lock is granted whatever happened since it was read",
    given: {
      ...pair,
      faults: { timeout: 1 },
      steps: withoutLock("grant", (real) => under(real, () => absent("owner"))),
    },
  },
];
