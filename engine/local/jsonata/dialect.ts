import type jsonata from "jsonata";
import type { Node } from "./fast.ts";
import { expectArguments, JsonataError } from "./jsonata-error.ts";
import { jsonText } from "./json-text.ts";
import { isFunctionValue } from "./plain.ts";

/** What Step Functions computes otherwise than `jsonata`; no expression can name these. */
const REPLACED = {
  "\0join": (left: unknown, right: unknown) => textOf(left) + textOf(right),
  "\0compare": compare,
  "\0remainder": remainder,
  "\0whole": (value: unknown) => (typeof value === "number" ? Math.trunc(value) : value),
  "\0zone": (zone: unknown) => (typeof zone === "string" && !/^[+-]\d{4}$/.test(zone) ? undefined : zone),
} as const;

/** Puts calls of ours in the places of an expression where Step Functions and `jsonata` differ. */
export function adapt(expression: jsonata.Expression): void {
  adaptNode(expression.ast());
  for (const [name, implementation] of Object.entries(REPLACED)) {
    expression.assign(name, { _jsonata_function: true, implementation });
  }
}

type Changing = { -readonly [part in keyof Node]: Node[part] };

function adaptNode(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  Object.values(node).forEach(adaptNode);
  if (!("type" in node)) return;
  const changing = node as Changing;
  if (changing.type === "regex") changing.value = withPlainSpaces(changing.value as RegExp);
  else if (changing.type === "binary") adaptOperator(changing);
  else if (changing.type === "function") adaptArguments(changing);
}

function adaptOperator(node: Changing): void {
  const { value, lhs, rhs, position } = node;
  const call = (name: keyof typeof REPLACED, ...given: unknown[]): void => {
    for (const part of ["lhs", "rhs", "value"]) delete node[part];
    Object.assign(node, callOf(name, given, position));
  };
  if (value === "&") call("\0join", lhs, rhs);
  else if (value === "%") call("\0remainder", { type: "binary", value, lhs, rhs, position });
  else if (["<", "<=", ">", ">="].includes(value as string)) call("\0compare", lhs, rhs, { type: "string", value });
}

function adaptArguments(node: Changing): void {
  const {
    procedure,
    arguments: given,
    position,
  } = node as unknown as { procedure: Node; arguments: Node[]; position: unknown };
  const wrapped = (name: keyof typeof REPLACED) => (argument: Node) => callOf(name, [argument], position);
  if (procedure.type !== "variable") return;
  if (procedure.value === "pad" || procedure.value === "replace") node["arguments"] = given.map(wrapped("\0whole"));
  if (procedure.value === "fromMillis" && given[2] !== undefined) given[2] = wrapped("\0zone")(given[2]);
}

function callOf(name: keyof typeof REPLACED, given: readonly unknown[], position: unknown): Node {
  return { type: "function", value: "(", procedure: { type: "variable", value: name }, arguments: given, position };
}

/** `\s` without the spaces of Unicode. */
function withPlainSpaces(pattern: RegExp): RegExp {
  const SPACES = " \\t\\n\\x0B\\f\\r";
  const source = pattern.source.replace(/\\[^]|\[|\]/g, (token, at: number, all: string) => {
    if (token !== "\\s" && token !== "\\S") return token;
    const isInClass = all.slice(0, at).replace(/\\[^]/g, "").match(/[[\]]/g)?.at(-1) === "[";
    if (isInClass) return token === "\\s" ? SPACES : token;
    return token === "\\s" ? `[${SPACES}]` : `[^${SPACES}]`;
  });
  return new RegExp(source, pattern.flags);
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : isFunctionValue(value) ? "" : jsonText(value);
}

/** `$string`; without an argument of the item at hand. */
export function string(this: unknown, ...given: unknown[]): string | undefined {
  const [value, isIndented] = given.length === 0 ? [this] : given;
  expectArguments("string", [undefined, ...given.slice(1)], ["any", "boolean"]);
  if (value === undefined || typeof value === "string") return value;
  return isFunctionValue(value) ? "" : jsonText(value, isIndented === true ? 0 : undefined);
}

/** `$type`; a number without a value in JSON has one too. */
export function type(...given: unknown[]): string | undefined {
  const [value] = given;
  if (given.length > 1) expectArguments("type", given, ["any"]);
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (isFunctionValue(value)) return "function";
  return value === undefined ? undefined : typeof value;
}

/** NaN comes after all numbers and is equal to itself. */
function compare(left: unknown, right: unknown, operator: string): boolean | undefined {
  const isComparable = (value: unknown): boolean => ["undefined", "string", "number"].includes(typeof value);
  if (!isComparable(left) || !isComparable(right)) {
    throw new JsonataError("T2010", { token: operator, value: isComparable(left) ? right : left });
  }
  if (left === undefined || right === undefined) return undefined;
  if (typeof left !== typeof right) throw new JsonataError("T2009", { token: operator, value: left, value2: right });
  const order =
    Number.isNaN(left) || Number.isNaN(right)
      ? compareNaN(left, right)
      : compareValues(left as string, right as string);
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

function compareNaN(left: unknown, right: unknown): number {
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}

function compareValues(left: number | string, right: number | string): number {
  return left < right ? -1 : Number(left > right);
}

function remainder(value: unknown): unknown {
  if (Number.isNaN(value)) throw new JsonataError("D1001", { value: "NaN" });
  return value;
}
