import ts from "typescript";
import { type Expression, REFUSED, binary, constant, form, textOf } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import { TEXT_PARTS } from "./lower-literal.ts";
import type { Lowering } from "./lowering.ts";
import type { Kinds } from "./source.ts";

/** `left operator right` of two numbers; the operator is another where `left += right` is computed. */
export function lowerArithmetic(at: Lowering, node: ts.BinaryExpression, operator: ts.SyntaxKind): Expression {
  const { left, right } = node;
  const kinds = [at.source.kinds(left), at.source.kinds(right)];
  const [a, b] = [lowerExpression(at, left), lowerExpression(at, right)];
  if (operator === ts.SyntaxKind.PlusToken && isText(kinds)) return textOf([a, b]);
  const sign = SIGNS[operator];
  const isPower = sign === undefined && a.kind === "constant" && b.kind === "constant";
  if (!kinds.every(isNumber) || (sign === undefined && !isPower)) {
    at.diagnostics.report("arithmetic", node, ts.tokenToString(operator)?.replace(/=$/, ""));
    return REFUSED;
  }
  if (sign === undefined) return numberOf(at, node, powerOf(a, b));
  if ((sign === "/" || sign === "%") && !(b.kind === "constant" && b.value !== 0)) {
    at.diagnostics.report("noNumber", node);
    return REFUSED;
  }
  return binary(sign, a, b);
}

const SIGNS: { readonly [token: number]: "+" | "-" | "*" | "/" | "%" } = {
  [ts.SyntaxKind.PlusToken]: "+",
  [ts.SyntaxKind.MinusToken]: "-",
  [ts.SyntaxKind.AsteriskToken]: "*",
  [ts.SyntaxKind.SlashToken]: "/",
  [ts.SyntaxKind.PercentToken]: "%",
};

function isNumber(kinds: Kinds): boolean {
  return kinds.size === 1 && kinds.has("number");
}

/** Of a text and what a template takes `+` makes one text. */
function isText(kinds: readonly Kinds[]): boolean {
  const hasText = kinds.some((one) => one.size === 1 && one.has("string"));
  return hasText && kinds.every((one) => one.isSubsetOf(TEXT_PARTS));
}

/** Engines compute powers to different digits, so only one of two literals is known. */
function powerOf(base: Expression, exponent: Expression): number {
  return base.kind === "constant" && exponent.kind === "constant" ? Number(base.value) ** Number(exponent.value) : NaN;
}

function numberOf(at: Lowering, node: ts.Node, value: number): Expression {
  if (Number.isFinite(value)) return constant(value);
  at.diagnostics.report("noNumber", node);
  return REFUSED;
}

/** `-x` and `+x` of a number. */
export function lowerSign(at: Lowering, node: ts.PrefixUnaryExpression): Expression {
  const isMinus = node.operator === ts.SyntaxKind.MinusToken;
  const value = lowerExpression(at, node.operand);
  if (!isNumber(at.source.kinds(node.operand))) {
    at.diagnostics.report("arithmetic", node, isMinus ? "-" : "+");
    return REFUSED;
  }
  if (!isMinus) return value;
  return value.kind === "constant" ? constant(0 - Number(value.value)) : form("negate", value);
}
