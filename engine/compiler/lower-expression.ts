import ts from "typescript";
import { type Expression, NULL, REFUSED, binary, conditional, constant, not, property } from "./expression.ts";
import { lowerAwait } from "./lower-await.ts";
import { lowerBinary, lowerCondition } from "./lower-condition.ts";
import { lowerArray, lowerObject, lowerTemplate } from "./lower-literal.ts";
import { type Lowering, bare, bindingOf, caughtBy } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";
import { millraceName, taskCall } from "./task-declaration.ts";

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
  if (ts.isBinaryExpression(node)) return lowerBinary(at, node);
  if (ts.isConditionalExpression(node)) return lowerConditional(at, node);
  if (ts.isPrefixUnaryExpression(node)) return lowerPrefix(at, node);
  if (ts.isAsExpression(node)) return lowerCast(at, node);
  if (ts.isNonNullExpression(node)) at.diagnostics.report("casts", node);
  else if (!ts.isCallExpression(node)) at.diagnostics.report("expressionForm", node);
  else if (isStep(at, node.expression)) at.diagnostics.report("notAwaited", node, node.expression.getText());
  else at.diagnostics.report("callsNoTask", node, node.expression.getText());
  return REFUSED;
}

/** A task, or a function of Millrace that a flow awaits. */
function isStep(at: Lowering, callee: ts.Expression): boolean {
  const name = millraceName(at.source, callee);
  if (name === "task" || name === "defineWorkflow") return false;
  return name !== undefined || taskCall(at.source, callee) !== undefined;
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
  if (known && declaration.initializer !== undefined && taskCall(at.source, node) === undefined) {
    return lowerExpression({ ...at, conditional: "a constant" }, declaration.initializer);
  }
  at.diagnostics.report("expressionForm", node);
  return REFUSED;
}

/** A read of a member by its name. */
function lowerMember(at: Lowering, node: ts.AccessExpression, key: string): Expression {
  const caught = caughtBy(at, node.expression);
  if (caught !== undefined) {
    if (key === "name" || key === "message") return { kind: "variable", name: caught[key] };
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
    const length: Expression = { kind: "length", array: object };
    return chained ? conditional(binary("=", object, NULL), NULL, length) : length;
  }
  if (has("object")) {
    const own = at.source.kinds(node);
    return property(object, key, chained || own.has("undefined") || own.has("unknown"));
  }
  at.diagnostics.report(has("string") && key === "length" ? "textLength" : "unknownShape", node);
  return REFUSED;
}

/** In an optional chain the value may also be null or undefined: the chain ends there. */
function hasOnly(kinds: Kinds, kind: Kind, chained: boolean): boolean {
  return (
    kinds.has(kind) && [...kinds].every((one) => one === kind || (chained && (one === "null" || one === "undefined")))
  );
}

function isForeign(at: Lowering, node: ts.Expression): boolean {
  const inner = bare(node);
  if (ts.isPropertyAccessExpression(inner)) return isForeign(at, inner.expression);
  return ts.isIdentifier(inner) && bindingOf(at, inner) === undefined;
}

function lowerElement(at: Lowering, node: ts.ElementAccessExpression): Expression {
  const index = bare(node.argumentExpression);
  if (ts.isStringLiteralLike(index)) return lowerMember(at, node, index.text);
  if (!ts.isNumericLiteral(index) || !hasOnly(at.source.kinds(node.expression), "array", ts.isOptionalChain(node))) {
    at.diagnostics.report("expressionForm", node);
    return REFUSED;
  }
  const maybe = ts.isOptionalChain(node) || at.source.kinds(node).has("undefined");
  const array = lowerExpression(at, node.expression);
  return { kind: "element", array, index: constant(Number(index.text)), maybe };
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
  if (node.operator === ts.SyntaxKind.MinusToken && ts.isNumericLiteral(node.operand)) {
    return constant(-Number(node.operand.text));
  }
  at.diagnostics.report("arithmetic", node, ts.tokenToString(node.operator) ?? node.getText());
  return REFUSED;
}

function lowerCast(at: Lowering, node: ts.AsExpression): Expression {
  if (!ts.isConstTypeReference(node.type)) at.diagnostics.report("casts", node);
  return lowerExpression(at, node.expression);
}
