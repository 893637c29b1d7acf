import { isDeepStrictEqual } from "node:util";
import type { Attribute, Item } from "./items.ts";

export type Scalar = string | number | boolean | null;
export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

/**
 * A condition is data: SQLite's store evaluates it with `holds`, DynamoDB's turns it into an expression. As in DynamoDB a
 * comparison with an absent attribute is false (also `<>`), and so is an order between values of different types.
 */
export type Condition =
  | { readonly exists: string }
  | { readonly absent: string }
  | { readonly attribute: string; readonly is: Comparison; readonly to: Scalar | { readonly attribute: string } }
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition };

export const exists = (attribute: string): Condition => ({ exists: attribute });
export const absent = (attribute: string): Condition => ({ absent: attribute });
export const and = (...conditions: Condition[]): Condition => ({ and: conditions });
export const or = (...conditions: Condition[]): Condition => ({ or: conditions });
export const not = (condition: Condition): Condition => ({ not: condition });
export const compare = (attribute: string, is: Comparison, to: Scalar | { readonly attribute: string }): Condition => ({
  attribute,
  is,
  to,
});

/** True for no item at all: the condition of a first put. */
export const isNew: Condition = absent("pk");

export function holds(condition: Condition, item: Item | undefined): boolean {
  if ("exists" in condition) return item?.[condition.exists] !== undefined;
  if ("absent" in condition) return item?.[condition.absent] === undefined;
  if ("and" in condition) return condition.and.every((part) => holds(part, item));
  if ("or" in condition) return condition.or.some((part) => holds(part, item));
  if ("not" in condition) return !holds(condition.not, item);
  const left = item?.[condition.attribute];
  const right = isReference(condition.to) ? item?.[condition.to.attribute] : condition.to;
  return left !== undefined && right !== undefined && compares(left, condition.is, right);
}

function isReference(to: Scalar | { readonly attribute: string }): to is { readonly attribute: string } {
  return typeof to === "object" && to !== null;
}

function compares(left: Attribute, is: Comparison, right: Attribute): boolean {
  if (is === "=") return isDeepStrictEqual(left, right);
  if (is === "<>") return !isDeepStrictEqual(left, right);
  const order = typeof left === "number" && typeof right === "number" ? left - right : textOrder(left, right);
  if (order === undefined) return false;
  return is === "<" ? order < 0 : is === "<=" ? order <= 0 : is === ">" ? order > 0 : order >= 0;
}

/** Order by the bytes of UTF-8, as DynamoDB and SQLite have it. */
function textOrder(left: Attribute, right: Attribute): number | undefined {
  if (typeof left !== "string" || typeof right !== "string") return undefined;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
