import ts from "typescript";
import { type Expression, REFUSED, constant, variable } from "./expression.ts";
import { type Assignment, type EachNode, type Edge, edge, extend } from "./graph.ts";
import { assignedIn } from "./lower-assign.ts";
import { boundOf } from "./lower-bound.ts";
import { type Outcome, beside, collect, lowerBranch } from "./lower-branch.ts";
import { lowerExpression } from "./lower-expression.ts";
import { helperOf, lowerBody } from "./lower-inline.ts";
import { holdLonger } from "./lower-lock.ts";
import { taskOf } from "./lower-options.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";
import type { TaskDeclaration } from "./task-declaration.ts";

/** A function that is called for each element of a list. */
export interface Turns {
  readonly call: ts.CallExpression;
  readonly items: ts.Expression;
  readonly fn: ts.Expression;
  /** What the source calls it, before the list's own words. */
  readonly role: string;
  /** 0 is as many as there are. */
  readonly concurrency: number;
  /** Where it is given, no turn fails. */
  readonly outcome: Outcome | undefined;
  readonly wish: string | undefined;
}

/**
 * The list of what the turns return, in the order of the elements.
 * @param shape Is shown the Map before anything leads to it.
 */
export function lowerTurns(at: Lowering, turns: Turns, shape: (each: EachNode) => void = () => undefined): Expression {
  const { builder, names } = at;
  const { call, fn, concurrency, outcome, role, wish = "results" } = turns;
  const kinds = at.source.kinds(turns.items);
  if (kinds.size !== 1 || !kinds.has("array")) at.diagnostics.report("loopsOver", turns.items);
  const items = lowerExpression(at, turns.items);
  builder.flush(at);
  const item = names.fresh(itemName(fn));
  const index = names.fresh("index");
  const inputs = [item, index].map((name): Assignment => ({ variable: name, value: { kind: "input", key: name } }));
  const inTurn: Lowering = {
    ...(concurrency === 1 ? at : beside(at)),
    indices: [...at.indices, variable(index)],
  };
  const turn = lowerTurn(inTurn, fn, [variable(item), variable(index), items]);
  if (turn === undefined) return REFUSED;
  const position = positionOf(at.source, call, call);
  if (outcome !== undefined) collect(turn, names, outcome, position);
  const body = edge(inputs, turn.to);
  extend(body, turn.assigns);
  const result = names.fresh(wish);
  const each: EachNode = {
    kind: "each",
    role: `${role} ${turns.items.getText().replace(/\s+/g, " ")}`,
    items,
    bindings: [
      { variable: item, value: { kind: "item" } },
      { variable: index, value: { kind: "index" } },
    ],
    body,
    concurrency: constant(concurrency),
    bound: boundOf(at, turns.items, ts.findAncestor(call, ts.isStatement) ?? call),
    next: edge([{ variable: result, value: { kind: "result", enveloped: false } }]),
    caught: undefined,
    ...position,
  };
  shape(each);
  builder.place(each);
  each.caught = builder.failing(at.handler, undefined);
  builder.ends = [{ edge: each.next, tags: undefined }];
  return variable(result);
}

function itemName(fn: ts.Expression): string {
  const inner = bare(fn);
  const name = ts.isArrowFunction(inner) || ts.isFunctionExpression(inner) ? inner.parameters[0]?.name : undefined;
  return name !== undefined && ts.isIdentifier(name) ? name.text : "item";
}

/** The function in place, or the name of a task or of a function of the project. */
function lowerTurn(at: Lowering, given: ts.Expression, values: readonly Expression[]): Edge | undefined {
  const fn = bare(given);
  if (ts.isArrowFunction(fn) || ts.isFunctionExpression(fn)) return lowerBody(at, fn, values);
  const task = taskOf(at, fn);
  if (task !== undefined) return lowerBranch(at, fn, (inside) => lowerTaskOf(inside, fn, task, values[0]));
  const helper = helperOf(at, fn);
  if (helper !== undefined && !at.inlined.includes(helper)) {
    const assigned = at.assigned.union(assignedIn(at.source, helper));
    return lowerBody({ ...at, assigned, inlined: [...at.inlined, helper] }, helper, values);
  }
  at.diagnostics.report(helper === undefined ? "turnFunction" : "recursion", fn);
  return undefined;
}

/** A task by its name: it is called with the element. */
function lowerTaskOf(at: Lowering, fn: ts.Expression, task: TaskDeclaration, input = REFUSED): Expression {
  const { indices, handler } = at;
  if (at.held !== undefined) holdLonger(at.held, task.timeoutSeconds);
  const result = at.names.fresh(task.export);
  const callee = { kind: "task", task, input } as const;
  const site = { ...positionOf(at.source, fn), role: task.name, callee, indices, handler };
  at.builder.call(site, { variable: result, value: { kind: "result", enveloped: true } });
  return variable(result);
}
