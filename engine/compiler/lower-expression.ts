import ts from "typescript";
import { type Expression, NULL, REFUSED, conditional, constant, form, not, property } from "./expression.ts";
import { isAssigning } from "./lower-assign.ts";
import { lowerSign } from "./lower-arithmetic.ts";
import { lowerAwait } from "./lower-await.ts";
import { lowerBinary, lowerCondition } from "./lower-condition.ts";
import { lowerFunction } from "./lower-function.ts";
import { lowerInline } from "./lower-inline.ts";
import { logLevel, lowerLog } from "./lower-log.ts";
import { lowerMethod } from "./lower-method.ts";
import { lowerMoment } from "./lower-moment.ts";
import { lowerArray, lowerObject, lowerTemplate } from "./lower-literal.ts";
import { hasOnly, lowerElement, throughChain } from "./lower-read.ts";
import { errorIn, isReason, isSurely } from "./lower-reason.ts";
import { type Lowering, bare, bindingOf } from "./lowering.ts";
import type { Kind } from "./source.ts";
import { isDeclared, refusalOf, refusalOfCall } from "./refusal.ts";
import { millraceName } from "./task-declaration.ts";

/** The value of an expression; what has no place in a flow is reported and is null. */
export function lowerExpression(at: Lowering, given: ts.Expression): Expression {
  const node = bare(given);
  if (ts.isStringLiteralLike(node)) return constant(node.text);
  if (ts.isNumericLiteral(node)) return constant(Number(node.text));
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return constant(true);
    case ts.SyntaxKind.FalseKeyword:
      return constant(false);
    case ts.SyntaxKind.NullKeyword:
      return NULL;
  }
  if (ts.isIdentifier(node)) return lowerName(at, node);
  if (ts.isPropertyAccessExpression(node)) return lowerMember(at, node, node.name.text);
  if (ts.isElementAccessExpression(node)) return lowerElement(at, node);
  if (ts.isTemplateExpression(node)) return lowerTemplate(at, node);
  if (ts.isObjectLiteralExpression(node)) return lowerObject(at, node);
  if (ts.isArrayLiteralExpression(node)) return lowerArray(at, node);
  if (ts.isAwaitExpression(node)) return lowerAwait(at, node);
  if (ts.isBinaryExpression(node) && !isAssigning(node)) return lowerBinary(at, node);
  if (ts.isConditionalExpression(node)) return lowerConditional(at, node);
  if (ts.isPrefixUnaryExpression(node) && !isAssigning(node)) return lowerPrefix(at, node);
  if (ts.isAsExpression(node)) return lowerCast(at, node);
  if (ts.isCallExpression(node)) return lowerCall(at, node);
  at.diagnostics.report(refusalOf(at.source, node), node);
  return REFUSED;
}

/** A call that is not awaited. */
function lowerCall(at: Lowering, call: ts.CallExpression): Expression {
  const value = lowerOwn(at, call) ?? lowerInline(at, call) ?? lowerFunction(at, call) ?? lowerMethod(at, call);
  if (value !== undefined) return value;
  const mistake = refusalOfCall(at.source, call);
  at.diagnostics.report(mistake, call, call.expression.getText());
  if (mistake === "callsNoTask") lowerReceiver(at, call.expression);
  return REFUSED;
}

/** The functions of Millrace that are not awaited. */
function lowerOwn(at: Lowering, call: ts.CallExpression): Expression | undefined {
  const level = logLevel(at.source, call.expression);
  if (level !== undefined) return lowerLog(at, call, level);
  const name = millraceName(at.source, call.expression);
  return name === "now" || name === "uuid" ? lowerMoment(at, call, name) : undefined;
}

/** What a refused method is called of, for its own mistakes alone. */
function lowerReceiver(at: Lowering, callee: ts.Expression): void {
  if (ts.isPropertyAccessExpression(callee) && !ts.isIdentifier(callee.expression))
    lowerExpression(at, callee.expression);
}

function lowerName(at: Lowering, node: ts.Identifier): Expression {
  if (node.text === "undefined") return NULL;
  const binding = bindingOf(at, node);
  if (binding !== undefined && "value" in binding) return binding.value;
  if (binding !== undefined) {
    at.diagnostics.report("caughtUse", node);
    return REFUSED;
  }
  return lowerModuleConstant(at, node);
}

/** A constant outside of the flow: its literal type, or the expression that it is declared with. */
function lowerModuleConstant(at: Lowering, node: ts.Identifier): Expression {
  const literal = at.source.literal(node);
  if (literal !== undefined) return constant(literal);
  const declaration = at.source.symbol(node)?.valueDeclaration;
  const known =
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    (declaration.parent.flags & ts.NodeFlags.Const) !== 0 &&
    ts.isSourceFile(declaration.parent.parent.parent);
  if (known && declaration.initializer !== undefined && !isDeclared(at.source, node)) {
    return lowerExpression({ ...at, conditional: "a constant" }, declaration.initializer);
  }
  at.diagnostics.report(refusalOf(at.source, node), node);
  return REFUSED;
}

/** A read of a member by its name. */
export function lowerMember(at: Lowering, node: ts.AccessExpression, key: string): Expression {
  const error = errorIn(at, node.expression);
  const isRead = (key === "name" || key === "message") && error !== undefined;
  if (isRead && (ts.isOptionalChain(node) || isSurely(at, error, node.expression))) return error[key];
  if (error !== undefined || isReason(at, node)) {
    at.diagnostics.report("caughtUse", node);
    return REFUSED;
  }
  const literal = isForeign(at, node) ? at.source.literal(node) : undefined;
  if (literal !== undefined) return constant(literal);
  const kinds = at.source.kinds(node.expression);
  const chained = ts.isOptionalChain(node);
  const object = lowerExpression(at, node.expression);
  const has = (kind: Kind): boolean => hasOnly(kinds, kind, chained);
  if (has("array") && key === "length") {
    return throughChain(at, node, object, (list) => form("count", list));
  }
  if (has("object")) {
    const own = at.source.kinds(node);
    return property(object, key, chained || own.has("undefined") || own.has("unknown"));
  }
  at.diagnostics.report(has("string") && key === "length" ? "textLength" : "unknownShape", node);
  return REFUSED;
}

function isForeign(at: Lowering, node: ts.Expression): boolean {
  const inner = bare(node);
  if (ts.isPropertyAccessExpression(inner)) return isForeign(at, inner.expression);
  return ts.isIdentifier(inner) && bindingOf(at, inner) === undefined;
}

function lowerConditional(at: Lowering, node: ts.ConditionalExpression): Expression {
  const condition = lowerCondition(at, node.condition);
  const branch = { ...at, conditional: "`? :`" };
  if (condition.kind === "constant")
    return lowerExpression(at, condition.value === true ? node.whenTrue : node.whenFalse);
  return conditional(condition, lowerExpression(branch, node.whenTrue), lowerExpression(branch, node.whenFalse));
}

function lowerPrefix(at: Lowering, node: ts.PrefixUnaryExpression): Expression {
  if (node.operator === ts.SyntaxKind.ExclamationToken) return not(lowerCondition(at, node.operand));
  if (node.operator === ts.SyntaxKind.MinusToken || node.operator === ts.SyntaxKind.PlusToken)
    return lowerSign(at, node);
  at.diagnostics.report("arithmetic", node, ts.tokenToString(node.operator) ?? node.getText());
  return REFUSED;
}

function lowerCast(at: Lowering, node: ts.AsExpression): Expression {
  if (!ts.isConstTypeReference(node.type)) at.diagnostics.report("casts", node);
  return lowerExpression(at, node.expression);
}
