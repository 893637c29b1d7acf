import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CompiledWorkflow } from "../../../engine/model/compiled.ts";
import { goldenPath } from "./flows.ts";

/** Transitions of each flow by the rules of the language: a task 1, a choice between tasks 1, data nothing, … */
const COSTS: readonly (readonly [flow: string, min: number, max: number | undefined, why: string])[] = [
  ["nothing", 1, 1, "a machine has a state"],
  ["onlyData", 1, 1, "a machine has a state"],
  ["oneStep", 1, 1, "one task, whose output the return is"],
  ["chain", 4, 4, "four tasks; data between them costs nothing"],
  ["callsInExpressions", 3, 3, "three tasks"],
  ["ifElse", 3, 3, "a choice, one of two tasks, a task"],
  ["elseIf", 3, 4, "else if is the same choice; a return of data is a state where no task comes before it"],
  ["nestedIf", 2, 3, "an if within an if is the same choice"],
  ["onlyReturns", 1, 1, "a choice between data is a value"],
  ["emptyBranches", 1, 1, "a choice of nothing is none"],
  ["each", 2, undefined, "a task and a Map"],
  ["eachLiteral", 4, 4, "a Map with a task in each of three turns"],
  ["skips", 2, undefined, "a choice before each turn, and the end"],
  ["firstMatch", 3, undefined, "a task, the choice of the loop, and the end"],
  ["loopOverValue", 2, undefined, "the way into a loop sets its index without a state"],
  ["throws", 3, 3, "a task, one choice, and the throw or the return"],
  ["catches", 1, 2, "a catcher costs nothing, the return behind it a state"],
  ["catchesWithoutName", 1, 2, "a catcher costs nothing"],
  ["throwsInside", 2, 3, "a throw to a handler around it costs nothing"],
  ["byClass", 2, 3, "catchers tell classes apart; nobody catches what is thrown again"],
  ["passesOn", 1, 1, "a catch that only throws again is none"],
  ["onlyDeclined", 2, 3, "two tasks or one, and the choice: the catcher asks for the class, a throw knows its own"],
  ["rebinds", 2, 3, "a choice for the task, and a task: assignments cost nothing"],
  ["rebindsParameter", 1, 1, "an assignment under a condition is a value"],
  ["switches", 2, 4, "a choice for each switch, a task in either, or a return of data"],
  ["finishes", 3, 6, "finally stands on each way out, so it costs its own task alone"],
  ["nestedFinally", 3, 3, "the task of each finally, and the task in the middle"],
  ["ridesAlong", 2, 2, "tags ride in tasks"],
  ["onOneBranch", 1, 1, "tags of one branch ride in a task"],
  ["atTheEnd", 2, 2, "tags that no task carries take a state"],
  ["onOneEnd", 3, 3, "a task, the choice, and the tags or the return"],
  ["executes", 1, 1, "a child that is waited for is one state, whose output the return is"],
  ["returnsChild", 1, 1, "a child that goes on alone is one state"],
  ["catchesChild", 1, 4, "a catcher costs nothing: the child, the task, the choice, and the end"],
  ["childInEach", 1, undefined, "a Map, with a child and a task in each turn"],
  ["tagsBeforeChild", 4, 4, "two tasks, the child, and the tags that no task carries before it"],
  ["sweeps", 1, 1, "one task"],
  ["locked", 5, 5, "three tasks, and two states for the lock"],
  ["lockedBlock", 5, 6, "tags before the wait, two states for the lock, the choice, and the return or two tasks"],
  ["severalLocks", 3, 3, "a task, and two states for the locks, however many"],
  ["lockInTry", 3, 6, "the way of an error has a release of its own"],
  ["lockInEach", 1, undefined, "a Map, with two states for the lock in each turn"],
];

describe("The plan counts the transitions of a flow", () => {
  it.each(COSTS)("%s: %i to %s, %s", (flow, min, max) => {
    const { plan } = JSON.parse(readFileSync(goldenPath(flow), "utf8")) as CompiledWorkflow;
    expect([plan.transitions.min, plan.transitions.max]).toEqual([min, max]);
  });
});
