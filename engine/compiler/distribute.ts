import { type Expression, replace, variable, walk } from "./expression.ts";
import { rename } from "./fold-entry.ts";
import { type Assignment, type EachNode, type Edge, bodiesOf, exits, mapOwn, reachable } from "./graph.ts";
import { readsOf } from "./liveness.ts";
import { EVENTS } from "./plan-measures.ts";
import { fewest, most } from "./plan-paths.ts";
import type { VariableNames } from "./variable-names.ts";

/** Step Functions ends an execution whose history grows longer. */
const LONGEST_HISTORY = 25_000;
/** Step Functions takes 40 characters; a second one of the same name ends in `_2`. */
const LONGEST_LABEL = 36;

/** Whether the turns of an inline Map could be more than a history takes. What nothing bounds is not. */
export function isTooMuch({ body, bound: { max } }: EachNode): boolean {
  if (max === undefined) return false;
  const turn = most(body, EVENTS, { errors: true, turns: (inner) => inner.max ?? 1 });
  return max * ((Number.isFinite(turn) ? turn : fewest(body, EVENTS)) + 2) > LONGEST_HISTORY;
}

/**
 * Makes each turn an execution of its own, which sees no variable and no input of the run: all that its expressions read
 * is selected for it, and read as the parameters of a run are, since its input is what was selected.
 */
export function distribute(each: EachNode, names: VariableNames): void {
  const { body } = each;
  const selected = new Map<string, Expression>(parametersIn(body));
  const isInput = ({ variable: name, value }: Assignment): boolean => value.kind === "input" && value.key === name;
  const inputs = new Set(body.assigns.filter(isInput).map((one) => one.variable));
  const asVariables = (value: Expression): Expression =>
    [...inputs].reduce((all, name) => replace(all, { kind: "input", key: name }, variable(name)), value);
  body.assigns = body.assigns.filter((one) => !isInput(one)).map((one) => ({ ...one, value: asVariables(one.value) }));
  const own = new Set(edgesIn(body).flatMap(({ assigns }) => assigns.map((one) => one.variable)));
  const renamed = new Map<string, Expression>();
  for (const name of readsOf(body)) {
    if (own.has(name)) continue;
    let key = name;
    while (selected.has(key)) key = names.fresh(name);
    const binding = inputs.has(name) ? each.bindings.find((one) => one.variable === name) : undefined;
    selected.set(key, binding?.value ?? variable(name));
    renamed.set(name, { kind: "parameter", name: key, maybe: false });
  }
  rename(body, renamed);
  each.bindings = [...selected].map(([name, value]) => ({ variable: name, value }));
  each.distributed = names.fresh(each.role.slice(0, LONGEST_LABEL));
}

/** Every edge of a graph and of those in it, but of executions of their own. */
function edgesIn(entry: Edge): Edge[] {
  const nodes = reachable(entry);
  const inner = nodes.filter((node) => node.kind !== "each" || node.distributed === undefined).flatMap(bodiesOf);
  return [entry, ...nodes.flatMap(exits), ...inner.flatMap(edgesIn)];
}

type Parameter = Extract<Expression, { kind: "parameter" }>;

function parametersIn(entry: Edge): Map<string, Parameter> {
  const found = new Map<string, Parameter>();
  const look = (expression: Expression): Expression => {
    walk(expression, (part) => void (part.kind === "parameter" && found.set(part.name, part)));
    return expression;
  };
  for (const { assigns, to } of edgesIn(entry)) {
    assigns.forEach(({ value }) => look(value));
    if (to !== undefined) mapOwn(to, look);
  }
  return found;
}
