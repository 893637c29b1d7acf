import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import type { Attribute, Item, Key } from "../store/items.ts";

/** An item in DynamoDB's words. Empty sets are left out, as DynamoDB has none. */
export function marshalItem(item: Item): Record<string, AttributeValue> {
  const entries = Object.entries(item).filter(([, value]) => !isEmptySet(value));
  return Object.fromEntries(entries.map(([name, value]) => [name, marshal(value)]));
}

export function marshalKey(key: Key): Record<string, AttributeValue> {
  return { pk: { S: key.pk }, sk: { S: key.sk } };
}

export function unmarshalItem(item: Record<string, AttributeValue>): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, unmarshal(value)])) as Item;
}

export function isEmptySet(value: Attribute | ReadonlySet<string>): boolean {
  return value instanceof Set && value.size === 0;
}

/** @throws MillraceError `InvalidRequest` for a number that DynamoDB cannot hold */
export function marshal(value: Attribute): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (typeof value === "number") return { N: numberText(value) };
  if (value instanceof Set) return { SS: [...(value as ReadonlySet<string>)] };
  if (Array.isArray(value)) return { L: value.map(marshal) };
  const members = Object.entries(value as { [key: string]: Json }).filter(([, member]) => member !== undefined);
  return { M: Object.fromEntries(members.map(([key, member]) => [key, marshal(member)])) };
}

function unmarshal(value: AttributeValue): Attribute {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.SS !== undefined) return new Set(value.SS);
  if (value.L !== undefined) return value.L.map((element) => unmarshal(element) as Json);
  if (value.M === undefined) return null;
  return Object.fromEntries(Object.entries(value.M).map(([key, member]) => [key, unmarshal(member) as Json]));
}

/** The shortest text of a double has at most 17 digits, of DynamoDB's 38; only its exponents reach further. */
function numberText(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size >= 1e-130 && size < 1e126) return String(value);
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `The number ${value} cannot be stored: DynamoDB holds 0 and numbers from 1e-130 to 9.99e125. Store it as text.`,
  );
}
