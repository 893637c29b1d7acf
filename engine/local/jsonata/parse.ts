import { isJsonObject, type Json } from "../../model/json.ts";

const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gs;
/** With its colon where it is a key. */
const STRING_OR_KEY = /"(?:[^"\\]|\\.)*"(?:\s*:)?/gs;

/** JSON as `$parse` of Step Functions reads it: strings may stand in single quotes, no key may be repeated. */
export function parseJson(text: string): Json {
  const quoted = text.replace(STRING, (token) => (token.startsWith("'") ? doubleQuoted(token) : token));
  const value = JSON.parse(quoted, (_, part: unknown) => {
    if (typeof part === "number" && !Number.isFinite(part)) throw new Error("$parse read a number out of range");
    return part;
  }) as Json;
  const keys = quoted.match(STRING_OR_KEY)?.filter((token) => token.endsWith(":")).length ?? 0;
  if (keys !== keysIn(value)) throw new Error("$parse read an object with a repeated key");
  return value;
}

function doubleQuoted(token: string): string {
  const inside = token.slice(1, -1).replace(/\\.|"/gs, (part) => (part === '"' ? '\\"' : part === "\\'" ? "'" : part));
  return `"${inside}"`;
}

function keysIn(value: Json): number {
  const parts = Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
  const own = isJsonObject(value) ? parts.length : 0;
  return parts.reduce<number>((sum, part) => sum + keysIn(part), own);
}
