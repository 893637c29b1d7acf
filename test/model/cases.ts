import type { LockCase } from "./lock-case.ts";
import type { SlotCase } from "./slot-case.ts";

export interface Case<G> {
  readonly name: string;
  readonly given: G;
}

const three: SlotCase = { runs: 3, limits: [1], order: [0, 1, 2] };

/** Of the limit protocol: two runs with any two faults, three runs with any one. */
export const SLOT_CASES: readonly Case<SlotCase>[] = [
  { name: "2 runs, limit 1, any two faults", given: { runs: 2, limits: [1], faults: 2 } },
  { name: "2 runs, limit 1 or 2, any two faults", given: { runs: 2, limits: [1, 2], faults: 2 } },
  {
    name: "2 runs, limit 1, CANCEL_NEW, any two faults",
    given: { runs: 2, limits: [1], faults: 2, strategy: "CANCEL_NEW" },
  },
  { name: "2 runs, limit 1, hints, any fault", given: { runs: 2, limits: [1], faults: 1, hint: true } },
  { name: "3 runs, limit 1, no fault, no sweep", given: { runs: 3, limits: [1], sweep: false, overtaking: true } },
  { name: "3 runs, limit 2, no fault, no sweep", given: { runs: 3, limits: [2], sweep: false, overtaking: true } },
  { name: "2 runs, limit 1, hints, no fault, no sweep", given: { runs: 2, limits: [1], sweep: false, hint: true } },
  { name: "3 runs, limit 1, crash", given: { ...three, faults: { crash: 1 } } },
  ...[0, 1, 2].map((faulty) => ({
    name: `3 runs, limit 1, submission ${faulty + 1} repeated`,
    given: { ...three, faults: { submit: 1 }, faulty },
  })),
  { name: "3 runs, limit 1, duplicate event", given: { ...three, faults: { event: 1 } } },
  { name: "3 runs, limit 1, lost event", given: { ...three, faults: { lost: 1 } } },
  { name: "3 runs, limit 1, cancel", given: { ...three, faults: { cancel: 1 } } },
  { name: "3 runs, limit 1, sweep at any moment", given: { ...three, faults: { sweep: 1 } } },
  { name: "3 runs, limit 1, waited too long", given: { ...three, faults: { expire: 1 } } },
  { name: "3 runs, limit 1 or 2, limit changed", given: { ...three, limits: [1, 2], faults: { change: 1 } } },
  { name: "3 runs, limit 2 or 1, limit changed", given: { ...three, limits: [2, 1], faults: { change: 1 } } },
];

const trio: LockCase = { flows: 3, inOrder: true };

/** Of the lock protocol: two flows with any two faults, three flows with any one. */
export const LOCK_CASES: readonly Case<LockCase>[] = [
  { name: "2 flows, a lock, any two faults", given: { flows: 2, faults: 2 } },
  { name: "2 flows, a lock that drains, any two faults", given: { flows: 2, faults: 2, drains: true } },
  { name: "2 flows, two locks at once, any fault", given: { flows: 2, locks: 2, faults: 1 } },
  { name: "3 flows, a lock, no fault, no sweep", given: { flows: 3, sweep: false } },
  { name: "3 flows, a lock, crash", given: { ...trio, faults: { crash: 1 } } },
  ...[0, 1, 2].map((faulty) => ({
    name: `3 flows, a lock, flow ${faulty + 1} stopped`,
    given: { ...trio, faults: { abort: 1 }, faulty },
  })),
  ...[0, 1, 2].map((faulty) => ({
    name: `3 flows, a lock, flow ${faulty + 1} waits no longer`,
    given: { ...trio, faults: { timeout: 1 }, faulty },
  })),
  { name: "3 flows, a lock, lost event", given: { ...trio, faults: { lost: 1 } } },
  { name: "3 flows, a lock, sweep at any moment", given: { ...trio, faults: { sweep: 1 } } },
];

/** What takes minutes. */
export const SLOT_CASES_IN_FULL: readonly Case<SlotCase>[] = [
  {
    name: "2 runs, limit 1, crash, duplicate submission, duplicate event, lost event and cancel",
    given: { runs: 2, limits: [1], faults: { crash: 1, submit: 1, event: 1, lost: 1, cancel: 1 } },
  },
  {
    name: "2 runs, limit 1, two crashes, lost event, cancel and sweep at any moment",
    given: { runs: 2, limits: [1], faults: { crash: 2, lost: 1, cancel: 1, sweep: 1 } },
  },
  { name: "2 runs, limit 1, any three faults", given: { runs: 2, limits: [1], faults: 3 } },
  {
    name: "2 runs, limit 1, hints, crash, lost event and cancel",
    given: { runs: 2, limits: [1], hint: true, faults: { crash: 1, lost: 1, cancel: 1 } },
  },
  { name: "3 runs in any order, limit 1, any fault", given: { runs: 3, limits: [1], faults: 1 } },
  { name: "3 runs, limit 1, hints, no fault, no sweep", given: { runs: 3, limits: [1], sweep: false, hint: true } },
  { name: "3 runs, limit 1 or 2, limit changed twice", given: { runs: 3, limits: [1, 2], faults: { change: 2 } } },
  {
    name: "3 runs, limit 2, crash, lost event and cancel",
    given: { runs: 3, limits: [2], order: [0, 1, 2], faults: { crash: 1, lost: 1, cancel: 1 } },
  },
  { name: "4 runs, limit 3, no fault, no sweep", given: { runs: 4, limits: [3], sweep: false, overtaking: true } },
];

export const LOCK_CASES_IN_FULL: readonly Case<LockCase>[] = [
  ...[0, 1, 2].map((faulty) => ({
    name: `3 flows, a lock, acquire ${faulty + 1} repeated`,
    given: { ...trio, faults: { again: 1 }, faulty },
  })),
  {
    name: "2 flows, a lock, crash, stopped, waits no longer and lost event",
    given: { flows: 2, faults: { crash: 1, abort: 1, timeout: 1, lost: 1 } },
  },
  {
    name: "2 flows, a lock, acquire repeated, stopped, waits no longer and lost event",
    given: { flows: 2, faults: { again: 1, abort: 1, timeout: 1, lost: 1 } },
  },
  {
    name: "2 flows, two locks at once, crash and stopped",
    given: { flows: 2, locks: 2, faults: { crash: 1, abort: 1 } },
  },
  {
    name: "2 flows, two locks at once, stopped and waits no longer",
    given: { flows: 2, locks: 2, faults: { abort: 1, timeout: 1 } },
  },
];

const many = { crash: 2, submit: 2, event: 1, lost: 2, cancel: 1, sweep: 1, change: 1, expire: 1 };

/** Walked at random. */
export const SLOT_WALKS: readonly (Case<SlotCase> & { readonly walks: number })[] = [
  { name: "4 runs, limit 1, up to 11 faults", given: { runs: 4, limits: [1], faults: many }, walks: 600_000 },
  { name: "5 runs, limit 2, up to 11 faults", given: { runs: 5, limits: [2, 1, 3], faults: many }, walks: 300_000 },
  { name: "6 runs, limit 3, up to 11 faults", given: { runs: 6, limits: [3, 1, 2], faults: many }, walks: 100_000 },
  {
    name: "6 runs, limit 1, hints, up to 11 faults",
    given: { runs: 6, limits: [1, 2], faults: many, hint: true },
    walks: 100_000,
  },
];

const trouble = { crash: 2, again: 1, abort: 1, timeout: 1, lost: 2, sweep: 1 };
export const LOCK_WALKS: readonly (Case<LockCase> & { readonly walks: number })[] = [
  { name: "5 flows, a lock, up to 8 faults", given: { flows: 5, faults: trouble }, walks: 200_000 },
  {
    name: "4 flows, two locks at once, up to 8 faults",
    given: { flows: 4, locks: 2, faults: trouble },
    walks: 100_000,
  },
  {
    name: "4 flows, a lock that drains, up to 8 faults",
    given: { flows: 4, faults: trouble, drains: true },
    walks: 100_000,
  },
];
