import ts from "typescript";
import { type Element, type Expression, REFUSED, constant, list, variable } from "./expression.ts";
import { type AllNode, type Edge, edge, target } from "./graph.ts";
import { lowerAwaited } from "./lower-await.ts";
import { lowerBatch } from "./lower-batch.ts";
import { type Outcome, SETTLED, beside, collect, lowerBranch, splice } from "./lower-branch.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerBody } from "./lower-inline.ts";
import { lowerTurns } from "./lower-turns.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";
import { millraceName } from "./task-declaration.ts";

/** More branches are no mistake of Step Functions', but a list that somebody should not have to read. */
const MOST_BRANCHES = 40;

/**
 * `Promise.all`, `Promise.allSettled`, `mapAll` and `batch`, awaited: branches side by side, or turns of a list.
 * Nothing where the call is none of them.
 */
export function lowerJoin(at: Lowering, call: ts.CallExpression, wish?: string): Expression | undefined {
  const own = millraceName(at.source, call.expression);
  if (own === "batch" || own === "mapAll") return lowerBatch(at, call, own, wish);
  const method = promiseMethod(at, call.expression);
  const [joined] = call.arguments;
  switch (method) {
    case undefined:
      return undefined;
    case "all":
    case "allSettled":
      if (joined !== undefined && call.arguments.length === 1)
        return lowerJoined(at, call, bare(joined), method === "allSettled" ? SETTLED : undefined, wish);
  }
  at.diagnostics.report("joinsOther", call, call.expression.getText());
  return REFUSED;
}

/** The name of a method of the language's own `Promise`. */
function promiseMethod(at: Lowering, callee: ts.Expression): string | undefined {
  if (!ts.isPropertyAccessExpression(callee) || callee.expression.getText() !== "Promise") return undefined;
  const declared = at.source.symbol(callee.expression)?.valueDeclaration?.getSourceFile();
  return declared?.isDeclarationFile === true ? callee.name.text : undefined;
}

function lowerJoined(
  at: Lowering,
  call: ts.CallExpression,
  joined: ts.Expression,
  outcome: Outcome | undefined,
  wish: string | undefined,
): Expression {
  if (ts.isArrayLiteralExpression(joined)) return lowerTuple(at, call, joined, outcome, wish);
  const isMap = ts.isCallExpression(joined) && ts.isPropertyAccessExpression(joined.expression);
  if (isMap && joined.expression.name.text === "map" && at.source.isPromise(joined)) {
    const items = joined.expression.expression;
    const [fn] = joined.arguments;
    return lowerTurns(at, { call, items, fn: fn ?? joined, role: "map", concurrency: 0, outcome, wish });
  }
  if (at.source.isPromise(joined)) at.diagnostics.report("joinList", joined);
  else if (outcome === undefined) return lowerExpression(at, joined);
  else at.diagnostics.report("joinList", joined);
  return REFUSED;
}

/** What needs no call costs no branch, and a single branch no Parallel. */
function lowerTuple(
  at: Lowering,
  call: ts.CallExpression,
  { elements }: ts.ArrayLiteralExpression,
  outcome: Outcome | undefined,
  wish = "all",
): Expression {
  const { builder, names } = at;
  const position = positionOf(at.source, call, call);
  const ofValue = (value: Expression): Expression => outcome?.value(value) ?? value;
  const branches: Edge[] = [];
  const inBranch = elements.filter((node) => at.source.isPromise(node)).length > 1 ? beside(at) : at;
  const parts = elements.map((node): { readonly value: Expression } | { readonly branch: number } => {
    if (!at.source.isPromise(node)) {
      if (ts.isSpreadElement(node)) at.diagnostics.report("joinList", node);
      return { value: ofValue(lowerExpression(at, ts.isSpreadElement(node) ? node.expression : node)) };
    }
    const branch = lowerElement(inBranch, node);
    if (branch === undefined) return { value: REFUSED };
    const only = target(branch);
    if (only.kind === "return" && branch.assigns.length === 0) return { value: ofValue(only.value) };
    if (outcome !== undefined) collect(branch, names, outcome, position);
    branches.push(branch);
    return { branch: branches.length - 1 };
  });
  if (branches.length > MOST_BRANCHES) at.diagnostics.report("joinWidth", call, String(branches.length));
  const [only, ...others] = branches;
  const isWhole = branches.length === elements.length;
  if (only === undefined || others.length === 0) {
    if (only !== undefined) builder.flush(at);
    const value = only && splice(at, only, names.fresh(isWhole ? "only" : wish));
    return list(parts.map((part) => elementOf("value" in part ? part.value : (value ?? REFUSED))));
  }
  builder.flush(at);
  const result = names.fresh(wish);
  const all: AllNode = {
    kind: "all",
    role: call.expression.getText(),
    branches,
    bindings: [],
    next: edge([{ variable: result, value: { kind: "result", enveloped: false } }]),
    caught: undefined,
    ...position,
  };
  builder.place(all);
  all.caught = builder.failing(at.handler, undefined);
  builder.ends = [{ edge: all.next, tags: undefined }];
  const array = variable(result);
  if (isWhole) return array;
  return list(
    parts.map((part) =>
      elementOf("value" in part ? part.value : { kind: "element", array, index: constant(part.branch), maybe: false }),
    ),
  );
}

function elementOf(value: Expression): Element {
  return { value, as: "unknown" };
}

/** A call, or `(async () => { … })()`. */
function lowerElement(at: Lowering, given: ts.Expression): Edge | undefined {
  const node = bare(given);
  if (!ts.isCallExpression(node)) {
    at.diagnostics.report("joinElement", node);
    return undefined;
  }
  const callee = bare(node.expression);
  if (!ts.isArrowFunction(callee) && !ts.isFunctionExpression(callee))
    return lowerBranch(at, node, (inside) => lowerAwaited(inside, node));
  if (callee.parameters.length > 0 || node.arguments.length > 0) at.diagnostics.report("joinElement", node);
  return lowerBody(at, callee, []);
}
