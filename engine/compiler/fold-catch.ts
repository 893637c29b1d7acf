import { type Expression, constant, replace, sameExpression, substitute, walk } from "./expression.ts";
import type { FoldRule } from "./fold.ts";
import { GUARDS } from "./fold-guard.ts";
import {
  type AllNode,
  type CallNode,
  type ChoiceNode,
  type EachNode,
  type Edge,
  type Rule,
  edge,
  exits,
  follow,
  reachable,
  valuesOf,
} from "./graph.ts";

type Failing = CallNode | EachNode | AllNode;

function onFailing(rule: (node: Failing, caught: Edge) => boolean): FoldRule {
  return (entry) =>
    reachable(entry).some(
      (node) =>
        (node.kind === "call" || node.kind === "each" || node.kind === "all") &&
        node.caught !== undefined &&
        rule(node, node.caught),
    );
}

/**
 * Where a handler begins by asking for the name of the error, the catchers tell names apart, and each leads to what is
 * left to ask then. Nothing is saved where that is something for every error.
 */
export const catchByName = onFailing((node, caught) => {
  const choice = caught.to;
  if (choice?.kind !== "choice" || !GUARDS.isUncounted(choice)) return false;
  const asked = namesAsked(caught, choice);
  const rest = leftOf(choice, asked);
  const names = new Set(asked.map(([, name]) => name));
  const lefts = [...names].map((name): Named => ({ errors: [name], left: leftOf(choice, asked, name) }));
  const isSaved = [rest, ...lefts.map(({ left }) => left)].some(({ rules }) => rules.length === 0);
  const behind = exits(choice).flatMap(({ assigns }) => assigns.map(({ value }) => value));
  if (lefts.length === 0 || !isSaved || !GUARDS.keepsMoments(caught.assigns, behind)) return false;
  const others = lefts.filter(({ left }) => !isSame(left, rest)).reduce<readonly Named[]>(grouped, []);
  const catches = others.map(({ errors, left }) => ({ errors, edge: wayTo(caught, choice, left) }));
  node.named = [...(node.named ?? []), ...catches];
  node.caught = wayTo(caught, choice, rest);
  return true;
});

/** An error that is caught to be thrown again, and that nobody here catches then, need not be caught. */
export const passOn = onFailing((node, { to: fail, assigns }) => {
  if (fail?.kind !== "fail") return false;
  const values = valuesOf(assigns);
  const isPassedOn = (["name", "message", "cause"] as const).every((part) => {
    const value = fail[part] && substitute(fail[part], values);
    return value === undefined || (value.kind === "caught" && value.part === part);
  });
  if (isPassedOn) node.caught = undefined;
  return isPassedOn;
});

/** A comparison of the caught error's name, and the name that it is compared with. */
type Asked = readonly (readonly [test: Expression, name: string])[];

/** What is left of a choice for errors of one name; a way alone where nothing is to be asked. */
type Left = Pick<ChoiceNode, "rules" | "otherwise">;

function namesAsked({ assigns }: Edge, { rules }: ChoiceNode): Asked {
  const asked: (readonly [Expression, string])[] = [];
  const values = valuesOf(assigns);
  for (const { condition } of rules) {
    walk(condition, (part) => {
      if (part.kind !== "binary" || part.operator !== "=" || part.right.kind !== "constant") return;
      const left = substitute(part.left, values);
      const name = part.right.value;
      const isAsked = left.kind === "caught" && left.part === "name" && typeof name === "string";
      if (isAsked && GUARDS.isOneError(name)) asked.push([part, name]);
    });
  }
  return asked;
}

/** Without a name: for errors that have none of those asked for. */
function leftOf({ rules, otherwise }: ChoiceNode, asked: Asked, name?: string): Left {
  const left: Rule[] = [];
  for (const rule of rules) {
    const condition = asked.reduce((all, [test, one]) => replace(all, test, constant(one === name)), rule.condition);
    if (condition.kind !== "constant") left.push({ ...rule, condition });
    else if (condition.value === true) return { rules: left, otherwise: rule.edge };
  }
  return { rules: left, otherwise };
}

function isSame(one: Left, other: Left): boolean {
  const isRule = ({ condition, edge }: Rule, at: number): boolean => {
    const rule = other.rules[at];
    return rule?.edge === edge && sameExpression(condition, rule.condition);
  };
  return one.otherwise === other.otherwise && one.rules.length === other.rules.length && one.rules.every(isRule);
}

type Named = { readonly errors: readonly string[]; readonly left: Left };

function grouped(groups: readonly Named[], { errors, left }: Named): readonly Named[] {
  const same = groups.find((group) => isSame(group.left, left));
  if (same === undefined) return [...groups, { errors, left }];
  return groups.map((group) => (group === same ? { left, errors: [...group.errors, ...errors] } : group));
}

function wayTo(caught: Edge, choice: ChoiceNode, { rules, otherwise }: Left): Edge {
  if (rules.length === 0) return follow(caught, otherwise);
  const again = ({ assigns, to }: Edge): Edge => edge(assigns, to);
  const rest = rules.map((rule) => ({ ...rule, edge: again(rule.edge) }));
  return edge(caught.assigns, { ...choice, rules: rest, otherwise: again(otherwise) });
}
