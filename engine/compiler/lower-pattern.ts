import ts from "typescript";
import {
  type Expression,
  NULL,
  REFUSED,
  binary,
  conditional,
  constant,
  element,
  form,
  lambda,
  list,
  local,
  property,
} from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import type { Lowering } from "./lowering.ts";
import type { Kinds } from "./source.ts";

/** What a pattern takes a value apart into: names of a declaration, or what an assignment assigns. */
export type Target = ts.BindingName | ts.Expression;
export type Pattern = ts.BindingPattern | ts.ArrayLiteralExpression | ts.ObjectLiteralExpression;

/** One part, `a`, `b: c = 1` or `...others`. */
interface Part {
  readonly node: ts.Node;
  readonly target: Target;
  /** The member or the position; nothing where only running the flow would tell. */
  readonly key: string | number | undefined;
  readonly isRest: boolean;
  readonly fallback: ts.Expression | undefined;
}

export function isPattern(target: ts.Node): target is Pattern {
  return ts.isArrayLiteralExpression(target) || ts.isObjectLiteralExpression(target) || isBindingPattern(target);
}

function isBindingPattern(node: ts.Node): node is ts.BindingPattern {
  return ts.isArrayBindingPattern(node) || ts.isObjectBindingPattern(node);
}

/**
 * Gives each target of a pattern its part of the value, one after the other: a default may read those before it.
 * @param kinds Of the value.
 */
export function takeApart(
  at: Lowering,
  pattern: Pattern,
  value: Expression,
  kinds: Kinds,
  take: (target: Target, value: Expression) => void,
): void {
  const isList = ts.isArrayLiteralExpression(pattern) || ts.isArrayBindingPattern(pattern);
  const parts = partsOf(at, pattern);
  const [only, ...others] = kinds;
  const fits = others.length === 0 && (only === "array" ? isList || hasLength(parts) : only === "object" && !isList);
  if (!fits) at.diagnostics.report("takesApart", pattern);
  for (const part of parts) take(part.target, withDefault(at, part, partOf(at, parts, part, value, kinds)));
}

function hasLength(parts: readonly Part[]): boolean {
  return parts.every(({ key, isRest }) => key === "length" && !isRest);
}

function partOf(at: Lowering, parts: readonly Part[], part: Part, value: Expression, kinds: Kinds): Expression {
  const { node, key, target, isRest, fallback } = part;
  if (isRest && typeof key === "number") return from(at, value, key);
  const keys = parts.flatMap((one) => (typeof one.key === "string" ? one.key : []));
  if (isRest && keys.length === parts.length - 1) return without(at, value, keys);
  const own = at.source.kinds(target);
  const maybe = fallback !== undefined || !ts.isBindingElement(node) || own.has("undefined") || own.has("unknown");
  if (typeof key === "number") return element(value, constant(key), maybe);
  if (key === "length" && kinds.has("array")) return form("count", value);
  if (key !== undefined && !isRest) return property(value, key, maybe);
  at.diagnostics.report("takesApart", node);
  return REFUSED;
}

function withDefault(at: Lowering, { node, target, fallback }: Part, value: Expression): Expression {
  if (fallback === undefined) return value;
  if (at.source.kinds(target).has("null")) at.diagnostics.report("nullAndUndefined", node);
  return conditional(binary("=", value, NULL), lowerExpression({ ...at, conditional: "a default" }, fallback), value);
}

/** The elements of a list from one on. */
function from(at: Lowering, value: Expression, start: number): Expression {
  if (start === 0) return value;
  if (value.kind === "array" && value.elements.slice(0, start).every(({ as }) => as !== "spread")) {
    return list(value.elements.slice(start));
  }
  const [item, index] = [at.names.fresh("item"), at.names.fresh("index")];
  return form("filter", value, lambda([item, index], binary(">=", local(index), constant(start))));
}

/** The members of an object that have none of these keys. */
function without(at: Lowering, value: Expression, keys: readonly string[]): Expression {
  if (keys.length === 0) return value;
  if (value.kind === "object" && value.members.every(({ key }) => typeof key === "string")) {
    return { kind: "object", members: value.members.filter(({ key }) => !keys.includes(key as string)) };
  }
  const [member, key] = [at.names.fresh("value"), at.names.fresh("key")];
  const kept: Expression = { kind: "object", members: [{ key: local(key), value: local(member), maybe: false }] };
  const isTaken = form("in", local(key), constant([...keys]));
  const left = conditional(isTaken, { kind: "object", members: [] }, kept);
  return form("merge", form("each", value, lambda([member, key], left)));
}

function partsOf(at: Lowering, pattern: Pattern): readonly Part[] {
  if (ts.isObjectLiteralExpression(pattern)) return pattern.properties.map((one) => partOfProperty(at, one));
  const parts: readonly (ts.BindingElement | ts.Expression)[] = pattern.elements;
  return parts.flatMap((one, index) => {
    if (ts.isOmittedExpression(one)) return [];
    if (!ts.isBindingElement(one)) return { node: one, key: index, ...assignedBy(one) };
    const { name: target, propertyName, initializer: fallback, dotDotDotToken } = one;
    const isRest = dotDotDotToken !== undefined;
    const name = isRest ? undefined : keyOf(at, propertyName ?? target);
    return { node: one, target, key: ts.isArrayBindingPattern(pattern) ? index : name, isRest, fallback };
  });
}

function partOfProperty(at: Lowering, node: ts.ObjectLiteralElementLike): Part {
  if (ts.isShorthandPropertyAssignment(node)) {
    const { name: target, objectAssignmentInitializer: fallback } = node;
    return { node, target, key: target.text, isRest: false, fallback };
  }
  if (ts.isPropertyAssignment(node)) return { node, key: keyOf(at, node.name), ...assignedBy(node.initializer) };
  const target = ts.isSpreadAssignment(node) ? node.expression : (node.name as ts.Identifier);
  return { node, target, key: undefined, isRest: ts.isSpreadAssignment(node), fallback: undefined };
}

/** `target`, `target = fallback` or `...target`. */
function assignedBy(node: ts.Expression): Pick<Part, "target" | "isRest" | "fallback"> {
  if (ts.isSpreadElement(node)) return { target: node.expression, isRest: true, fallback: undefined };
  const hasDefault = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  return { target: hasDefault ? node.left : node, isRest: false, fallback: hasDefault ? node.right : undefined };
}

function keyOf(at: Lowering, name: ts.PropertyName | ts.BindingName): string | undefined {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) return name.text;
  const known = ts.isComputedPropertyName(name) ? at.source.literal(name.expression) : undefined;
  return typeof known === "string" ? known : undefined;
}
