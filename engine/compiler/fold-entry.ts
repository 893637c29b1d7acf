import { substitute, variable, type Expression } from "./expression.ts";
import { type Edge, type EachNode, type Node, edge, exits, mapOwn, reachable, target, valuesOf } from "./graph.ts";
import { readsOf } from "./liveness.ts";
import type { VariableNames } from "./variable-names.ts";

/**
 * The way into a machine, and into each turn of a Map, has no state that could assign something. So the first node reads
 * the values themselves, and hands them on to the nodes behind it.
 */
export function foldEntries(entry: Edge, names: VariableNames): void {
  if (entry.assigns.length > 0) foldEntry(entry, names);
  for (const node of reachable(entry)) if (node.kind === "each") foldEntries(node.body, names);
}

function foldEntry(entry: Edge, names: VariableNames): void {
  const first = target(entry);
  const isLoop = reachable(entry).some((node) => exits(node).some((exit) => exit.to === first));
  const node = isLoop ? copy(first) : first;
  const values = valuesOf(entry.assigns);
  mapOwn(node, (expression) => substitute(expression, values));
  if (node.kind === "each") bindOuter(node, values, names);
  for (const exit of exits(node)) {
    const own = new Set(exit.assigns.map((one) => one.variable));
    exit.assigns = [
      ...entry.assigns.filter((one) => !own.has(one.variable)),
      ...exit.assigns.map((one) => ({ ...one, value: substitute(one.value, values) })),
    ];
  }
  entry.assigns = [];
  entry.to = node;
}

/** The node once more, for the way in alone: the head of a loop is also entered from its end. */
function copy(node: Node): Node {
  const again = (one: Edge): Edge => edge(one.assigns, one.to);
  switch (node.kind) {
    case "call":
    case "each": {
      const ways = { next: again(node.next), caught: node.caught && again(node.caught) };
      if (node.kind === "each") return { ...node, ...ways };
      return { ...node, ...ways, ...(node.timedOut && { timedOut: again(node.timedOut) }) };
    }
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

/** The body of a Map that is the first node reads values of the way in: each of its turns gets them as input. */
function bindOuter(node: EachNode, values: ReadonlyMap<string, Expression>, names: VariableNames): void {
  const reads = readsOf(node.body);
  for (const [name, value] of values) {
    if (!reads.has(name)) continue;
    const inner = names.fresh(name);
    rename(node.body, new Map([[name, variable(inner)]]));
    node.bindings = [...node.bindings, { variable: inner, value }];
    node.body.assigns = [...node.body.assigns, { variable: inner, value: { kind: "input", key: inner } }];
  }
}

function rename(entry: Edge, names: ReadonlyMap<string, Expression>): void {
  const nodes = reachable(entry);
  for (const one of [entry, ...nodes.flatMap(exits)]) {
    one.assigns = one.assigns.map((assign) => ({ ...assign, value: substitute(assign.value, names) }));
  }
  for (const node of nodes) {
    mapOwn(node, (expression) => substitute(expression, names));
    if (node.kind === "each") rename(node.body, names);
  }
}
