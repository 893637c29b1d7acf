import { LOCK_CASES, LOCK_CASES_IN_FULL, LOCK_WALKS, SLOT_CASES, SLOT_CASES_IN_FULL, SLOT_WALKS } from "./cases.ts";
import { explore, type Model, type Violation } from "./explorer.ts";
import { LockModel } from "./locks.ts";
import { SlotModel } from "./slots.ts";
import { seeded, walkAtRandom, type Walkable } from "./walks.ts";

/**
 * `npm run test:model`: every interleaving of the procedures of coordination, from the tables that the code runs, in
 * cases that a CI job has time for; `npm run test:model -- full`: larger ones, and random walks through what is too
 * large. Prints what was visited; where something is wrong, the shortest way to it.
 */
const started = performance.now();
const full = process.argv.includes("full");
let wrong = 0;

for (const { name, given } of [...SLOT_CASES, ...(full ? SLOT_CASES_IN_FULL : [])]) {
  exploreCase(name, new SlotModel(given));
}
for (const { name, given } of [...LOCK_CASES, ...(full ? LOCK_CASES_IN_FULL : [])]) {
  exploreCase(name, new LockModel(given));
}
if (full) {
  for (const { name, given, walks } of SLOT_WALKS) walkCase(name, () => new SlotModel(given), walks);
  for (const { name, given, walks } of LOCK_WALKS) walkCase(name, () => new LockModel(given), walks);
}
console.log(
  `${wrong === 0 ? "Nothing is wrong" : `${wrong} cases are wrong`}; ${seconds(performance.now() - started)}.`,
);
process.exitCode = wrong === 0 ? 0 : 1;

function exploreCase(name: string, model: Model): void {
  const { states, transitions, seconds, violation } = explore(model);
  report(name, `${count(states)} states`, `${count(transitions)} transitions`, seconds, violation);
}

function walkCase(name: string, make: () => Walkable, walks: number): void {
  const walked = walkAtRandom(make, walks, seeded(walks));
  report(name, `${count(walked.walks)} walks`, `${count(walked.steps)} steps`, walked.seconds, walked.violation);
}

function report(name: string, visited: string, passed: string, took: number, violation: Violation | undefined): void {
  const verdict = violation === undefined ? "ok" : violation.problem;
  console.log(
    `${name.padEnd(78)} ${visited.padStart(18)} ${passed.padStart(24)} ${seconds(took * 1000).padStart(8)}  ${verdict}`,
  );
  if (violation === undefined) return;
  wrong += 1;
  console.log(violation.trace.join("\n"));
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
