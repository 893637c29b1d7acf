import {
  type Expression,
  type Member,
  binary,
  conditional,
  constant,
  form,
  isFleeting,
  lambda,
  local,
  property,
  readVariables,
  replace,
  sameExpression,
  substitute,
  variable,
} from "./expression.ts";
import type { FoldRule } from "./fold.ts";
import {
  type ChoiceNode,
  type Edge,
  type Node,
  type Rule,
  edge,
  exits,
  extend,
  follow,
  reachable,
  target,
  valuesOf,
} from "./graph.ts";
import type { VariableNames } from "./variable-names.ts";

/** What a loop over a list repeats, its index apart. */
interface Turn {
  /** The first whose condition holds gives the values of a turn; what it does not assign stays as it is. */
  readonly rules: readonly Rule[];
  readonly items: Expression;
  readonly element: Expression;
}

/** Says that a turn has broken off, so that those behind it do nothing; no variable is called so. */
const LEFT = "has left";

/** Above this many ways through a turn the expression is not read any more. */
const MOST_WAYS = 16;

/**
 * A loop over a list whose turns only compute is no loop: each variable that they assign becomes the value of one
 * `reduce` over the list. Inner loops first.
 */
export const foldTurns: FoldRule = (entry, names) =>
  reachable(entry).some((node) => node.kind === "choice" && reduceLoop(node, entry, names));

function reduceLoop(node: ChoiceNode, entry: Edge, names: VariableNames): boolean {
  const { over, otherwise } = node;
  const turn = over && turnOf(node, over);
  if (over === undefined || turn === undefined) return false;
  const carried = new Set(turn.rules.flatMap(({ edge: way }) => way.assigns.map((one) => one.variable)));
  carried.delete(over.index);
  const assigns = [...carried].map((name) => ({ variable: name, value: reduced(name, turn, carried, names) }));
  if (assigns.some(({ value }) => isFleeting(value) || reads(value, over.index))) return false;
  const after = edge(
    assigns.filter((one) => one.variable !== LEFT),
    target(otherwise),
  );
  extend(after, otherwise.assigns);
  const { role, at, offset } = node;
  const pass: Node = { kind: "pass", role, at, offset, next: after };
  for (const way of [entry, ...reachable(entry).flatMap(exits)]) if (way.to === node) way.to = pass;
  return true;
}

/** Nothing where a turn does more than compute, leads elsewhere than behind the loop, or changes the list. */
function turnOf(node: ChoiceNode, over: NonNullable<ChoiceNode["over"]>): Turn | undefined {
  const { items } = over;
  const [inside] = node.rules;
  const ways = inside && waysThrough(inside.edge, new Set([node, target(node.otherwise)]));
  if (ways === undefined || ways.length > MOST_WAYS) return undefined;
  if (ways.some(({ edge: way }) => way.assigns.some((one) => reads(items, one.variable)))) return undefined;
  const rules = ways.map(({ condition, edge: way }): Rule => {
    const assigns = way.to === node ? way.assigns : [...way.assigns, { variable: LEFT, value: constant(true) }];
    return { condition, edge: edge(assigns) };
  });
  const mayLeave = ways.some(({ edge: way }) => way.to !== node);
  const hasLeft: Rule = { condition: variable(LEFT), edge: edge() };
  const element: Expression = { kind: "element", array: items, index: variable(over.index), maybe: false };
  return { rules: mayLeave ? [hasLeft, ...rules] : rules, items, element };
}

/** Every way through a turn, by the choices on it; nothing where one of them meets something to do, or itself. */
function waysThrough(way: Edge, ends: ReadonlySet<Node>, before: readonly Node[] = []): Rule[] | undefined {
  const to = target(way);
  if (ends.has(to)) return [{ condition: constant(true), edge: way }];
  if (before.includes(to)) return undefined;
  const passed = [...before, to];
  if (to.kind === "pass") return waysThrough(follow(way, to.next), ends, passed);
  if (to.kind !== "choice" || to.turns !== undefined) return undefined;
  const values = valuesOf(way.assigns);
  const ways: Rule[] = [];
  for (const rule of [...to.rules, { condition: constant(true), edge: to.otherwise }]) {
    const condition = substitute(rule.condition, values);
    const inner = waysThrough(follow(way, rule.edge), ends, passed);
    if (inner === undefined) return undefined;
    ways.push(...inner.map((one) => ({ ...one, condition: both(condition, one.condition) })));
  }
  return ways;
}

function both(left: Expression, right: Expression): Expression {
  return sameExpression(right, constant(true)) ? left : binary("and", left, right);
}

/** What a variable is after the loop. It goes from turn to turn with those that its own value depends on. */
function reduced(name: string, turn: Turn, carried: ReadonlySet<string>, names: VariableNames): Expression {
  const together = dependencies(name, turn, carried);
  const before = names.fresh(name);
  const item = names.fresh("item");
  const isAlone = together.length === 1;
  const read = (one: string): Expression => (isAlone ? local(before) : property(local(before), one, false));
  const values = new Map(together.map((one) => [one, read(one)]));
  const inTurn = (one: string): Expression =>
    substitute(replace(valueAfter(one, turn), turn.element, local(item)), values);
  const initial = (one: string): Expression => (one === LEFT ? constant(false) : variable(one));
  const members = (valueOf: (one: string) => Expression): Expression => ({
    kind: "object",
    members: together.map((key): Member => ({ key, value: valueOf(key), maybe: false })),
  });
  const [body, start] = isAlone ? [inTurn(name), initial(name)] : [members(inTurn), members(initial)];
  const all = form("reduce", turn.items, lambda([before, item], body), start);
  return isAlone ? all : property(all, name, false);
}

function valueAfter(name: string, { rules }: Turn): Expression {
  return rules.reduceRight<Expression>((rest, { condition, edge: way }) => {
    const value = valuesOf(way.assigns).get(name) ?? variable(name);
    return conditional(condition, value, rest);
  }, variable(name));
}

/** The variable and all that a turn reads for it, in the order of their assignment. */
function dependencies(name: string, turn: Turn, carried: ReadonlySet<string>): string[] {
  const needed = new Set([name]);
  for (const one of needed) {
    for (const read of readVariables(valueAfter(one, turn), new Set())) if (carried.has(read)) needed.add(read);
  }
  return [...carried].filter((one) => needed.has(one));
}

function reads(value: Expression, name: string): boolean {
  return readVariables(value, new Set()).has(name);
}
