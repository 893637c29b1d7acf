import ts from "typescript";
import { type Expression, constant } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import { type Lowering, bindName } from "./lowering.ts";

export interface Thrown {
  readonly name: Expression;
  readonly message: Expression;
}

/** Stands for an error that was reported. */
export const UNKNOWN: Thrown = { name: constant("Error"), message: constant("") };

const BUILT_IN = new Set([
  "Error",
  "TypeError",
  "RangeError",
  "SyntaxError",
  "ReferenceError",
  "EvalError",
  "URIError",
]);
const RESERVED = /^States\./;

/**
 * Name and message of the error that `new Class(…)` makes, as far as the classes say it statically: the name is the
 * field `name` nearest to the class, or the built-in's; the message is followed through each `super(…)`.
 */
export function lowerNewError(at: Lowering, node: ts.NewExpression): Thrown | undefined {
  let callee: ts.Expression = node.expression;
  let values: readonly (() => Expression)[] = argumentsOf(at, node.arguments ?? []);
  let name: string | undefined;
  if (values.length > 0 && hasAwait(node)) at.diagnostics.report("awaitConditional", node, "the arguments of an error");
  for (;;) {
    const symbol = at.source.symbol(callee);
    const declaration = symbol?.declarations?.find(ts.isClassDeclaration);
    if (symbol !== undefined && BUILT_IN.has(symbol.name) && declaration === undefined) {
      return finish(at, node, name ?? symbol.name, values[0]);
    }
    const parent = declaration?.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)
      ?.types[0];
    if (declaration === undefined || parent === undefined) return undefined;
    const constructor = declaration.members.find(ts.isConstructorDeclaration);
    const own = ownName(declaration, constructor);
    const passed = constructor === undefined ? values : superArguments(at, constructor, values);
    if (own === false || passed === undefined) {
      at.diagnostics.report(
        "errorClass",
        node,
        `Class ${declaration.name?.text ?? "(anonymous)"} sets them at run time`,
      );
      return UNKNOWN;
    }
    name ??= own;
    values = passed;
    callee = parent.expression;
  }
}

function hasAwait(node: ts.Node): boolean {
  return ts.isAwaitExpression(node) || ts.forEachChild(node, (child) => hasAwait(child) || undefined) === true;
}

function finish(at: Lowering, node: ts.NewExpression, name: string, message: (() => Expression) | undefined): Thrown {
  if (RESERVED.test(name)) at.diagnostics.report("errorName", node, name);
  return { name: constant(name), message: message?.() ?? constant("") };
}

function argumentsOf(at: Lowering, nodes: readonly ts.Expression[]): (() => Expression)[] {
  return nodes.map((node) => () => {
    const value = lowerExpression(at, node);
    const kinds = at.source.kinds(node);
    return kinds.has("undefined") ? { kind: "coalesce", value, fallback: constant("") } : value;
  });
}

/** The field `name` of a class; `false` where it is set in a way that only running it would tell. */
function ownName(
  declaration: ts.ClassDeclaration,
  constructor: ts.ConstructorDeclaration | undefined,
): string | undefined | false {
  const field = declaration.members.find((member) => member.name?.getText() === "name");
  const set = (constructor?.body?.statements ?? []).map(assignedName).findLast((value) => value !== undefined);
  if (set !== undefined) return literalText(set);
  if (field === undefined) return undefined;
  return ts.isPropertyDeclaration(field) && field.initializer !== undefined ? literalText(field.initializer) : false;
}

function assignedName(statement: ts.Statement): ts.Expression | undefined {
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return undefined;
  const { left, operatorToken, right } = statement.expression;
  return operatorToken.kind === ts.SyntaxKind.EqualsToken && left.getText() === "this.name" ? right : undefined;
}

function literalText(node: ts.Expression): string | false {
  if (ts.isAsExpression(node)) return literalText(node.expression);
  return ts.isStringLiteralLike(node) ? node.text : false;
}

/** What a constructor hands to `super(…)`; nothing where it does more than that and set fields. */
function superArguments(
  at: Lowering,
  constructor: ts.ConstructorDeclaration,
  values: readonly (() => Expression)[],
): (() => Expression)[] | undefined {
  const calls = (constructor.body?.statements ?? []).filter((statement) => !isFieldAssignment(statement));
  const [only] = calls;
  if (calls.length !== 1 || only === undefined || !ts.isExpressionStatement(only)) return undefined;
  const call = only.expression;
  if (!ts.isCallExpression(call) || call.expression.kind !== ts.SyntaxKind.SuperKeyword) return undefined;
  constructor.parameters.forEach((parameter, index) => {
    const value = values[index];
    if (value !== undefined && ts.isIdentifier(parameter.name)) bindName(at, parameter.name, { value: value() });
  });
  return argumentsOf({ ...at, conditional: "a constructor" }, call.arguments);
}

function isFieldAssignment(statement: ts.Statement): boolean {
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return false;
  return /^this\.\w+$/.test(statement.expression.left.getText());
}
