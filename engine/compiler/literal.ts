import type { Json } from "../model/json.ts";

/** A JSON value in JSONata. No `$` stands in a text, so that nobody takes one for a variable or a substitution. */
export function literal(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${literal(key)}: ${literal(member)}`);
    return `{${members.join(", ")}}`;
  }
  if (typeof value !== "string") return JSON.stringify(value);
  return JSON.stringify(value).replaceAll("$", "\\u0024").replaceAll("%}", "%\\u007d");
}
