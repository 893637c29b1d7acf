import { ADD_TAGS_TASK } from "../model/wire.ts";
import { type Callee, awaitsToken } from "./callee.ts";
import type { Expression } from "./expression.ts";
import type { CallNode, Edge, Node } from "./graph.ts";
import type { Amount, Measure } from "./plan-paths.ts";

/** Every state that is entered is billed; the turns of an inline Map are not, those of a distributed one are executions. */
export const TRANSITIONS: Measure = { own: () => 1, turn: ({ distributed }) => (distributed === undefined ? 0 : 1) };

/** Events of the history but the first and the last, which say that the execution began and ended. */
export const EVENTS: Measure = { own: eventsOf, turn: () => 2, apart: true };

/** Items that calls write through Millrace: tags of the run, locks, events. What tasks write themselves is not known. */
export const WRITES: Measure = { own: writesOf, turn: () => 0 };

/** Calls of Lambda functions that are meant. */
export function calls(meant: (node: CallNode) => boolean): Measure {
  return { own: (node) => (node.kind === "call" && meant(node) ? 1 : 0), turn: () => 0 };
}

/**
 * | state                 | events                                                                            |
 * |-----------------------|-----------------------------------------------------------------------------------|
 * | Task                  | entered, scheduled, started, succeeded or failed, exited                          |
 * | … that waits by token | the same and submitted, which a failed call has not                               |
 * | Map, Parallel         | entered, started, succeeded or failed, exited; a turn of a Map: started, succeeded |
 * | distributed Map       | the same as Map, and the run of the Map: started, succeeded or failed              |
 * | Choice, Pass, Wait    | entered, exited; so too Succeed                                                   |
 * | Fail                  | entered                                                                           |
 */
function eventsOf(node: Node, way?: Edge): Amount {
  switch (node.kind) {
    case "call":
      if (!awaitsToken(node.callee)) return 5;
      return way === node.next ? 6 : [5, 6];
    case "each":
      return node.distributed === undefined ? 4 : 6;
    case "all":
      return 4;
    case "fail":
      return 1;
    default:
      return 2;
  }
}

/** A lock in line: refused, place, registration, hand-over; and to leave the line and pass the lock on. */
const WRITES_OF_ACQUIRE = [1, 4] as const;
const WRITES_OF_RELEASE = [1, 2] as const;

/** The token is kept; the answer is, and that it was delivered. */
const WRITES_OF_EVENT = [1, 3] as const;

function writesOf(node: Node): Amount {
  if (node.kind !== "call") return 0;
  const { callee } = node;
  if (callee.kind === "acquire") return perLock(callee.locks, WRITES_OF_ACQUIRE);
  if (callee.kind === "event") return WRITES_OF_EVENT;
  if (callee.kind === "release") return perLock(callee.locks, WRITES_OF_RELEASE);
  const tags = tagsOf(callee);
  if (tags === undefined) return 0;
  const count = lengthOf(tags);
  return count === undefined ? [0, Infinity] : count === 0 ? 0 : 1 + count; // the record's set, and an edge a tag
}

/** The tags that a call adds to its own run; those of a child are written with the child. */
function tagsOf(callee: Callee): Expression | undefined {
  if (callee.kind !== "task") return undefined;
  return callee.task.name === ADD_TAGS_TASK ? callee.input : callee.tags;
}

function perLock(locks: Expression, [low, high]: readonly [number, number]): Amount {
  const count = locks.kind === "object" ? 1 : lengthOf(locks);
  return count === undefined ? [low, Infinity] : [low * count, high * count];
}

function lengthOf(list: Expression): number | undefined {
  if (list.kind === "form" && list.form === "map") return list.parts[0] && lengthOf(list.parts[0]);
  if (list.kind === "constant") return Array.isArray(list.value) ? list.value.length : undefined;
  if (list.kind !== "array") return undefined;
  return list.elements.reduce<number | undefined>((sum, { as, value }) => {
    const length = as === "spread" ? lengthOf(value) : 1;
    return sum === undefined || length === undefined ? undefined : sum + length;
  }, 0);
}
