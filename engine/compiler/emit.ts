import type {
  Assign,
  Branch,
  Catcher,
  ChoiceState,
  FailState,
  MapState,
  ParallelState,
  State,
  Template,
  WaitState,
} from "../model/machine.ts";
import { type Expression, constant, sameExpression, shown } from "./expression.ts";
import { callState } from "./emit-call.ts";
import { distributed } from "./emit-distributed.ts";
import { causeOf } from "./error-text.ts";
import {
  type AllNode,
  type Assignment,
  type CallNode,
  type ChoiceNode,
  type EachNode,
  type Edge,
  type FailNode,
  type Node,
  type PassNode,
  type WaitNode,
  bodiesOf,
  exits,
  reachable,
  target,
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

/** Whether a way leads to no state, but ends with the output of the one that it leaves. */
export function isOutput(exit: Edge): boolean {
  const to = target(exit);
  return to.kind === "return" && to.isOutput === true;
}

/** The nodes of one graph that become states. */
export function stateNodes(entry: Edge): Node[] {
  const nodes = reachable(entry);
  const entered = new Set([
    target(entry),
    ...nodes.flatMap((node) =>
      exits(node)
        .filter((exit) => !isOutput(exit))
        .map(target),
    ),
  ]);
  return nodes.filter((node) => entered.has(node));
}

function everyNode(entry: Edge): Node[] {
  return stateNodes(entry).flatMap((node) => [node, ...bodiesOf(node).flatMap(everyNode)]);
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
    case "all":
      return { ...parallelState(node, named), ...catchers(node, named), ...leave(node, named) };
    case "wait":
      return { ...waitState(node), ...leave(node, named) };
    case "pass":
      return { Type: "Pass", Comment: node.at, ...leave(node, named) };
    case "choice":
      return choiceState(node, named);
    case "return":
      return { Type: "Succeed", Comment: node.at, ...output(node.value) };
    case "fail":
      return failState(node);
  }
}

function mapState(node: EachNode, named: Named): MapState {
  const { at, items, bindings, concurrency } = node;
  const turn = emitBranch(node.body, named);
  const values = valuesTemplate(bindings);
  const inline = (): Pick<MapState, "ItemSelector" | "ItemProcessor"> => ({
    ...(bindings.length === 0 ? {} : { ItemSelector: values }),
    ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...turn },
  });
  return {
    Type: "Map",
    Comment: at,
    Items: template(items),
    ...(sameExpression(concurrency, constant(0)) ? {} : { MaxConcurrency: numberField(concurrency) }),
    ...(node.distributed === undefined ? inline() : distributed(node.distributed, values, turn)),
  };
}

function parallelState({ at, bindings, branches }: AllNode, named: Named): ParallelState {
  return {
    Type: "Parallel",
    Comment: at,
    ...(bindings.length === 0 ? {} : { Arguments: valuesTemplate(bindings) }),
    Branches: branches.map((branch) => emitBranch(branch, named)),
  };
}

function waitState({ at, until }: WaitNode): WaitState {
  const pause =
    "seconds" in until ? { Seconds: numberField(until.seconds) } : { Timestamp: template(until.timestamp) as string };
  return { Type: "Wait", Comment: at, ...pause };
}

function valuesTemplate(values: readonly Assignment[]): { readonly [variable: string]: Template } {
  return Object.fromEntries(values.map(({ variable, value }) => [variable, template(value)]));
}

function numberField(value: Expression): number | string {
  return value.kind === "constant" ? Number(value.value) : evaluated(jsonata(value));
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
  const { name, message, cause, at } = node;
  return {
    Type: "Fail",
    Comment: at,
    Error: name.kind === "constant" ? shown(name.value) : evaluated(jsonata(name)),
    Cause: evaluated(causeOf(jsonata(message), at, cause && jsonata(cause))),
  };
}

function catchers(node: CallNode | EachNode | AllNode, named: Named): { readonly Catch?: readonly Catcher[] } {
  const ways = [...(node.named ?? []), ...(node.caught ? [{ errors: ["States.ALL"], edge: node.caught }] : [])];
  const all = ways.map(({ errors, edge }) => ({
    ErrorEquals: errors,
    ...assign(edge),
    Next: nameOf(target(edge), named),
  }));
  return all.length === 0 ? {} : { Catch: all };
}

type Leave = { readonly Assign?: Assign; readonly Next: string } | { readonly Output: Template; readonly End: true };

function leave({ next }: CallNode | EachNode | AllNode | WaitNode | PassNode, named: Named): Leave {
  const after = target(next);
  if (after.kind === "return" && after.isOutput === true) return { ...output(after.value), End: true };
  return { ...assign(next), Next: nameOf(after, named) };
}

function assign(edge: Edge): { readonly Assign?: Assign } {
  if (edge.assigns.length === 0) return {};
  return { Assign: valuesTemplate(edge.assigns) };
}

/** A constant that is neither object nor array is computed: asl-validator takes no other, and a null may count as absent. */
function output(value: Expression): { readonly Output: Template } {
  const given = template(value);
  if (value.kind !== "constant" || (typeof given === "object" && given !== null)) return { Output: given };
  return { Output: evaluated(jsonata(value)) };
}
