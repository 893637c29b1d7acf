import * as z from "zod";
import type { Json } from "./json.ts";
import { isJsonObject } from "./json.ts";
import type { Schema } from "./schema.ts";

/** `Validate {objectKind}` with parameters; what a parameter lacks renders as nothing. At most 200 characters. */
export function renderRunName(template: string, parameters: Json): string {
  return template
    .replace(PLACEHOLDER, (_, path: string) => {
      let value: Json | undefined = parameters;
      for (const key of path.split(".")) value = isJsonObject(value) ? value[key] : undefined;
      return value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
    })
    .slice(0, 200);
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
