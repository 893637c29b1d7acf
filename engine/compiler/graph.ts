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

/** Errors of some names, and the way that they take instead of `caught`. */
export interface NamedCatch {
  readonly errors: readonly string[];
  readonly edge: Edge;
}

interface Failing {
  /** Before `caught`, in this order. */
  named?: readonly NamedCatch[];
  caught: Edge | undefined;
}

/** How often something is repeated, as far as schemas and the source say it. */
export interface Bound {
  readonly max?: number;
  readonly typical?: number;
}

/** One call: of a task, for a child run, for locks and for their release. */
export interface CallNode extends Placed, Failing {
  kind: "call";
  callee: Callee;
  /** The index of each loop around it, outermost first. */
  indices: readonly Expression[];
  next: Edge;
}

/** A loop whose turns do not touch each other: a Map. Its result is the list of what its turns return. */
export interface EachNode extends Placed, Failing {
  kind: "each";
  items: Expression;
  /** What each turn gets in its input, by variable. */
  bindings: readonly Assignment[];
  body: Edge;
  /** How many turns go on at once; 0 is as many as there are. */
  concurrency: Expression;
  bound: Bound;
  /** Each turn is an execution of its own, whose parameters are what the bindings give; the label in their ARNs. */
  distributed?: string;
  next: Edge;
}

/** Graphs side by side: a Parallel. Its result is the list of what they return. */
export interface AllNode extends Placed, Failing {
  kind: "all";
  branches: readonly Edge[];
  /** What the branches get in their input, by variable. */
  bindings: readonly Assignment[];
  next: Edge;
}

/** A pause: a Wait. */
export interface WaitNode extends Placed {
  kind: "wait";
  until: { readonly seconds: Expression } | { readonly timestamp: Expression };
  next: Edge;
}

/** Assigns what has to be known before the first state that could assign: a Pass. */
export interface PassNode extends Placed {
  kind: "pass";
  next: Edge;
}

export interface Rule {
  readonly condition: Expression;
  readonly edge: Edge;
}

/** The first rule whose condition holds is taken, or `otherwise`. */
export interface ChoiceNode extends Placed {
  kind: "choice";
  /** How often a loop whose head it is turns. */
  turns?: Bound;
  /** Where it is the head of a loop over a list: what is raised by one with each turn. */
  over?: { readonly items: Expression; readonly index: string };
  rules: readonly Rule[];
  otherwise: Edge;
}

/** The end of the flow, or of one turn of a Map. */
export interface ReturnNode extends Placed {
  kind: "return";
  value: Expression;
  /** It is no state, but the output of the one before it. */
  isOutput?: true;
}

/** An error that nothing around it catches. */
export interface FailNode extends Placed {
  kind: "fail";
  name: Expression;
  message: Expression;
  /** Its own cause, for whoever catches it outside of the graph; nothing where that is none. */
  cause?: Expression;
}

export type Node = CallNode | EachNode | AllNode | WaitNode | PassNode | ChoiceNode | ReturnNode | FailNode;

export function edge(assigns: readonly Assignment[] = [], to?: Node): Edge {
  return to === undefined ? { assigns } : { assigns, to };
}

export function target(of: Edge): Node {
  if (of.to === undefined) throw new Error("An edge of the graph leads nowhere: the lowering left it open.");
  return of.to;
}

/** The ways out of a node; the body of a Map and the branches of a Parallel are graphs of their own. */
export function exits(node: Node): readonly Edge[] {
  switch (node.kind) {
    case "call":
    case "each":
    case "all": {
      const caught = [...(node.named ?? []).map(({ edge: way }) => way), ...(node.caught ? [node.caught] : [])];
      return [node.next, ...caught];
    }
    case "wait":
    case "pass":
      return [node.next];
    case "choice":
      return [...node.rules.map((rule) => rule.edge), node.otherwise];
    case "return":
    case "fail":
      return [];
  }
}

/** The graphs inside of a node. */
export function bodiesOf(node: Node): readonly Edge[] {
  if (node.kind === "each") return [node.body];
  return node.kind === "all" ? node.branches : [];
}

/** Every node that a run can reach from an edge, in the order of discovery, without those in the bodies of others. */
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
      node.concurrency = map(node.concurrency);
      node.bindings = node.bindings.map((binding) => ({ ...binding, value: map(binding.value) }));
      return;
    case "all":
      node.bindings = node.bindings.map((binding) => ({ ...binding, value: map(binding.value) }));
      return;
    case "wait":
      node.until =
        "seconds" in node.until ? { seconds: map(node.until.seconds) } : { timestamp: map(node.until.timestamp) };
      return;
    case "pass":
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
      if (node.cause !== undefined) node.cause = map(node.cause);
  }
}

/** The variables that a node itself reads, its edges and bodies apart. */
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

/** One way for two, the second after the first. */
export function follow(first: Edge, second: Edge): Edge {
  const both = edge(first.assigns, target(second));
  extend(both, second.assigns);
  return both;
}

export function valuesOf(assigns: readonly Assignment[]): ReadonlyMap<string, Expression> {
  return new Map(assigns.map((one) => [one.variable, one.value]));
}
