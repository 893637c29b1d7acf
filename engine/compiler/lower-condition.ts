import ts from "typescript";
import { errorNames } from "./error-class.ts";
import { type Expression, NULL, REFUSED, binary, conditional, constant, form, not } from "./expression.ts";
import { lowerArithmetic } from "./lower-arithmetic.ts";
import { lowerExpression } from "./lower-expression.ts";
import { errorIn } from "./lower-reason.ts";
import { type Lowering, bare } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";

const ORDER: { readonly [token: number]: "<" | "<=" | ">" | ">=" } = {
  [ts.SyntaxKind.LessThanToken]: "<",
  [ts.SyntaxKind.LessThanEqualsToken]: "<=",
  [ts.SyntaxKind.GreaterThanToken]: ">",
  [ts.SyntaxKind.GreaterThanEqualsToken]: ">=",
};
export const PRIMITIVE: Kinds = new Set<Kind>(["string", "number", "boolean", "null", "undefined"]);

/** An expression as a condition: a boolean, where JavaScript would ask whether the value is truthy. */
export function lowerCondition(at: Lowering, given: ts.Expression): Expression {
  const node = bare(given);
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    const right = (name: string) => lowerCondition({ ...at, conditional: `\`${name}\`` }, node.right);
    if (operator === ts.SyntaxKind.AmpersandAmpersandToken)
      return binary("and", lowerCondition(at, node.left), right("&&"));
    if (operator === ts.SyntaxKind.BarBarToken) return binary("or", lowerCondition(at, node.left), right("||"));
  }
  return truthy(at, node, lowerExpression(at, node));
}

function truthy(at: Lowering, node: ts.Expression, value: Expression): Expression {
  const test = truthyOf(at.source.kinds(node), value);
  if (test === undefined) at.diagnostics.report("constantCondition", node);
  return test ?? value;
}

/** What makes a value truthy, by the kinds that it can have; nothing where they do not say it. */
export function truthyOf(kinds: Kinds, value: Expression): Expression | undefined {
  const is = (falsy: string | number | boolean | null) => binary("=", value, constant(falsy));
  if (kinds.size === 1 && kinds.has("boolean")) return value;
  const nullable = kinds.has("null") || kinds.has("undefined");
  if (kinds.has("unknown") || (!nullable && (kinds.has("object") || kinds.has("array")))) return undefined;
  if (value.kind === "constant") return constant(Boolean(value.value));
  const falsy = [
    ...(nullable ? [is(null)] : []),
    ...(kinds.has("boolean") ? [is(false)] : []),
    ...(kinds.has("string") ? [is("")] : []),
    ...(kinds.has("number") ? [is(0)] : []),
  ];
  return not(falsy.reduce((all, one) => binary("or", all, one), constant(false)));
}

/** The value of `left operator right`; the operator is another where `left += right` is computed. */
export function lowerBinary(
  at: Lowering,
  node: ts.BinaryExpression,
  operator: ts.SyntaxKind = node.operatorToken.kind,
): Expression {
  const { left, right } = node;
  const order = ORDER[operator];
  if (order !== undefined) return lowerOrder(at, node, order);
  switch (operator) {
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
      return lowerEquality(at, node);
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      return not(lowerEquality(at, node));
    case ts.SyntaxKind.EqualsEqualsToken:
      return lowerNullTest(at, node);
    case ts.SyntaxKind.ExclamationEqualsToken:
      return not(lowerNullTest(at, node));
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken:
      return lowerChoice(at, node, operator === ts.SyntaxKind.AmpersandAmpersandToken);
    case ts.SyntaxKind.QuestionQuestionToken: {
      const value = lowerExpression(at, left);
      return { kind: "coalesce", value, fallback: lowerExpression({ ...at, conditional: "`??`" }, right) };
    }
    case ts.SyntaxKind.InstanceOfKeyword:
      return lowerInstanceOf(at, node);
    case ts.SyntaxKind.InKeyword:
      return lowerIn(at, node);
    case ts.SyntaxKind.PlusToken:
    case ts.SyntaxKind.MinusToken:
    case ts.SyntaxKind.AsteriskToken:
    case ts.SyntaxKind.AsteriskAsteriskToken:
    case ts.SyntaxKind.SlashToken:
    case ts.SyntaxKind.PercentToken:
      return lowerArithmetic(at, node, operator);
    default:
      at.diagnostics.report("expressionForm", node);
      return REFUSED;
  }
}

/** `&&` and `||`: of two booleans a boolean, otherwise one of the two values. */
function lowerChoice(at: Lowering, { left, right }: ts.BinaryExpression, isAnd: boolean): Expression {
  const kinds = [...at.source.kinds(left), ...at.source.kinds(right)];
  const value = lowerExpression(at, left);
  const other = lowerExpression({ ...at, conditional: isAnd ? "`&&`" : "`||`" }, right);
  if (kinds.every((kind) => kind === "boolean")) return binary(isAnd ? "and" : "or", value, other);
  const taken = truthy(at, left, value);
  return isAnd ? conditional(taken, other, value) : conditional(taken, value, other);
}

function lowerEquality(at: Lowering, node: ts.BinaryExpression): Expression {
  if (ts.isTypeOfExpression(node.left)) return lowerTypeTest(at, node, node.left.expression);
  const [left, right] = [at.source.kinds(node.left), at.source.kinds(node.right)];
  const all = new Set([...left, ...right]);
  if (all.has("null") && all.has("undefined")) at.diagnostics.report("nullAndUndefined", node);
  else if (!left.isSubsetOf(PRIMITIVE) && !right.isSubsetOf(PRIMITIVE)) at.diagnostics.report("comparesObjects", node);
  return binary("=", lowerExpression(at, node.left), lowerExpression(at, node.right));
}

/** `typeof value === "string"`; null and undefined are one value here, and only JavaScript has other types than these. */
function lowerTypeTest(at: Lowering, node: ts.BinaryExpression, tested: ts.Expression): Expression {
  const type = at.source.literal(node.right);
  if (type === "string" || type === "number" || type === "boolean") {
    return binary("=", form("type", lowerExpression(at, tested)), constant(type));
  }
  at.diagnostics.report("expressionForm", node);
  return REFUSED;
}

function lowerNullTest(at: Lowering, node: ts.BinaryExpression): Expression {
  const isNull = (one: ts.Expression) =>
    [...at.source.kinds(one)].every((kind) => kind === "null" || kind === "undefined");
  if (!isNull(node.left) && !isNull(node.right)) at.diagnostics.report("looseEquality", node);
  return binary("=", lowerExpression(at, node.left), lowerExpression(at, node.right));
}

function lowerOrder(at: Lowering, node: ts.BinaryExpression, operator: "<" | "<=" | ">" | ">="): Expression {
  const kinds = new Set([...at.source.kinds(node.left), ...at.source.kinds(node.right)]);
  if (kinds.size !== 1 || !(kinds.has("number") || kinds.has("string"))) at.diagnostics.report("ordersMixed", node);
  return binary(operator, lowerExpression(at, node.left), lowerExpression(at, node.right));
}

/** `"key" in record`. Of a key that is computed JavaScript also finds what every object has, such as `toString`. */
function lowerIn(at: Lowering, node: ts.BinaryExpression): Expression {
  const key = at.source.literal(node.left);
  const kinds = at.source.kinds(node.right);
  const isOwn = typeof key === "string" && !(key in Object.prototype);
  const object = lowerExpression(at, node.right);
  if (isOwn && kinds.size === 1 && kinds.has("object")) return form("has", object, constant(key));
  at.diagnostics.report("recordKey", node);
  return REFUSED;
}

/** `error instanceof Class`: by the names that errors of the class and its subclasses have. */
function lowerInstanceOf(at: Lowering, node: ts.BinaryExpression): Expression {
  const error = errorIn(at, node.left);
  if (error === undefined) {
    at.diagnostics.report("expressionForm", node);
    return REFUSED;
  }
  if (node.right.getText() === "Error") return error.maybe ? not(binary("=", error.name, NULL)) : constant(true);
  const names = errorNames(at.source, node.right);
  if (names === undefined) at.diagnostics.report("sharedName", node);
  const tests = [...(names ?? [])].map((name) => binary("=", error.name, constant(name)));
  return tests.reduce((all, one) => binary("or", all, one), constant(false));
}
