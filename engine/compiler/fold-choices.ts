import { type Expression, binary, conditional, sameExpression, substitute } from "./expression.ts";
import {
  type ChoiceNode,
  type Edge,
  type Node,
  type Rule,
  exits,
  extend,
  reachable,
  target,
  valuesOf,
} from "./graph.ts";

/** Removes every choice that costs a transition for nothing, until none is left. */
export function foldChoices(entry: Edge): void {
  while (foldOne(entry)) continue;
}

function foldOne(entry: Edge): boolean {
  const nodes = reachable(entry);
  const edges = [entry, ...nodes.flatMap(exits)];
  const into = (node: Node): Edge[] => edges.filter((edge) => edge.to === node);
  const mergeable = (edge: Edge, from: Node): edge is Edge & { to: ChoiceNode } =>
    edge.to?.kind === "choice" && edge.to !== from && edge.assigns.length === 0 && into(edge.to).length === 1;
  for (const node of nodes) {
    if (node.kind !== "choice") continue;
    if (merge(node, mergeable) || returnEither(node, into(node)) || assignEither(node, into(node))) return true;
  }
  return false;
}

/** `else if`, and an `if` that is the first statement of another, join the choice around them. */
function merge(node: ChoiceNode, mergeable: (edge: Edge, from: Node) => edge is Edge & { to: ChoiceNode }): boolean {
  const { otherwise } = node;
  if (mergeable(otherwise, node)) {
    node.rules = [...node.rules, ...otherwise.to.rules];
    node.otherwise = otherwise.to.otherwise;
    return true;
  }
  const at = node.rules.findIndex((rule) => mergeable(rule.edge, node));
  const rule = node.rules[at];
  if (rule === undefined || !mergeable(rule.edge, node)) return false;
  const inner = rule.edge.to;
  const both = (one: Rule): Rule => ({ ...one, condition: binary("and", rule.condition, one.condition) });
  const rest: Rule = { condition: rule.condition, edge: inner.otherwise };
  node.rules = [...node.rules.slice(0, at), ...inner.rules.map(both), rest, ...node.rules.slice(at + 1)];
  return true;
}

/** A choice between returns is one return of a conditional value. */
function returnEither(node: ChoiceNode, into: readonly Edge[]): boolean {
  const valueOf = (edge: Edge): Expression | undefined =>
    edge.to?.kind === "return" ? substitute(edge.to.value, valuesOf(edge.assigns)) : undefined;
  const value = either(node, valueOf);
  const { at, offset } = node;
  const last = target(node.otherwise);
  if (value === undefined) return false;
  for (const edge of into) edge.to = { kind: "return", role: last.role, at, offset, value };
  return true;
}

/** A choice between assignments on the way to the same place is one conditional assignment. */
function assignEither(node: ChoiceNode, into: readonly Edge[]): boolean {
  const after = target(node.otherwise);
  const names = node.otherwise.assigns.map((one) => one.variable);
  const alike = exits(node).every(
    (edge) => edge.to === after && edge.to !== node && edge.assigns.length === names.length,
  );
  if (!alike) return false;
  const values = names.map((name) => either(node, (edge) => edge.assigns.find((one) => one.variable === name)?.value));
  if (values.some((value) => value === undefined)) return false;
  const assigns = names.flatMap((variable, at) => {
    const value = values[at];
    return value === undefined ? [] : [{ variable, value }];
  });
  for (const edge of into) {
    extend(edge, assigns);
    edge.to = after;
  }
  return true;
}

function either(node: ChoiceNode, valueOf: (edge: Edge) => Expression | undefined): Expression | undefined {
  return node.rules.reduceRight<Expression | undefined>((rest, rule) => {
    const value = valueOf(rule.edge);
    if (rest === undefined || value === undefined) return undefined;
    return sameExpression(value, rest) ? rest : conditional(rule.condition, value, rest);
  }, valueOf(node.otherwise));
}
