import { ErrorName } from "../model/errors.ts";
import type { Assign, Branch, Catcher, ChoiceState, FailState, MapState, State, Template } from "../model/machine.ts";
import { type Expression, shown, substitute } from "./expression.ts";
import { callState } from "./emit-call.ts";
import { causeOf } from "./error-text.ts";
import {
  type CallNode,
  type ChoiceNode,
  type EachNode,
  type Edge,
  type FailNode,
  type Node,
  exits,
  reachable,
  target,
  valuesOf,
} from "./graph.ts";
import { jsonata } from "./jsonata.ts";
import { StateNames } from "./state-names.ts";
import { evaluated, template } from "./template.ts";

export interface Emitted {
  readonly branch: Branch;
  /** The node that each state is made of. */
  readonly origins: ReadonlyMap<string, Node>;
}

/** The states of a folded graph. */
export function emit(entry: Edge): Emitted {
  const names = new StateNames();
  const named = new Map(
    everyNode(entry)
      .sort(bySource)
      .map((node) => [node, names.fresh(node.role)]),
  );
  const origins = new Map([...named].map(([node, name]) => [name, node]));
  return { branch: emitBranch(entry, named), origins };
}

type Named = ReadonlyMap<Node, string>;

function bySource(left: Node, right: Node): number {
  return left.offset - right.offset;
}

/** A return that follows a call is the call's own output, so it is no state. */
export function isFolded(node: Node, exit: Edge): boolean {
  return (node.kind === "call" || node.kind === "each") && exit === node.next && target(exit).kind === "return";
}

/** The nodes of one graph that become states. */
export function stateNodes(entry: Edge): Node[] {
  const nodes = reachable(entry);
  const entered = new Set([
    target(entry),
    ...nodes.flatMap((node) =>
      exits(node)
        .filter((exit) => !isFolded(node, exit))
        .map(target),
    ),
  ]);
  return nodes.filter((node) => entered.has(node));
}

function everyNode(entry: Edge): Node[] {
  return stateNodes(entry).flatMap((node) => (node.kind === "each" ? [node, ...everyNode(node.body)] : [node]));
}

function emitBranch(entry: Edge, named: Named): Branch {
  const states = stateNodes(entry).sort(bySource);
  return {
    StartAt: nameOf(target(entry), named),
    States: Object.fromEntries(states.map((node) => [nameOf(node, named), emitState(node, named)])),
  };
}

function nameOf(node: Node, named: Named): string {
  return named.get(node) ?? "";
}

function emitState(node: Node, named: Named): State {
  switch (node.kind) {
    case "call":
      return { ...callState(node, (call) => nameOf(call, named)), ...catchers(node, named), ...leave(node, named) };
    case "each":
      return { ...mapState(node, named), ...catchers(node, named), ...leave(node, named) };
    case "choice":
      return choiceState(node, named);
    case "return":
      return { Type: "Succeed", Comment: node.at, ...output(node.value) };
    case "fail":
      return failState(node);
  }
}

function mapState(node: EachNode, named: Named): MapState {
  const bindings = node.bindings.map((one) => [one.variable, template(one.value)]);
  return {
    Type: "Map",
    Comment: node.at,
    Items: template(node.items),
    ...(bindings.length === 0 ? {} : { ItemSelector: Object.fromEntries(bindings) as Template }),
    MaxConcurrency: 1,
    ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...emitBranch(node.body, named) },
  };
}

function choiceState(node: ChoiceNode, named: Named): ChoiceState {
  return {
    Type: "Choice",
    Comment: node.at,
    Choices: node.rules.map(({ condition, edge }) => ({
      Condition: evaluated(jsonata(condition)),
      ...assign(edge),
      Next: nameOf(target(edge), named),
    })),
    ...assign(node.otherwise),
    Default: nameOf(target(node.otherwise), named),
  };
}

function failState(node: FailNode): FailState {
  const { name, message, at } = node;
  return {
    Type: "Fail",
    Comment: at,
    Error: name.kind === "constant" ? shown(name.value) : evaluated(jsonata(name)),
    Cause: evaluated(causeOf(jsonata(message), at)),
  };
}

function catchers(node: CallNode | EachNode, named: Named): { readonly Catch?: readonly Catcher[] } {
  const catcher = (error: string, way: Edge | undefined): readonly Catcher[] =>
    way === undefined ? [] : [{ ErrorEquals: [error], ...assign(way), Next: nameOf(target(way), named) }];
  const timedOut = node.kind === "call" ? node.timedOut : undefined;
  const all = [...catcher(ErrorName.TIMEOUT, timedOut), ...catcher("States.ALL", node.caught)];
  return all.length === 0 ? {} : { Catch: all };
}

type Leave = { readonly Assign?: Assign; readonly Next: string } | { readonly Output: Template; readonly End: true };

function leave({ next }: CallNode | EachNode, named: Named): Leave {
  const after = target(next);
  if (after.kind !== "return") return { ...assign(next), Next: nameOf(after, named) };
  return { ...output(substitute(after.value, valuesOf(next.assigns))), End: true };
}

function assign(edge: Edge): { readonly Assign?: Assign } {
  if (edge.assigns.length === 0) return {};
  return { Assign: Object.fromEntries(edge.assigns.map(({ variable, value }) => [variable, template(value)])) };
}

/** A constant that is neither object nor array is computed: asl-validator takes no other, and a null may count as absent. */
function output(value: Expression): { readonly Output: Template } {
  const given = template(value);
  if (value.kind !== "constant" || (typeof given === "object" && given !== null)) return { Output: given };
  return { Output: evaluated(jsonata(value)) };
}
