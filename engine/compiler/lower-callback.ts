import ts from "typescript";
import { type Expression, type Lambda, NULL, lambda, local } from "./expression.ts";
import { lowerCondition, truthyOf } from "./lower-condition.ts";
import { lowerExpression } from "./lower-expression.ts";
import { isOfLanguage } from "./lower-function.ts";
import { helperOf, lowerPure } from "./lower-inline.ts";
import { textFrom } from "./lower-text-method.ts";
import { type Lowering, bare } from "./lowering.ts";
import type { Kind, Kinds, Source } from "./source.ts";
import { taskCall } from "./task-declaration.ts";

/** What a method gives its callback, by the parameters that it has to have and those that it may. */
export interface Callback {
  readonly needed: number;
  readonly most: number;
  /** It decides something: its value is asked whether it is truthy. */
  readonly isTest?: true;
}

export const OF_ITEM: Callback = { needed: 1, most: 2 };
export const TEST: Callback = { ...OF_ITEM, isTest: true };

/** A callback as a lambda, whose parameters are locals with the names of the source; reported where it is none. */
export function lowerCallback(
  at: Lowering,
  node: ts.Expression | undefined,
  callback: Callback,
  site: ts.Node,
): Lambda {
  const values = (parameters: readonly Expression[]): Expression | undefined => {
    const own = node && languageFunction(at, node, callback, site, parameters[0] ?? NULL);
    if (own !== undefined) return own;
    const fn = node && functionOf(at, node);
    if (fn === undefined || fn.parameters.length > callback.most) return undefined;
    if (hasStep(at.source, fn)) return undefined;
    return lowerPure(at, fn, parameters, callback.isTest ? lowerTest : lowerExpression);
  };
  const names = namesOf(at, node, callback).map((name) => at.names.fresh(name));
  const body = values(names.map(local));
  if (body === undefined)
    at.diagnostics.report(node && hasStep(at.source, node) ? "callbackAwaits" : "callbackForm", node ?? site);
  return lambda(names, body ?? NULL);
}

/** `Boolean` as a test, and `String`, which take an element of any kind. */
function languageFunction(
  at: Lowering,
  node: ts.Expression,
  { isTest }: Callback,
  site: ts.Node,
  value: Expression,
): Expression | undefined {
  const method = ts.isCallExpression(site) ? bare(site.expression) : undefined;
  if (method === undefined || !ts.isPropertyAccessExpression(method) || !isOfLanguage(at, node)) return undefined;
  const kinds = at.source.elements(method.expression);
  if (isTest && node.getText() === "Boolean") return truthyOf(kinds, value);
  return node.getText() === "String" && !isTest ? textFrom(value, kinds) : undefined;
}

function functionOf(at: Lowering, node: ts.Expression) {
  const inner = bare(node);
  if (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner)) return inner;
  return helperOf(at, inner);
}

function namesOf(at: Lowering, node: ts.Expression | undefined, { needed, most }: Callback): string[] {
  const parameters = (node && functionOf(at, node)?.parameters) ?? [];
  return Array.from({ length: Math.min(most, Math.max(needed, parameters.length)) }, (_, index) => {
    const name = parameters[index]?.name;
    return name !== undefined && ts.isIdentifier(name) ? name.text : "item";
  });
}

const BOOLEAN: Kinds = new Set<Kind>(["boolean"]);

/** A value that only one of two calls for stays as it is where it is a boolean already. */
function lowerTest(at: Lowering, node: ts.Expression): Expression {
  return at.source.kinds(node).isSubsetOf(BOOLEAN) ? lowerExpression(at, node) : lowerCondition(at, node);
}

function hasStep(source: Source, node: ts.Node): boolean {
  if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword) return true;
  if (ts.isCallExpression(node) && taskCall(source, node.expression) !== undefined) return true;
  return ts.forEachChild(node, (child) => hasStep(source, child) || undefined) === true;
}
