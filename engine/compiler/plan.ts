import type { Plan } from "../model/compiled.ts";
import { isFolded, stateNodes } from "./emit.ts";
import { type EachNode, type Edge, type Node, exits, target } from "./graph.ts";

/**
 * Transitions of a run that ends by itself, from its cheapest to its dearest way, caught errors included. Retries come
 * on top. There is no upper bound where a loop's length is unknown.
 */
export function planOf(entry: Edge): Plan {
  const max = longest(target(entry), new Map());
  return { transitions: { min: shortest(entry), ...(Number.isFinite(max) ? { max } : {}) } };
}

function shortest(entry: Edge): number {
  const states = stateNodes(entry);
  const known = new Map<Node, number>();
  for (let changed = true; changed;) {
    changed = false;
    for (const node of states) {
      const turns = node.kind === "each" ? (turnsOf(node) ?? 0) * shortest(node.body) : 0;
      const after = taken(node).map((exit) => (isFolded(node, exit) ? 0 : (known.get(target(exit)) ?? Infinity)));
      const isEnd = node.kind === "return" || node.kind === "fail";
      const cost = 1 + turns + (isEnd ? 0 : Math.min(...after));
      if (cost >= (known.get(node) ?? Infinity)) continue;
      known.set(node, cost);
      changed = true;
    }
  }
  return known.get(target(entry)) ?? 0;
}

/** Infinite on a cycle, and on a Map over a list that the source does not spell out. */
function longest(node: Node, known: Map<Node, number>): number {
  const cost = known.get(node);
  if (cost !== undefined) return cost;
  known.set(node, Infinity);
  const turns = node.kind === "each" ? (turnsOf(node) ?? Infinity) * longest(target(node.body), known) : 0;
  const after = taken(node).map((exit) => (isFolded(node, exit) ? 0 : longest(target(exit), known)));
  const total = 1 + turns + Math.max(0, ...after);
  known.set(node, total);
  return total;
}

/** The call that ends a wait which has timed out always fails. */
function taken(node: Node): readonly Edge[] {
  const fails = node.kind === "call" && node.callee.kind === "release" && node.callee.timedOut === true;
  return fails ? exits(node).filter((exit) => exit !== node.next) : exits(node);
}

function turnsOf({ items }: EachNode): number | undefined {
  if (items.kind !== "array" || items.elements.some((element) => element.as === "spread")) return undefined;
  return items.elements.length;
}
