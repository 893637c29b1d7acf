import * as z from "zod";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { Schema } from "./schema.ts";

/** `Validate {objectKind}` with parameters; what a parameter lacks renders as nothing. At most 200 characters. */
export function renderRunName(template: string, parameters: Json): string {
  return template
    .replace(PLACEHOLDER, (_, path: string) => {
      const value = valueAt(path, parameters);
      return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
    })
    .slice(0, 200);
}

/** What stands at each place of a template, `{ "model.name": "r1" }`: unlike the text it tells all values apart. */
export function templateValues(template: string, parameters: Json): JsonObject {
  const places = [...template.matchAll(PLACEHOLDER)].map(([, path = ""]) => [path, valueAt(path, parameters)]);
  return Object.fromEntries(places.filter(([, value]) => value !== undefined)) as JsonObject;
}

export function hasPlaces(template: string): boolean {
  return template.search(PLACEHOLDER) >= 0;
}

function valueAt(path: string, parameters: Json): Json | undefined {
  let value: Json | undefined = parameters;
  for (const key of path.split(".")) value = isJsonObject(value) ? value[key] : undefined;
  return value;
}

/** Why a template cannot name runs with these parameters, or nothing. */
export function runNameProblem(template: string, schema: Schema): string | undefined {
  for (const [, path = ""] of template.matchAll(PLACEHOLDER)) {
    let part: unknown = schema;
    for (const key of path.split(".")) {
      const shape: Record<string, unknown> = objectShape(part);
      if (!Object.hasOwn(shape, key)) {
        const allowed = Object.keys(shape).map((name) => `{${name}}`);
        return `name template ${JSON.stringify(template)} has {${path}}, which the schema lacks; it has ${allowed.join(", ") || "no fields"}`;
      }
      part = shape[key];
    }
  }
  return undefined;
}

function objectShape(schema: unknown): Record<string, unknown> {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return objectShape(schema.def.innerType);
  }
  return {};
}

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\}/g;
