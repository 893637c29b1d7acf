import ts from "typescript";
import { type Element, type Expression, type Member, NULL, constant, textOf } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import type { Lowering } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";

const TEXT_PARTS: Kinds = new Set<Kind>(["string", "number", "boolean"]);

export function lowerTemplate(at: Lowering, node: ts.TemplateExpression): Expression {
  const parts = node.templateSpans.flatMap(({ expression, literal }) => {
    if (!at.source.kinds(expression).isSubsetOf(TEXT_PARTS)) at.diagnostics.report("textPart", expression);
    return [lowerExpression(at, expression), constant(literal.text)];
  });
  return textOf([constant(node.head.text), ...parts]);
}

export function lowerArray(at: Lowering, node: ts.ArrayLiteralExpression): Expression {
  return { kind: "array", elements: node.elements.map((element) => lowerArrayElement(at, element)) };
}

function lowerArrayElement(at: Lowering, node: ts.Expression): Element {
  if (ts.isOmittedExpression(node)) {
    at.diagnostics.report("expressionForm", node.parent);
    return { value: NULL, as: "one" };
  }
  if (!ts.isSpreadElement(node)) {
    const kinds = at.source.kinds(node);
    const value = lowerExpression(at, node);
    if (!kinds.has("array") && !kinds.has("unknown")) return { value, as: "one" };
    return { value, as: kinds.size === 1 && kinds.has("array") ? "list" : "unknown" };
  }
  const kinds = at.source.kinds(node.expression);
  if (kinds.size !== 1 || !kinds.has("array")) at.diagnostics.report("spreads", node);
  return { value: lowerExpression(at, node.expression), as: "spread" };
}

export function lowerObject(at: Lowering, node: ts.ObjectLiteralExpression): Expression {
  const members: Member[] = [];
  for (const part of node.properties) {
    if (ts.isSpreadAssignment(part)) members.push(lowerSpread(at, part));
    else if (ts.isShorthandPropertyAssignment(part)) members.push(lowerMemberOf(at, part.name.text, part.name));
    else if (ts.isPropertyAssignment(part) && !ts.isComputedPropertyName(part.name)) {
      members.push(lowerMemberOf(at, part.name.text, part.initializer));
    } else at.diagnostics.report("expressionForm", part);
    const last = members.at(-1);
    if (last?.maybe === true && members.some((member) => member.key === undefined))
      at.diagnostics.report("maybeAfterSpread", part);
  }
  return { kind: "object", members };
}

/** A member that may be undefined is left out then, as it is from JSON. */
function lowerMemberOf(at: Lowering, key: string, node: ts.Expression): Member {
  const kinds = at.source.kinds(node);
  if (kinds.has("undefined") && kinds.has("null") && node.kind !== ts.SyntaxKind.NullKeyword) {
    at.diagnostics.report("nullAndUndefined", node);
  }
  return { key, value: lowerExpression(at, node), maybe: kinds.has("undefined") };
}

function lowerSpread(at: Lowering, node: ts.SpreadAssignment): Member {
  const kinds = at.source.kinds(node.expression);
  const value = lowerExpression(at, node.expression);
  const hides = value.kind === "object" && value.members.some((member) => member.maybe);
  if (kinds.size !== 1 || !kinds.has("object") || hides) at.diagnostics.report("spreads", node);
  return { value, maybe: false };
}
