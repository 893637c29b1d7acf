import type { Json } from "../model/json.ts";

/**
 * A value that a machine computes without calling anything. JavaScript's `undefined` is null here, and every expression
 * has a value: one that reads what may be absent says so with `maybe` and is null then.
 *
 * | kind        | reads                                                                    |
 * |-------------|--------------------------------------------------------------------------|
 * | constant    | a JSON value of the source                                               |
 * | parameter   | a parameter of the run; the default stands in where a raw start lacks it |
 * | variable    | a variable of the machine                                                |
 * | result      | what the call answered; only on the way out of a call. A function answers |
 * |             | in an envelope, whoever answers a token without one                      |
 * | input       | a member of the state's own input: an item or its index in a Map         |
 * | item, index | the element of a Map; only in its bindings                               |
 * | caught      | name or message of an error; only on the way to its handler              |
 * | prefixed    | each text of a list with the same beginning                              |
 */
export type Expression =
  | { readonly kind: "constant"; readonly value: Json }
  | { readonly kind: "parameter"; readonly name: string; readonly maybe: boolean; readonly default?: Json }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "result"; readonly enveloped: boolean }
  | { readonly kind: "input"; readonly key: string }
  | { readonly kind: "item" }
  | { readonly kind: "index" }
  | { readonly kind: "caught"; readonly part: "name" | "message" }
  | { readonly kind: "property"; readonly object: Expression; readonly key: string; readonly maybe: boolean }
  | { readonly kind: "element"; readonly array: Expression; readonly index: Expression; readonly maybe: boolean }
  | { readonly kind: "array"; readonly elements: readonly Element[] }
  | { readonly kind: "object"; readonly members: readonly Member[] }
  | { readonly kind: "text"; readonly parts: readonly Expression[] }
  | { readonly kind: "binary"; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly operand: Expression }
  | {
      readonly kind: "conditional";
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  | { readonly kind: "coalesce"; readonly value: Expression; readonly fallback: Expression }
  | { readonly kind: "length"; readonly array: Expression }
  | { readonly kind: "prefixed"; readonly texts: Expression; readonly prefix: string };

export type Operator = "=" | "<" | "<=" | ">" | ">=" | "and" | "or" | "+";

/** `list`: an array as one element. `unknown`: maybe an array. `spread`: its elements become elements. */
export interface Element {
  readonly value: Expression;
  readonly as: "one" | "list" | "unknown" | "spread";
}

/** Without a key the members of the value are spread in. A `maybe` member is left out where its value is null. */
export interface Member {
  readonly key?: string;
  readonly value: Expression;
  readonly maybe: boolean;
}

export const NULL: Expression = { kind: "constant", value: null };

/** Stands for what was reported. It decides no condition, so that both of its branches are looked at. */
export const REFUSED: Expression = { kind: "variable", name: "" };

export function constant(value: Json): Expression {
  return { kind: "constant", value };
}

export function variable(name: string): Expression {
  return { kind: "variable", name };
}

export function binary(operator: Operator, left: Expression, right: Expression): Expression {
  if (left.kind === "constant" && operator === "and") return left.value === true ? right : left;
  if (left.kind === "constant" && operator === "or") return left.value === true ? left : right;
  return { kind: "binary", operator, left, right };
}

export function not(operand: Expression): Expression {
  if (operand.kind === "constant") return constant(operand.value !== true);
  return operand.kind === "not" ? operand.operand : { kind: "not", operand };
}

export function conditional(condition: Expression, whenTrue: Expression, whenFalse: Expression): Expression {
  if (condition.kind === "constant") return condition.value === true ? whenTrue : whenFalse;
  return sameExpression(whenTrue, whenFalse) ? whenTrue : { kind: "conditional", condition, whenTrue, whenFalse };
}

/** A read of `object.key`; of an object that the source itself spells out it is the member's own value. */
export function property(object: Expression, key: string, maybe: boolean): Expression {
  if (object.kind === "constant" && typeof object.value === "object" && object.value !== null) {
    const value = Array.isArray(object.value) || !Object.hasOwn(object.value, key) ? null : object.value[key];
    return constant(value ?? null);
  }
  if (object.kind === "object") {
    const member = object.members.findLast((candidate) => candidate.key === undefined || candidate.key === key);
    if (member === undefined) return NULL;
    if (member.key !== undefined) return member.value;
  }
  return { kind: "property", object, key, maybe };
}

export function list(elements: readonly Element[]): Expression {
  return { kind: "array", elements };
}

/** A constant as it stands in a text. */
export function shown(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The parts one after the other as one text. */
export function textOf(parts: readonly Expression[]): Expression {
  const merged: Expression[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part.kind !== "constant") merged.push(part);
    else if (last?.kind === "constant") merged[merged.length - 1] = constant(shown(last.value) + shown(part.value));
    else if (part.value !== "") merged.push(constant(shown(part.value)));
  }
  const [only] = merged;
  if (only === undefined) return constant("");
  return merged.length === 1 && only.kind === "constant" ? only : { kind: "text", parts: merged };
}

export function sameExpression(left: Expression, right: Expression): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

/** The expression with every direct part replaced. */
function mapParts(expression: Expression, map: (part: Expression) => Expression): Expression {
  switch (expression.kind) {
    case "property":
      return property(map(expression.object), expression.key, expression.maybe);
    case "element":
      return { ...expression, array: map(expression.array), index: map(expression.index) };
    case "array":
      return { ...expression, elements: expression.elements.map((one) => ({ ...one, value: map(one.value) })) };
    case "object":
      return { ...expression, members: expression.members.map((one) => ({ ...one, value: map(one.value) })) };
    case "text":
      return { ...expression, parts: expression.parts.map(map) };
    case "binary":
      return { ...expression, left: map(expression.left), right: map(expression.right) };
    case "not":
      return { ...expression, operand: map(expression.operand) };
    case "conditional":
      return conditional(map(expression.condition), map(expression.whenTrue), map(expression.whenFalse));
    case "coalesce":
      return { ...expression, value: map(expression.value), fallback: map(expression.fallback) };
    case "length":
      return { ...expression, array: map(expression.array) };
    case "prefixed":
      return { ...expression, texts: map(expression.texts) };
    default:
      return expression;
  }
}

/** The expression with variables replaced by what they are assigned. */
export function substitute(expression: Expression, values: ReadonlyMap<string, Expression>): Expression {
  if (values.size === 0) return expression;
  if (expression.kind === "variable") return values.get(expression.name) ?? expression;
  return mapParts(expression, (part) => substitute(part, values));
}

/** Shows every part of an expression to `visit`, itself first. */
export function walk(expression: Expression, visit: (part: Expression) => void): void {
  visit(expression);
  mapParts(expression, (part) => {
    walk(part, visit);
    return part;
  });
}

/** The variables that an expression reads, added to `into`. */
export function readVariables(expression: Expression, into: Set<string>): Set<string> {
  walk(expression, (part) => void (part.kind === "variable" && into.add(part.name)));
  return into;
}
