import * as z from "zod";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";

/** A zod schema of a JSON value. */
export type Schema = z.core.$ZodType;

/** By its mark: a class of zod named here would bring all of zod into every bundle. */
export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && "_zod" in value;
}

export type Input<S extends Schema> = z.input<S>;
export type Output<S extends Schema> = z.output<S>;

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Checks a value against a schema; the problem names each path: `location: expected string, received number`. */
export function parse<S extends Schema>(schema: S, value: unknown): Parsed<z.output<S>> {
  const outcome = z.safeParse(schema, value);
  if (outcome.success) return { ok: true, value: outcome.data };
  const problems = outcome.error.issues.map((issue) => {
    const path = issue.path.map(String).join(".");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
  return { ok: false, problem: problems.join("; ") };
}

/** The JSON schema of a value as it is given, or as it is once its schema has read it. */
export function jsonSchema(schema: Schema, io: "input" | "output"): JsonObject {
  return z.toJSONSchema(schema, { io }) as unknown as JsonObject;
}

/** One top-level parameter as the compiler and the command line need it. */
export interface ParameterField {
  readonly name: string;
  readonly required: boolean;
  /** Present where the schema gives a default; a raw `StartExecution` may leave such a parameter out. */
  readonly default?: Json;
  /** Present where the schema bounds a list in it. */
  readonly shape?: Shape;
}

/** The longest that lists can be: the value itself, its elements, and its members. */
export interface Shape {
  readonly max?: number;
  readonly element?: Shape;
  readonly members?: { readonly [name: string]: Shape };
}

/** The top-level fields of an object schema, or why it cannot be the schema of a workflow's parameters. */
export function parameterFields(schema: Schema): Parsed<ParameterField[]> {
  if (!(schema instanceof z.ZodObject)) return { ok: false, problem: "parameters must be a z.object({ … })" };
  let described: JsonObject;
  try {
    described = z.toJSONSchema(schema, { io: "input", unrepresentable: "throw" }) as unknown as JsonObject;
  } catch (error) {
    return { ok: false, problem: `parameters must be plain JSON without transforms (${(error as Error).message})` };
  }
  const transformed = firstTransform(schema, "");
  if (transformed !== undefined) {
    return {
      ok: false,
      problem: `"${transformed}" transforms its value: a raw StartExecution would skip that. Do it in a task`,
    };
  }
  const required = new Set((described["required"] as string[] | undefined) ?? []);
  const properties = (described["properties"] ?? {}) as { [name: string]: JsonObject };
  const nested = Object.entries(properties).find(([, property]) => hasNestedDefault(property));
  if (nested !== undefined) {
    return {
      ok: false,
      problem: `"${nested[0]}" has a default below its top level: give the whole parameter one default`,
    };
  }
  return {
    ok: true,
    value: Object.entries(properties).map(([name, property]) => {
      const shape = shapeOf(property);
      return {
        name,
        required: required.has(name),
        ...(property["default"] === undefined ? {} : { default: property["default"] }),
        ...(shape === undefined ? {} : { shape }),
      };
    }),
  };
}

/** The lengths that a JSON schema bounds, or nothing. */
function shapeOf(schema: Json | undefined): Shape | undefined {
  if (!isJsonObject(schema)) return undefined;
  const { maxItems, items, prefixItems, properties, anyOf } = schema;
  if (Array.isArray(anyOf)) {
    const [only, ...others] = anyOf.filter((part) => !isJsonObject(part) || part["type"] !== "null");
    return others.length === 0 ? shapeOf(only) : undefined;
  }
  const max =
    typeof maxItems === "number"
      ? maxItems
      : Array.isArray(prefixItems) && items === undefined
        ? prefixItems.length
        : undefined;
  const element = shapeOf(items);
  const members = Object.entries(isJsonObject(properties) ? properties : {}).flatMap(([name, property]) => {
    const shape = shapeOf(property);
    return shape === undefined ? [] : [[name, shape] as const];
  });
  if (max === undefined && element === undefined && members.length === 0) return undefined;
  return {
    ...(max === undefined ? {} : { max }),
    ...(element === undefined ? {} : { element }),
    ...(members.length === 0 ? {} : { members: Object.fromEntries(members) }),
  };
}

function hasNestedDefault(schema: Json, top = true): boolean {
  if (Array.isArray(schema)) return schema.some((part) => hasNestedDefault(part, false));
  if (typeof schema !== "object" || schema === null) return false;
  if (!top && "default" in schema && "type" in schema) return true;
  return Object.entries(schema).some(([key, part]) => key !== "default" && hasNestedDefault(part, false));
}

/** Why a value that passed a schema would not pass it unchanged once more after a wire, or nothing. */
export function lastingProblem(schema: Schema): string | undefined {
  try {
    z.toJSONSchema(schema, { io: "input", unrepresentable: "throw" });
  } catch (error) {
    return `its values are not plain JSON (${(error as Error).message})`;
  }
  const transformed = firstTransform(schema, "");
  return transformed === undefined ? undefined : `"${transformed}" transforms its value`;
}

/** The path of the first part whose output differs from its input by code: `.transform`, `.preprocess`, `z.coerce`. */
function firstTransform(schema: unknown, path: string): string | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const def = schema._zod.def as unknown as Record<string, unknown> & { type: string };
  if (def.type === "transform" || def.type === "pipe" || def["coerce"] === true)
    return path === "" ? "(the object)" : path;
  if (schema instanceof z.ZodObject) {
    for (const [name, field] of Object.entries(schema.shape)) {
      const found = firstTransform(field, path === "" ? name : `${path}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const parts = [def["innerType"], def["element"], def["keyType"], def["valueType"], def["left"], def["right"]];
  const lists = [def["options"], def["items"]].filter(Array.isArray).flat() as unknown[];
  for (const part of [...parts, ...lists]) {
    const found = firstTransform(part, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Schemas of the built-in tasks. */
export const TagList = z.array(z.string());
export const Nothing = z.null();
export const Anything = z.unknown();
