import type { Json } from "../../model/json.ts";

/**
 * A result of JSONata as plain JSON: its sequences become arrays, a number without a value in JSON its name, as in Step
 * Functions. @throws where it is or holds a function
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
      if ("_jsonata_lambda" in value || "_jsonata_function" in value) break;
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plainJson(member)]));
  }
  throw new Error(
    `the result holds a ${typeof value === "object" ? "function" : typeof value}, which JSON cannot hold`,
  );
}
