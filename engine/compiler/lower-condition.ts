import ts from "typescript";
import { type Expression, REFUSED, binary, conditional, constant, not } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import { type Lowering, bare, caughtBy } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";

const ORDER: { readonly [token: number]: "<" | "<=" | ">" | ">=" } = {
  [ts.SyntaxKind.LessThanToken]: "<",
  [ts.SyntaxKind.LessThanEqualsToken]: "<=",
  [ts.SyntaxKind.GreaterThanToken]: ">",
  [ts.SyntaxKind.GreaterThanEqualsToken]: ">=",
};
const PRIMITIVE: Kinds = new Set<Kind>(["string", "number", "boolean", "null", "undefined"]);

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

/** What makes a value truthy, by the kinds that it can have. */
function truthy(at: Lowering, node: ts.Expression, value: Expression): Expression {
  const kinds = at.source.kinds(node);
  const is = (falsy: string | number | boolean | null) => binary("=", value, constant(falsy));
  if (kinds.size === 1 && kinds.has("boolean")) return value;
  const nullable = kinds.has("null") || kinds.has("undefined");
  if (kinds.has("unknown") || (!nullable && (kinds.has("object") || kinds.has("array")))) {
    at.diagnostics.report("constantCondition", node);
    return value;
  }
  if (value.kind === "constant") return constant(Boolean(value.value));
  const falsy = [
    ...(nullable ? [is(null)] : []),
    ...(kinds.has("boolean") ? [is(false)] : []),
    ...(kinds.has("string") ? [is("")] : []),
    ...(kinds.has("number") ? [is(0)] : []),
  ];
  return not(falsy.reduce((all, one) => binary("or", all, one), constant(false)));
}

/** The value of `left operator right`. */
export function lowerBinary(at: Lowering, node: ts.BinaryExpression): Expression {
  const { left, right } = node;
  const operator = node.operatorToken.kind;
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
      return lowerChoice(at, node);
    case ts.SyntaxKind.QuestionQuestionToken: {
      const value = lowerExpression(at, left);
      return { kind: "coalesce", value, fallback: lowerExpression({ ...at, conditional: "`??`" }, right) };
    }
    case ts.SyntaxKind.InstanceOfKeyword:
      if (caughtBy(at, left) !== undefined && right.getText() === "Error") return constant(true);
      at.diagnostics.report(caughtBy(at, left) === undefined ? "expressionForm" : "caughtUse", node);
      return REFUSED;
    case ts.SyntaxKind.PlusToken:
    case ts.SyntaxKind.MinusToken:
    case ts.SyntaxKind.AsteriskToken:
    case ts.SyntaxKind.AsteriskAsteriskToken:
    case ts.SyntaxKind.SlashToken:
    case ts.SyntaxKind.PercentToken:
      at.diagnostics.report("arithmetic", node, node.operatorToken.getText());
      return REFUSED;
    default:
      at.diagnostics.report("expressionForm", node);
      return REFUSED;
  }
}

/** `&&` and `||`: of two booleans a boolean, otherwise one of the two values. */
function lowerChoice(at: Lowering, node: ts.BinaryExpression): Expression {
  const kinds = [...at.source.kinds(node.left), ...at.source.kinds(node.right)];
  if (kinds.every((kind) => kind === "boolean")) return lowerCondition(at, node);
  const isAnd = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
  const value = lowerExpression(at, node.left);
  const other = lowerExpression({ ...at, conditional: isAnd ? "`&&`" : "`||`" }, node.right);
  const taken = truthy(at, node.left, value);
  return isAnd ? conditional(taken, other, value) : conditional(taken, value, other);
}

function lowerEquality(at: Lowering, node: ts.BinaryExpression): Expression {
  const [left, right] = [at.source.kinds(node.left), at.source.kinds(node.right)];
  const all = new Set([...left, ...right]);
  if (all.has("null") && all.has("undefined")) at.diagnostics.report("nullAndUndefined", node);
  else if (!left.isSubsetOf(PRIMITIVE) && !right.isSubsetOf(PRIMITIVE)) at.diagnostics.report("comparesObjects", node);
  return binary("=", lowerExpression(at, node.left), lowerExpression(at, node.right));
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
