import { type Expression, readVariables, walk } from "./expression.ts";
import { type Edge, type Node, bodiesOf, exits, mapOwn, ownReads, reachable, target } from "./graph.ts";

/**
 * Drops every assignment whose variable is not read before it is assigned again, in the bodies of others too,
 * and what a Map or a Parallel gives its turns and none of them reads. The ways in assign nothing any more.
 */
export function prune(entry: Edge): void {
  const live = new Map<Node, ReadonlySet<string>>();
  const nodes = reachable(entry).reverse();
  for (const node of nodes) bodiesOf(node).forEach(prune);
  let changed = true;
  while (changed) {
    changed = false;
    for (const node of nodes) {
      const before = live.get(node)?.size ?? -1;
      const now = ownReads(node);
      for (const body of sharing(node)) for (const name of readsOf(body)) now.add(name);
      for (const exit of exits(node)) for (const name of throughEdge(exit, live)) now.add(name);
      live.set(node, now);
      changed ||= now.size !== before;
    }
  }
  for (const edge of [entry, ...nodes.flatMap(exits)]) {
    const needed = live.get(target(edge));
    edge.assigns = edge.assigns.filter((one) => needed?.has(one.variable));
  }
  for (const node of nodes) {
    if ((node.kind !== "each" && node.kind !== "all") || isDistributed(node)) continue;
    const inputs = new Set(bodiesOf(node).flatMap((body) => [...inputsOf(body)]));
    node.bindings = node.bindings.filter((one) => inputs.has(one.variable));
  }
}

/** The graphs inside of a node that see its variables: others are given what they read. */
function sharing(node: Node): readonly Edge[] {
  return isDistributed(node) ? [] : bodiesOf(node);
}

function isDistributed(node: Node): boolean {
  return node.kind === "each" && node.distributed !== undefined;
}

/** The members of a turn's input that are read behind an edge; inner Maps have inputs of their own. */
function inputsOf(entry: Edge): Set<string> {
  const inputs = new Set<string>();
  const add = (expression: Expression): void =>
    walk(expression, (part) => void (part.kind === "input" && inputs.add(part.key)));
  for (const one of entry.assigns) add(one.value);
  for (const node of reachable(entry)) {
    mapOwn(node, (expression) => {
      add(expression);
      return expression;
    });
    for (const exit of exits(node)) for (const one of exit.assigns) add(one.value);
  }
  return inputs;
}

/** What has to be known before an edge, given what has to be known after it. */
function throughEdge(edge: Edge, live: ReadonlyMap<Node, ReadonlySet<string>>): Set<string> {
  const needed = live.get(target(edge)) ?? new Set<string>();
  const reads = new Set(needed);
  for (const { variable } of edge.assigns) reads.delete(variable);
  for (const { variable, value } of edge.assigns) if (needed.has(variable)) readVariables(value, reads);
  return reads;
}

/** Every variable that is read behind an edge, whoever assigns it. */
export function readsOf(entry: Edge): Set<string> {
  const reads = new Set<string>();
  const add = (edge: Edge): void => edge.assigns.forEach((one) => void readVariables(one.value, reads));
  add(entry);
  for (const node of reachable(entry)) {
    for (const name of ownReads(node)) reads.add(name);
    exits(node).forEach(add);
    for (const body of sharing(node)) for (const name of readsOf(body)) reads.add(name);
  }
  return reads;
}
