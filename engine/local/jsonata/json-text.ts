import { numberText } from "./number-text.ts";
import { isFunctionValue } from "./plain.ts";

/** All characters that are escaped; the others are written as they are. */
const ESCAPES: { readonly [character: string]: string } = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A value of JSONata as `$string` of Step Functions writes it; a function is an empty text. `depth` where it is to be indented. */
export function jsonText(value: unknown, depth?: number): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return `"${value.replace(/["\\\b\f\n\r\t]/g, (found) => ESCAPES[found] ?? found)}"`;
  if (isFunctionValue(value)) return '""';
  const inner = depth === undefined ? undefined : depth + 1;
  if (Array.isArray(value)) {
    const parts = value.map((part) => jsonText(part, inner));
    return enclosed("[", parts, "]", depth);
  }
  if (typeof value !== "object" || value === null) return String(value);
  const colon = depth === undefined ? ":" : ": ";
  const parts = Object.entries(value).map(([key, part]) => `${jsonText(key)}${colon}${jsonText(part, inner)}`);
  return enclosed("{", parts, "}", depth);
}

function enclosed(start: string, parts: readonly string[], end: string, depth: number | undefined): string {
  if (depth === undefined || parts.length === 0) return start + parts.join(",") + end;
  const indent = `\n${"  ".repeat(depth + 1)}`;
  return `${start}${indent}${parts.join(`,${indent}`)}\n${"  ".repeat(depth)}${end}`;
}
