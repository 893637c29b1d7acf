import type { Json } from "../../model/json.ts";

/**
 * A result of JSONata as plain JSON: its sequences become arrays, a number without a value in JSON its name, as in Step
 * Functions. @throws NOT_JSON where it is or holds a function
 */
export function plainJson(value: unknown): Json {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value + 0 : String(value); // + 0: no -0, which a journal would not give back
    case "string":
    case "boolean":
      return value;
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return value.map(plainJson);
      if (isFunctionValue(value)) break;
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plainJson(member)]));
  }
  throw NOT_JSON;
}

export const NOT_JSON = new Error("the result holds a function, which JSON cannot hold");

/** Whether a value of JSONata is a function: one of its own, of ours or of the expression. */
export function isFunctionValue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "function";
  return "_jsonata_lambda" in value || "_jsonata_function" in value;
}
