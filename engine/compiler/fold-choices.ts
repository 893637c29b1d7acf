import {
  type Expression,
  binary,
  conditional,
  constant,
  isFleeting,
  sameExpression,
  substitute,
  variable,
} from "./expression.ts";
import type { FoldRule } from "./fold.ts";
import { GUARDS } from "./fold-guard.ts";
import {
  type Assignment,
  type ChoiceNode,
  type Edge,
  type Rule,
  exits,
  extend,
  follow,
  reachable,
  target,
  valuesOf,
} from "./graph.ts";

type Ways = readonly Edge[];

/** Applies a rule to the first choice that takes it; `into` are the ways to it. */
function onChoices(rule: (node: ChoiceNode, into: Ways, entry: Edge) => boolean): FoldRule {
  return (entry) => {
    const nodes = reachable(entry);
    const ways = [entry, ...nodes.flatMap(exits)];
    return nodes.some(
      (node) =>
        node.kind === "choice" &&
        rule(
          node,
          ways.filter(({ to }) => to === node),
          entry,
        ),
    );
  };
}

/** A way that has assigned what a choice asks for leads past it: a `throw` to its own `instanceof`. */
export const skipChoices: FoldRule = (entry) =>
  [entry, ...reachable(entry).flatMap(exits)].some((way) => skip(way, entry));

function skip(way: Edge, entry: Edge): boolean {
  const choice = way.to;
  if (choice?.kind !== "choice") return false;
  const values = valuesOf(way.assigns);
  for (const { condition, edge } of [...choice.rules, { condition: constant(true), edge: choice.otherwise }]) {
    if (!GUARDS.keepsMoments(way.assigns, [condition])) return false;
    const holds = substitute(condition, values);
    if (holds.kind !== "constant" || edge === way) return false;
    if (holds.value === true) return lead(way, edge, entry);
  }
  return false;
}

function lead(way: Edge, after: Edge, entry: Edge): boolean {
  const { assigns } = after;
  if (!GUARDS.keepsMoments(way.assigns, valuesIn(assigns)) || !GUARDS.leavesState(way, entry, assigns)) return false;
  Object.assign(way, follow(way, after));
  return true;
}

function valuesIn(assigns: readonly Assignment[]): Expression[] {
  return assigns.map(({ value }) => value);
}

/** Above this many rules a choice is not read any more, and what it saves becomes rare. */
const MOST_RULES = 16;

/**
 * A choice that follows another at once joins it: `else if`, an `if` that is the first statement of another, the next of
 * several in a row. Other ways to it stay as they are. The head of a loop stays one
 * where its turns could not be counted otherwise.
 */
export const joinChoices = onChoices((node) => {
  const { otherwise, rules } = node;
  const next = joining(node, otherwise);
  if (next !== undefined) {
    node.rules = [...rules, ...next.rules.map((rule) => moved(otherwise, rule))];
    node.otherwise = follow(otherwise, next.otherwise);
    return true;
  }
  const at = rules.findIndex(({ edge }) => joining(node, edge) !== undefined);
  const rule = rules[at];
  const inner = rule && joining(node, rule.edge);
  if (rule === undefined || inner === undefined) return false;
  const both = inner.rules.map((one) => moved(rule.edge, one)).map((one) => ifBoth(rule, one));
  const rest: Rule = { condition: rule.condition, edge: follow(rule.edge, inner.otherwise) };
  node.rules = [...rules.slice(0, at), ...both, rest, ...rules.slice(at + 1)];
  return true;
});

/**
 * A choice that alone leads back to the head of a loop, and so ends each turn, becomes what the turns are counted by:
 * the test of the next turn then joins it.
 */
export const countTurns = onChoices((node) => {
  if (node.turns !== undefined) return false;
  for (const way of exits(node)) {
    const head = way.to;
    if (head?.kind !== "choice" || head.turns === undefined || !mayJoin(node, way, head)) continue;
    if (!GUARDS.endsTurns(node, head)) continue;
    node.turns = head.turns;
    delete head.turns;
    return true;
  }
  return false;
});

function joining(node: ChoiceNode, way: Edge): ChoiceNode | undefined {
  const { to } = way;
  return to?.kind === "choice" && GUARDS.isUncounted(to) && mayJoin(node, way, to) ? to : undefined;
}

function mayJoin(node: ChoiceNode, { assigns }: Edge, to: ChoiceNode): boolean {
  const values = [...to.rules.map(({ condition }) => condition), ...exits(to).flatMap((way) => valuesIn(way.assigns))];
  return to !== node && node.rules.length + to.rules.length <= MOST_RULES && GUARDS.keepsMoments(assigns, values);
}

/** A rule as it is after a way that assigns. */
function moved(before: Edge, { condition, edge }: Rule): Rule {
  return { condition: substitute(condition, valuesOf(before.assigns)), edge: follow(before, edge) };
}

function ifBoth(outer: Rule, { condition, edge }: Rule): Rule {
  return { condition: binary("and", outer.condition, condition), edge };
}

/** A choice between returns is one return of a conditional value. */
export const returnEither = onChoices((node, into) => {
  const valueOf = (edge: Edge): Expression | undefined =>
    edge.to?.kind === "return" ? substitute(edge.to.value, valuesOf(edge.assigns)) : undefined;
  const value = either(node, valueOf);
  const { at, offset } = node;
  const last = target(node.otherwise);
  if (value === undefined) return false;
  for (const edge of into) edge.to = { kind: "return", role: last.role, at, offset, value };
  return true;
});

/**
 * A choice between assignments on the way to the same place is one conditional assignment. A way that leaves a variable
 * alone assigns what it has, which it has to have for sure.
 */
export const assignEither = onChoices((node, into, entry) => {
  const after = target(node.otherwise);
  const ways = exits(node);
  if (!ways.every((edge) => edge.to === after && edge.to !== node)) return false;
  const names = [...new Set(ways.flatMap((edge) => edge.assigns.map((one) => one.variable)))];
  const partly = names.filter((name) => !ways.every((edge) => edge.assigns.some((one) => one.variable === name)));
  if (!partly.every((name) => GUARDS.isAssigned(name, node, entry))) return false;
  const assigns: Assignment[] = [];
  for (const name of names) {
    const value = either(node, (edge) => valuesOf(edge.assigns).get(name) ?? variable(name));
    if (value === undefined) return false;
    assigns.push({ variable: name, value });
  }
  if (!into.every((way) => GUARDS.keepsMoments(way.assigns, valuesIn(assigns)))) return false;
  for (const edge of into) {
    extend(edge, assigns);
    edge.to = after;
  }
  return true;
});

function either(node: ChoiceNode, valueOf: (edge: Edge) => Expression | undefined): Expression | undefined {
  return node.rules.reduceRight<Expression | undefined>((rest, rule) => {
    const value = valueOf(rule.edge);
    if (rest === undefined || value === undefined || isFleeting(value) || isFleeting(rest)) return undefined;
    return sameExpression(value, rest) ? rest : conditional(rule.condition, value, rest);
  }, valueOf(node.otherwise));
}
