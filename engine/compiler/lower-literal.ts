import ts from "typescript";
import {
  type Element,
  type Expression,
  type Member,
  NULL,
  conditional,
  constant,
  isRead,
  textOf,
} from "./expression.ts";
import { lowerCondition } from "./lower-condition.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerDistinct } from "./lower-list-method.ts";
import { type Lowering, bare } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";

export const TEXT: Kinds = new Set<Kind>(["string"]);

/** What a text can be joined from. */
export const TEXT_PARTS: Kinds = new Set<Kind>(["string", "number", "boolean"]);

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
    return { value: lowerExpression(at, node), as: elementAs(at.source.kinds(node)) };
  }
  const distinct = lowerDistinct(at, node.expression);
  if (distinct !== undefined) return { value: distinct, as: "spread" };
  const kinds = at.source.kinds(node.expression);
  if (kinds.size !== 1 || !kinds.has("array")) at.diagnostics.report("spreads", node);
  return { value: lowerExpression(at, node.expression), as: "spread" };
}

/** How a value of these kinds stands in a list. */
export function elementAs(kinds: Kinds): Element["as"] {
  if (!kinds.has("array") && !kinds.has("unknown")) return "one";
  return kinds.size === 1 && kinds.has("array") ? "list" : "unknown";
}

export function lowerObject(at: Lowering, node: ts.ObjectLiteralExpression): Expression {
  const members: Member[] = [];
  for (const part of node.properties) {
    if (ts.isSpreadAssignment(part)) members.push(lowerSpread(at, part, members.length === 0));
    else if (ts.isShorthandPropertyAssignment(part)) members.push(lowerMemberOf(at, part.name.text, part.name));
    else if (ts.isPropertyAssignment(part) && !ts.isComputedPropertyName(part.name)) {
      members.push(lowerMemberOf(at, part.name.text, part.initializer));
    } else if (ts.isPropertyAssignment(part) && ts.isComputedPropertyName(part.name)) {
      members.push(lowerComputed(at, part.name.expression, part.initializer));
    } else at.diagnostics.report("noValue", part);
    const last = members.at(-1);
    if (last !== undefined && last.maybe !== false && members.some((member) => typeof member.key !== "string"))
      at.diagnostics.report("maybeAfterSpread", part);
  }
  return { kind: "object", members };
}

/** A member that may be undefined is left out then, as it is from JSON. */
function lowerMemberOf(at: Lowering, key: string | Expression, node: ts.Expression): Member {
  const kinds = at.source.kinds(node);
  if (kinds.has("undefined") && kinds.has("null") && node.kind !== ts.SyntaxKind.NullKeyword) {
    at.diagnostics.report("nullAndUndefined", node);
  }
  const value = lowerExpression(at, node);
  return { key, value, maybe: kinds.has("undefined") || (kinds.has("unknown") && isRead(value) && "absent") };
}

/** `[key]: value`; the key is a text. */
function lowerComputed(at: Lowering, name: ts.Expression, node: ts.Expression): Member {
  const key = lowerExpression(at, name);
  const isText = at.source.kinds(name).isSubsetOf(TEXT);
  if (!isText) at.diagnostics.report("recordKey", name);
  return lowerMemberOf(at, key.kind === "constant" && typeof key.value === "string" ? key.value : key, node);
}

/** `...object`, or `...(test && object)`. A member that is undefined would remove one of its name from before it. */
function lowerSpread(at: Lowering, node: ts.SpreadAssignment, isFirst: boolean): Member {
  const given = bare(node.expression);
  const isTested = ts.isBinaryExpression(given) && given.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
  const object = isTested ? given.right : given;
  const test = isTested ? lowerCondition(at, given.left) : constant(true);
  const inside = isTested ? { ...at, conditional: "`&&`" } : at;
  const value = lowerExpression(inside, object);
  const isKnownToHide = value.kind === "object" && value.members.some(({ maybe }) => maybe);
  const hides = !isFirst && (isKnownToHide || at.source.hasUndefined(object));
  const kinds = at.source.kinds(object);
  if (kinds.size !== 1 || !kinds.has("object") || hides) at.diagnostics.report("spreads", node);
  return { value: conditional(test, value, { kind: "object", members: [] }), maybe: false };
}
