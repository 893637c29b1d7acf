import { substitute, variable, type Expression } from "./expression.ts";
import {
  type AllNode,
  type Edge,
  type EachNode,
  type Node,
  bodiesOf,
  edge,
  exits,
  extend,
  mapOwn,
  reachable,
  target,
  valuesOf,
} from "./graph.ts";
import { GUARDS } from "./fold-guard.ts";
import { readsOf } from "./liveness.ts";
import type { VariableNames } from "./variable-names.ts";

/**
 * The way into a machine, and into each turn of a Map, has no state that could assign something. So the first node reads
 * the values themselves, and hands them on to the nodes behind it.
 */
export function foldEntry(entry: Edge, names: VariableNames): boolean {
  if (entry.assigns.length === 0) return false;
  spread(entry, names);
  entry.assigns = [];
  return true;
}

function spread(entry: Edge, names: VariableNames): void {
  const first = target(entry);
  const isLoop = reachable(entry).some((node) => exits(node).some((exit) => exit.to === first));
  if (isLoop && !GUARDS.isCopied(first)) return assignBefore(entry, first);
  const node = isLoop ? copy(first) : first;
  const values = valuesOf(entry.assigns);
  mapOwn(node, (expression) => substitute(expression, values));
  if (node.kind === "each" || node.kind === "all") bindOuter(node, values, names);
  for (const exit of exits(node)) {
    const own = new Set(exit.assigns.map((one) => one.variable));
    exit.assigns = [
      ...entry.assigns.filter((one) => !own.has(one.variable)),
      ...exit.assigns.map((one) => ({ ...one, value: substitute(one.value, values) })),
    ];
  }
  entry.to = node;
}

/** A state that only assigns, before the head of a loop that cannot stand there a second time. */
function assignBefore(entry: Edge, { role, at, offset }: Node): void {
  entry.to = { kind: "pass", role: `before ${role}`, at, offset, next: edge(entry.assigns, target(entry)) };
}

/** The node once more, for the way in alone: the head of a loop is also entered from its end. */
function copy(node: Node): Node {
  const again = (one: Edge): Edge => edge(one.assigns, one.to);
  switch (node.kind) {
    case "call":
    case "each":
    case "all": {
      const named = node.named?.map((one) => ({ ...one, edge: again(one.edge) }));
      return { ...node, next: again(node.next), caught: node.caught && again(node.caught), ...(named && { named }) };
    }
    case "wait":
    case "pass":
      return { ...node, next: again(node.next) };
    case "choice":
      return {
        ...node,
        rules: node.rules.map((rule) => ({ ...rule, edge: again(rule.edge) })),
        otherwise: again(node.otherwise),
      };
    case "return":
    case "fail":
      return { ...node };
  }
}

/** The bodies of the first node read values of the way in: each of its turns and branches gets them as input. */
function bindOuter(node: EachNode | AllNode, values: ReadonlyMap<string, Expression>, names: VariableNames): void {
  for (const body of bodiesOf(node)) {
    const reads = readsOf(body);
    for (const [name, value] of values) {
      if (!reads.has(name)) continue;
      const inner = names.fresh(name);
      rename(body, new Map([[name, variable(inner)]]));
      node.bindings = [...node.bindings, { variable: inner, value }];
      const given = edge([{ variable: inner, value: { kind: "input", key: inner } }]);
      extend(given, body.assigns); // what the way into the body assigns may read it
      body.assigns = given.assigns;
    }
  }
}

/** Replaces variables in a graph and in those inside of it. */
export function rename(entry: Edge, names: ReadonlyMap<string, Expression>): void {
  const nodes = reachable(entry);
  for (const one of [entry, ...nodes.flatMap(exits)]) {
    one.assigns = one.assigns.map((assign) => ({ ...assign, value: substitute(assign.value, names) }));
  }
  for (const node of nodes) {
    mapOwn(node, (expression) => substitute(expression, names));
    for (const body of bodiesOf(node)) rename(body, names);
  }
}
