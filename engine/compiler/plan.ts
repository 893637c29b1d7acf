import type { LoopBound, Plan, Range } from "../model/compiled.ts";
import { functionOf } from "./emit-call.ts";
import { stateNodes } from "./emit.ts";
import { type CallNode, type ChoiceNode, type EachNode, type Edge, type Node, bodiesOf } from "./graph.ts";
import { EVENTS, TRANSITIONS, WRITES, calls } from "./plan-measures.ts";
import { type Measure, fewest, most } from "./plan-paths.ts";

/** Started, and succeeded or failed. */
const EXECUTION_EVENTS = 2;

/**
 * What a run that ends by itself counts, from its cheapest to its dearest way, caught errors included. Retries come on
 * top. There is no upper bound where a loop's length is unknown.
 */
export function planOf(entry: Edge): Plan {
  const nodes = everyNode(entry);
  const callNodes = nodes.filter((node) => node.kind === "call");
  const functions = [...new Set(callNodes.map(({ callee }) => functionOf(callee)))].sort();
  const children = [...new Set(callNodes.flatMap(({ callee }) => (callee.kind === "child" ? [callee.workflow] : [])))];
  const perCall = (keys: readonly string[], keyOf: (node: CallNode) => string | undefined): { [key: string]: Range } =>
    Object.fromEntries(
      keys.map((key) => [
        key,
        rangeOf(
          entry,
          calls((node) => keyOf(node) === key),
        ),
      ]),
    );
  return {
    transitions: rangeOf(entry, TRANSITIONS),
    events: plus(rangeOf(entry, EVENTS), EXECUTION_EVENTS),
    writes: rangeOf(entry, WRITES),
    calls: perCall(functions, ({ callee }) => functionOf(callee)),
    children: perCall(children.sort(), ({ callee }) => (callee.kind === "child" ? callee.workflow : undefined)),
    loops: loopsOf(nodes),
  };
}

/**
 * `typical` catches no error, takes the dearest way of each choice and turns each loop as often as is typical; `max` looks
 * at every way. Either is absent where a loop that counts has no such number.
 */
function rangeOf(entry: Edge, measure: Measure): Range {
  const typical = most(entry, measure, { errors: false, turns: (bound) => bound.typical ?? Infinity });
  const max = most(entry, measure, { errors: true, turns: (bound) => bound.max ?? Infinity });
  return {
    min: fewest(entry, measure),
    ...(Number.isFinite(typical) ? { typical } : {}),
    ...(Number.isFinite(max) ? { max } : {}),
  };
}

function plus({ min, typical, max }: Range, count: number): Range {
  return {
    min: min + count,
    ...(typical === undefined ? {} : { typical: typical + count }),
    ...(max === undefined ? {} : { max: max + count }),
  };
}

/** Every loop with its bound, in the order of the source; those over lists that the source spells out apart. */
function loopsOf(nodes: readonly Node[]): LoopBound[] {
  const found = new Map<string, LoopBound>();
  for (const node of nodes.filter(repeats).sort((left, right) => left.offset - right.offset)) {
    const bound = (node.kind === "each" ? node.bound : node.turns) ?? {};
    found.set(`${node.offset} ${node.role}`, { at: node.at, kind: node.kind === "each" ? "map" : "loop", ...bound });
  }
  return [...found.values()];
}

function repeats(node: Node): node is EachNode | ChoiceNode {
  if (node.kind === "each") return node.items.kind !== "array" && node.items.kind !== "constant";
  return node.kind === "choice" && node.turns !== undefined;
}

function everyNode(entry: Edge): Node[] {
  return stateNodes(entry).flatMap((node) => [node, ...bodiesOf(node).flatMap(everyNode)]);
}
