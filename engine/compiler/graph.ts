import { type Callee, mapCallee } from "./callee.ts";
import { type Expression, readVariables, substitute } from "./expression.ts";

/** Where in the source a node stands. */
export interface Position {
  /** `functions/git/flows.ts:31` */
  readonly at: string;
  /** Characters before it; orders names and states. */
  readonly offset: number;
}

export interface Assignment {
  readonly variable: string;
  readonly value: Expression;
}

/** A way from one node to the next, with what it assigns: all at once, against the values before. */
export interface Edge {
  assigns: readonly Assignment[];
  /** Absent only while the source is still being read. */
  to?: Node;
}

interface Placed extends Position {
  /** What the source calls it: the name of a task, `if …`, `for …`. State names are made of it. */
  readonly role: string;
}

/** One call: of a task, for a child run, for locks and for their release. */
export interface CallNode extends Placed {
  kind: "call";
  callee: Callee;
  /** The index of each loop around it, outermost first. */
  indices: readonly Expression[];
  next: Edge;
  caught: Edge | undefined;
  /** Where a wait for locks has timed out. */
  timedOut?: Edge;
}

/** A loop whose turns do not touch each other: a Map, one item after the other. */
export interface EachNode extends Placed {
  kind: "each";
  items: Expression;
  /** What each turn gets in its input, by variable. */
  bindings: readonly Assignment[];
  body: Edge;
  next: Edge;
  caught: Edge | undefined;
}

export interface Rule {
  readonly condition: Expression;
  readonly edge: Edge;
}

/** The first rule whose condition holds is taken, or `otherwise`. */
export interface ChoiceNode extends Placed {
  kind: "choice";
  rules: readonly Rule[];
  otherwise: Edge;
}

/** The end of the flow, or of one turn of a Map. */
export interface ReturnNode extends Placed {
  kind: "return";
  value: Expression;
}

/** An error that nothing around it catches. */
export interface FailNode extends Placed {
  kind: "fail";
  name: Expression;
  message: Expression;
}

export type Node = CallNode | EachNode | ChoiceNode | ReturnNode | FailNode;

export function edge(assigns: readonly Assignment[] = [], to?: Node): Edge {
  return to === undefined ? { assigns } : { assigns, to };
}

export function target(of: Edge): Node {
  if (of.to === undefined) throw new Error("An edge of the graph leads nowhere: the lowering left it open.");
  return of.to;
}

/** The ways out of a node; the body of a Map is a graph of its own. */
export function exits(node: Node): readonly Edge[] {
  switch (node.kind) {
    case "call":
      return [node.next, node.caught, node.timedOut].filter((exit) => exit !== undefined);
    case "each":
      return node.caught === undefined ? [node.next] : [node.next, node.caught];
    case "choice":
      return [...node.rules.map((rule) => rule.edge), node.otherwise];
    case "return":
    case "fail":
      return [];
  }
}

/** Every node that a run can reach from an edge, in the order of discovery, without those in the bodies of Maps. */
export function reachable(entry: Edge): Node[] {
  const found = new Set<Node>();
  const pending = [target(entry)];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    pending.push(...exits(node).map(target).reverse());
  }
  return [...found];
}

/** Replaces the expressions that a node itself evaluates, those of its edges apart. */
export function mapOwn(node: Node, map: (expression: Expression) => Expression): void {
  switch (node.kind) {
    case "call":
      node.callee = mapCallee(node.callee, map);
      node.indices = node.indices.map(map);
      return;
    case "each":
      node.items = map(node.items);
      node.bindings = node.bindings.map((binding) => ({ ...binding, value: map(binding.value) }));
      return;
    case "choice":
      node.rules = node.rules.map((rule) => ({ ...rule, condition: map(rule.condition) }));
      return;
    case "return":
      node.value = map(node.value);
      return;
    case "fail":
      node.name = map(node.name);
      node.message = map(node.message);
  }
}

/** The variables that a node itself reads, its edges apart; of a Map with those that its body reads from outside. */
export function ownReads(node: Node): Set<string> {
  const reads = new Set<string>();
  mapOwn(node, (expression) => {
    readVariables(expression, reads);
    return expression;
  });
  return reads;
}

/** Adds assignments that happen after those of the edge, written against the values before it. */
export function extend(of: Edge, assigns: readonly Assignment[]): void {
  const before = valuesOf(of.assigns);
  const names = new Set(assigns.map((one) => one.variable));
  of.assigns = [
    ...of.assigns.filter((one) => !names.has(one.variable)),
    ...assigns.map((one) => ({ ...one, value: substitute(one.value, before) })),
  ];
}

export function valuesOf(assigns: readonly Assignment[]): ReadonlyMap<string, Expression> {
  return new Map(assigns.map((one) => [one.variable, one.value]));
}
