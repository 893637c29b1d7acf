import type { Json } from "../model/json.ts";
import type { FormName } from "./forms.ts";

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
 * | caught      | name, message or cause of an error; only on the way to its handler       |
 * | form        | one of the forms of `forms.ts`, by its name                              |
 * | lambda      | a function of locals; only as a part of a form                           |
 * | let, local  | a value that has a name in one expression; such a name                   |
 */
export type Expression =
  | { readonly kind: "constant"; readonly value: Json }
  | { readonly kind: "parameter"; readonly name: string; readonly maybe: boolean; readonly default?: Json }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "result"; readonly enveloped: boolean }
  | { readonly kind: "input"; readonly key: string }
  | { readonly kind: "item" }
  | { readonly kind: "index" }
  | { readonly kind: "caught"; readonly part: "name" | "message" | "cause" }
  | { readonly kind: "property"; readonly object: Expression; readonly key: string; readonly maybe: boolean }
  | { readonly kind: "entry"; readonly object: Expression; readonly key: Expression }
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
  | { readonly kind: "form"; readonly form: FormName; readonly parts: readonly Expression[] }
  | Lambda
  | { readonly kind: "let"; readonly name: string; readonly value: Expression; readonly body: Expression }
  | { readonly kind: "local"; readonly name: string };

/** A function that a form calls. */
export interface Lambda {
  readonly kind: "lambda";
  readonly parameters: readonly string[];
  readonly body: Expression;
}

export type Operator = "=" | "<" | "<=" | ">" | ">=" | "and" | "or" | "+" | "-" | "*" | "/" | "%";

/** `list`: an array as one element. `unknown`: maybe an array. `spread`: its elements become elements. */
export interface Element {
  readonly value: Expression;
  readonly as: "one" | "list" | "unknown" | "spread";
}

/**
 * Without a key the members of the value are spread in. A `maybe` member is left out where its value is null; where that
 * may be a value of its own, where the read of it finds nothing.
 */
export interface Member {
  readonly key?: string | Expression;
  readonly value: Expression;
  readonly maybe: boolean | "absent";
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
  if (right.kind === "constant" && operator === "and") return right.value === true ? left : right;
  if (right.kind === "constant" && operator === "or") return right.value === true ? right : left;
  const known = left.kind === "constant" && right.kind === "constant" && computed(operator, left.value, right.value);
  return known === undefined || known === false ? { kind: "binary", operator, left, right } : known;
}

/** The value of an operation on two constants, where JavaScript and JSONata cannot differ. */
function computed(operator: Operator, left: Json, right: Json): Expression | undefined {
  if (operator === "=" && typeof left !== "object" && typeof right !== "object") return constant(left === right);
  if (typeof left !== "number" || typeof right !== "number") return undefined;
  const result = ARITHMETIC[operator]?.(left, right);
  return result !== undefined && Number.isFinite(result) ? constant(result + 0) : undefined; // + 0: JSON has no -0
}

const ARITHMETIC: { readonly [operator: string]: (left: number, right: number) => number } = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
};

export function form(name: FormName, ...parts: readonly Expression[]): Expression {
  return { kind: "form", form: name, parts };
}

export function local(name: string): Expression {
  return { kind: "local", name };
}

export function lambda(parameters: readonly string[], body: Expression): Lambda {
  return { kind: "lambda", parameters, body };
}

/** A value that is read more than once: what costs nothing to read is written again, another has a name. */
export function letValue(name: () => string, value: Expression, body: (value: Expression) => Expression): Expression {
  if (isCheap(value)) return body(value);
  const fresh = name();
  return { kind: "let", name: fresh, value, body: body(local(fresh)) };
}

/** Read again and again, these cost nothing: variables, parameters and members of them. */
export function isCheap(value: Expression): boolean {
  if (value.kind === "property") return !value.maybe && isCheap(value.object);
  if (value.kind === "parameter") return !value.maybe && value.default === undefined;
  return (
    value.kind === "variable" || value.kind === "local" || (value.kind === "constant" && !isStructure(value.value))
  );
}

function isStructure(value: Json): boolean {
  return typeof value === "object" && value !== null;
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
  if (object.kind === "constant" && object.value === null) return NULL;
  if (object.kind === "object") {
    const member = object.members.findLast((candidate) => typeof candidate.key !== "string" || candidate.key === key);
    if (member === undefined) return NULL;
    if (member.key === key) return member.value;
  }
  return { kind: "property", object, key, maybe };
}

/** A read of `array[index]`; of a list that the source itself spells out it is the element's own value. */
export function element(array: Expression, index: Expression, maybe: boolean): Expression {
  if (array.kind === "array" && index.kind === "constant") {
    const [at, isKnown] = [Number(index.value), array.elements.every(({ as }) => as !== "spread")];
    if (isKnown && at >= 0) return array.elements[at]?.value ?? NULL;
  }
  return { kind: "element", array, index, maybe };
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
  for (const part of parts.flatMap((one) => (one.kind === "text" ? one.parts : one))) {
    const last = merged.at(-1);
    if (part.kind !== "constant") merged.push(part);
    else if (last?.kind === "constant") merged[merged.length - 1] = constant(shown(last.value) + shown(part.value));
    else if (part.value !== "") merged.push(constant(shown(part.value)));
  }
  const [only] = merged;
  if (only === undefined) return constant("");
  return merged.length === 1 && only.kind === "constant" ? only : { kind: "text", parts: merged };
}

export type Read = Extract<Expression, { kind: "parameter" | "property" | "entry" | "element" }>;

/** A read that may find nothing, and has no default of its own. */
export function isRead(expression: Expression): expression is Read {
  switch (expression.kind) {
    case "entry":
      return true;
    case "parameter":
    case "property":
    case "element":
      return expression.maybe;
    default:
      return false;
  }
}

export function sameExpression(left: Expression, right: Expression): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

/** The expression with every direct part replaced. */
function mapParts(expression: Expression, map: (part: Expression) => Expression): Expression {
  switch (expression.kind) {
    case "property":
      return property(map(expression.object), expression.key, expression.maybe);
    case "entry":
      return { ...expression, object: map(expression.object), key: map(expression.key) };
    case "element":
      return element(map(expression.array), map(expression.index), expression.maybe);
    case "array":
      return { ...expression, elements: expression.elements.map((one) => ({ ...one, value: map(one.value) })) };
    case "object":
      return { ...expression, members: expression.members.map((one) => mapMember(one, map)) };
    case "text":
      return textOf(expression.parts.map(map));
    case "binary":
      return binary(expression.operator, map(expression.left), map(expression.right));
    case "not":
      return not(map(expression.operand));
    case "conditional":
      return conditional(map(expression.condition), map(expression.whenTrue), map(expression.whenFalse));
    case "coalesce":
      return { ...expression, value: map(expression.value), fallback: map(expression.fallback) };
    case "form":
      return { ...expression, parts: expression.parts.map(map) };
    case "lambda":
      return { ...expression, body: map(expression.body) };
    case "let":
      return { ...expression, value: map(expression.value), body: map(expression.body) };
    default:
      return expression;
  }
}

function mapMember(member: Member, map: (part: Expression) => Expression): Member {
  const value = map(member.value);
  return typeof member.key === "object" ? { ...member, key: map(member.key), value } : { ...member, value };
}

/** The expression with variables replaced by what they are assigned. */
export function substitute(expression: Expression, values: ReadonlyMap<string, Expression>): Expression {
  if (values.size === 0) return expression;
  if (expression.kind === "variable") return values.get(expression.name) ?? expression;
  return mapParts(expression, (part) => substitute(part, values));
}

/** The expression with each part that is the same as another replaced. */
export function replace(expression: Expression, part: Expression, by: Expression): Expression {
  if (sameExpression(expression, part)) return by;
  return mapParts(expression, (one) => replace(one, part, by));
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

/** Whether each evaluation gives something else, so that it has to be evaluated once and kept. */
export function isFleeting(expression: Expression): boolean {
  let found = false;
  walk(expression, (part) => void (found ||= part.kind === "form" && (part.form === "now" || part.form === "uuid")));
  return found;
}
