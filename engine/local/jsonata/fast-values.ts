import type { Json } from "../../model/json.ts";
import { isJsonObject } from "../../model/json.ts";

/** Thrown where the values at hand need what only `jsonata` has: arrays mapped over by a path, errors, odd types. */
export const SLOW = new Error("left to jsonata");

export type Value = Json | undefined;

/** `$boolean` */
export function truthy(value: Value): boolean {
  if (Array.isArray(value)) return value.some(truthy);
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** `$string` of a value whose text needs no thought. */
export function textOf(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  throw SLOW;
}

/** A member of an object, nothing of another single value. */
export function member(value: Value, key: string): Value {
  if (Array.isArray(value)) throw SLOW;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** An item of an array by a whole or broken, positive or negative position. */
export function item(items: Value, position: Value): Value {
  if (!Array.isArray(items) || typeof position !== "number") throw SLOW;
  const index = Math.floor(position);
  return items[index < 0 ? items.length + index : index];
}

export type Operator = (left: Value, right: Value) => Value;

function numeric(operate: (left: number, right: number) => number): Operator {
  return (left, right) => {
    if (typeof left !== "number" || typeof right !== "number") throw SLOW;
    const result = operate(left, right);
    if (!Number.isFinite(result)) throw SLOW;
    return result + 0; // no -0
  };
}

function ordered(compare: (left: number | string, right: number | string) => boolean): Operator {
  return (left, right) => {
    if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) throw SLOW;
    return compare(left, right as number | string);
  };
}

function equal(left: Json, right: Json): boolean {
  if (typeof left === "object" && left !== null && typeof right === "object" && right !== null) throw SLOW;
  return left === right;
}

export const OPERATORS: { readonly [operator: string]: Operator } = {
  "+": numeric((left, right) => left + right),
  "-": numeric((left, right) => left - right),
  "*": numeric((left, right) => left * right),
  "/": numeric((left, right) => left / right),
  "%": numeric((left, right) => left % right),
  "<": ordered((left, right) => left < right),
  "<=": ordered((left, right) => left <= right),
  ">": ordered((left, right) => left > right),
  ">=": ordered((left, right) => left >= right),
  "=": (left, right) => left !== undefined && right !== undefined && equal(left, right),
  "!=": (left, right) => left !== undefined && right !== undefined && !equal(left, right),
  "&": (left, right) => (left === undefined ? "" : textOf(left)) + (right === undefined ? "" : textOf(right)),
  in: (left, right) =>
    left !== undefined && right !== undefined && (Array.isArray(right) ? right : [right]).some((one) => one === left),
};

/** Functions by name, with the number of arguments that the fast form takes. */
export const FUNCTIONS: { readonly [name: string]: { readonly arity: number; call(...given: Value[]): Value } } = {
  exists: { arity: 1, call: (value) => value !== undefined },
  boolean: { arity: 1, call: (value) => (value === undefined ? undefined : truthy(value)) },
  not: { arity: 1, call: (value) => (value === undefined ? undefined : !truthy(value)) },
  string: { arity: 1, call: (value) => (value === undefined ? undefined : textOf(value)) },
  append: { arity: 2, call: append },
  count: {
    arity: 1,
    call: (items) => {
      if (!Array.isArray(items)) throw SLOW;
      return items.length;
    },
  },
  lookup: {
    arity: 2,
    call: (object, key) => {
      if (typeof key !== "string") throw SLOW;
      return member(object, key);
    },
  },
  join: {
    arity: 2,
    call: (parts, separator) => {
      const areTexts = Array.isArray(parts) && parts.every((part) => typeof part === "string");
      if (!areTexts || typeof separator !== "string") throw SLOW;
      return parts.join(separator);
    },
  },
  merge: {
    arity: 1,
    call: (objects) => {
      if (!Array.isArray(objects) || !objects.every(isJsonObject)) throw SLOW;
      return Object.fromEntries(objects.flatMap((object) => Object.entries(object)));
    },
  },
};

/** `$append`; also how an array constructor takes up a value. */
export function append(left: Value, right: Value): Value {
  if (left === undefined) return right;
  if (right === undefined) return left;
  return [...(Array.isArray(left) ? left : [left]), ...(Array.isArray(right) ? right : [right])];
}
