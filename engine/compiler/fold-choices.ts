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
  type Node,
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
function onChoices(rule: (node: ChoiceNode, into: Ways) => boolean): FoldRule {
  return (entry) => {
    const nodes = reachable(entry);
    const ways = [entry, ...nodes.flatMap(exits)];
    return nodes.some(
      (node) =>
        node.kind === "choice" &&
        rule(
          node,
          ways.filter(({ to }) => to === node),
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
export const joinChoices = onChoices((node) => [node.otherwise, ...exits(node)].some((way) => join(node, way)));

/** Whether a way of choices alone leads from one back to it, past the other: all its turns would join the other, one by one. */
function turnsAlone(head: ChoiceNode, other: ChoiceNode): boolean {
  const found = new Set<Node | undefined>([head]);
  for (const node of found) {
    if (node?.kind !== "choice" || node === other) continue;
    for (const { to } of exits(node)) {
      if (to === head) return true;
      found.add(to);
    }
  }
  return false;
}

function join(node: ChoiceNode, way: Edge): boolean {
  const { to, assigns } = way;
  if (to?.kind !== "choice" || to === node || !GUARDS.isUncounted(to) || turnsAlone(to, node)) return false;
  const values = [
    ...to.rules.map(({ condition }) => condition),
    ...exits(to).flatMap((exit) => valuesIn(exit.assigns)),
  ];
  if (node.rules.length + to.rules.length > MOST_RULES || !GUARDS.keepsMoments(assigns, values)) return false;
  const { rules, otherwise } = node;
  const at = rules.findIndex(({ edge }) => edge === way);
  const outer = rules[at];
  const inner = to.rules.map(({ condition, edge }): Rule => {
    const test = substitute(condition, valuesOf(assigns));
    return { condition: outer === undefined ? test : binary("and", outer.condition, test), edge: follow(way, edge) };
  });
  const rest = follow(way, to.otherwise);
  if (outer === undefined) node.rules = [...rules, ...inner];
  else node.rules = rules.toSpliced(at, 1, ...inner, { condition: outer.condition, edge: rest });
  node.otherwise = outer === undefined ? rest : otherwise;
  return true;
}

/**
 * A choice that alone leads back to the head of a loop, and so ends each turn, becomes what the turns are counted by,
 * and the test of the next turn joins it.
 */
export const countTurns = onChoices((node) => {
  if (node.turns !== undefined) return false;
  for (const way of exits(node)) {
    const { to: head } = way;
    if (head?.kind !== "choice" || head.turns === undefined || !GUARDS.endsTurns(node, head)) continue;
    const { turns } = head;
    delete head.turns;
    if (join(node, way)) {
      node.turns = turns;
      return true;
    }
    head.turns = turns;
  }
  return false;
});

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
 * alone assigns what it has: it has one where it is read later, since every `let` is assigned where it is declared.
 */
export const assignEither = onChoices((node, into) => {
  const after = target(node.otherwise);
  const ways = exits(node);
  if (!ways.every((edge) => edge.to === after && edge.to !== node)) return false;
  const names = [...new Set(ways.flatMap((edge) => edge.assigns.map((one) => one.variable)))];
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
