import * as z from "zod";
import { byteLength, isJsonObject, type Json } from "./json.ts";
import type { Schema } from "./schema.ts";

/** The longest JSON text of a value that a schema takes, in bytes, or nothing where the schema bounds it not. */
export function payloadBytes(schema: Schema): number | undefined {
  const bytes = largest(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as unknown as Json);
  return Number.isFinite(bytes) ? bytes : undefined;
}

/** A character takes six bytes at most, as `\u0000`; a number 25, `-1.2345678901234567e-300`. */
const BYTES_OF_CHARACTER = 6;
const BYTES_OF_NUMBER = 25;

function largest(schema: Json): number {
  if (!isJsonObject(schema)) return schema === false ? 0 : Infinity;
  const { type, const: only, enum: values, anyOf, oneOf, maxLength, format } = schema;
  if (only !== undefined) return byteLength(only);
  if (Array.isArray(values)) return Math.max(0, ...values.map(byteLength));
  const choices = anyOf ?? oneOf;
  if (Array.isArray(choices)) return Math.max(0, ...choices.map(largest));
  switch (type) {
    case "null":
      return 4;
    case "boolean":
      return 5;
    case "number":
    case "integer":
      return BYTES_OF_NUMBER;
    case "string":
      if (typeof maxLength === "number") return 2 + maxLength * BYTES_OF_CHARACTER;
      return format === "uuid" ? 38 : Infinity;
    case "array":
      return arrayBytes(schema);
    case "object":
      return objectBytes(schema);
    default:
      return Infinity;
  }
}

function arrayBytes({ maxItems, items, prefixItems }: { readonly [key: string]: Json }): number {
  if (Array.isArray(prefixItems)) return prefixItems.reduce((sum: number, item) => sum + 1 + largest(item), 2);
  return typeof maxItems === "number" ? 2 + maxItems * (1 + largest(items ?? true)) : Infinity;
}

/** Members that the schema does not name are not known; parameters are checked to have none. */
function objectBytes({ properties, additionalProperties }: { readonly [key: string]: Json }): number {
  if (additionalProperties !== undefined && additionalProperties !== false && !isJsonObject(properties))
    return Infinity;
  if (!isJsonObject(properties)) return 2;
  return Object.entries(properties).reduce((sum, [key, value]) => sum + byteLength(key) + 2 + largest(value), 2);
}
