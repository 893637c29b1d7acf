import ts from "typescript";
import { type Expression, binary, conditional, constant, form, letValue, textOf } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import type { Method, MethodCall } from "./lower-list-method.ts";
import { TEXT_PARTS } from "./lower-literal.ts";
import type { Lowering } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";

const EMPTY = constant("");
/** A text that is written so often is a few of them no more. */
const MOST_TIMES = 100;
const NUMBER: Kinds = new Set<Kind>(["number"]);

/** Where a method takes literals alone, JavaScript and JSONata read some others differently. */
export const TEXT_METHODS: { readonly [name: string]: Method } = {
  includes: (at, { call, value }) => {
    const part = onlyText(at, call);
    return part && form("contains", value, part);
  },
  startsWith: (at, { call, value }) => {
    const part = onlyText(at, call);
    if (part === undefined || part.kind === "constant") {
      if (part?.value === "") return constant(true);
      return part && startsWith(value, part);
    }
    return binary("or", binary("=", part, EMPTY), startsWith(value, part));
  },
  endsWith: (_, { call, value }) => {
    const end = literalText(call.arguments);
    if (end === undefined || overlapsItself(end)) return undefined;
    const last: Expression = {
      kind: "element",
      array: form("split", value, constant(end)),
      index: constant(-1),
      maybe: false,
    };
    return binary("and", form("contains", value, constant(end)), binary("=", last, EMPTY));
  },
  split: (_, { call, value }) => {
    const separator = literalText(call.arguments);
    return separator ? form("split", value, constant(separator)) : undefined;
  },
  replaceAll: (_, { call, value }) => replaced("replaceAll", value, call.arguments),
  replace: (_, { call, value }) => replaced("replace", value, call.arguments),
  toUpperCase: (_, { value }) => form("uppercase", value),
  toLowerCase: (_, { value }) => form("lowercase", value),
  padStart: (_, { call, value }) => padded(value, call.arguments, -1),
  padEnd: (_, { call, value }) => padded(value, call.arguments, 1),
  concat: (at, { call, value }) => {
    if (!call.arguments.every((one) => at.source.kinds(one).isSubsetOf(TEXT_PARTS))) return undefined;
    return textOf([value, ...call.arguments.map((one) => lowerExpression(at, one))]);
  },
  repeat: (at, { call, value }) => {
    const [times] = call.arguments;
    const count = times !== undefined && ts.isNumericLiteral(times) ? Number(times.text) : NaN;
    if (!Number.isInteger(count) || count > MOST_TIMES) return undefined;
    return letValue(
      () => at.names.fresh("part"),
      value,
      (part) => textOf(Array.from({ length: count }, () => part)),
    );
  },
  toString: (_: Lowering, { value }: MethodCall) => value,
};

/** The only argument, which is a text. */
function onlyText(at: Lowering, call: ts.CallExpression): Expression | undefined {
  const [part, ...others] = call.arguments;
  return part === undefined || others.length > 0 ? undefined : lowerExpression(at, part);
}

function literalText([node, ...others]: readonly ts.Expression[]): string | undefined {
  return node !== undefined && others.length === 0 && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function startsWith(value: Expression, part: Expression): Expression {
  return binary("and", form("contains", value, part), binary("=", form("before", value, part), EMPTY));
}

/** Whether two occurrences can overlap, of which a split finds the first alone; so does one that is empty. */
function overlapsItself(text: string): boolean {
  return (
    Array.from(text, (_, index) => text.slice(index + 1)).some((end) => text.startsWith(end) && end !== "") ||
    text === ""
  );
}

/** `$` has a meaning in what JavaScript puts in. */
function replaced(
  name: "replace" | "replaceAll",
  value: Expression,
  [part, other]: readonly ts.Expression[],
): Expression | undefined {
  const [from, to] = [literalText(part ? [part] : []), literalText(other ? [other] : [])];
  return from && to !== undefined && !to.includes("$") ? form(name, value, constant(from), constant(to)) : undefined;
}

/** Of the text of a number alone, whose characters are counted alike. */
function padded(value: Expression, [width, filler]: readonly ts.Expression[], side: 1 | -1): Expression | undefined {
  const fill = filler === undefined ? " " : literalText([filler]);
  if (!isNumberText(value) || !width || !ts.isNumericLiteral(width) || fill === undefined) return undefined;
  return fill.length === 1 ? form("pad", value, constant(side * Number(width.text)), constant(fill)) : undefined;
}

function isNumberText(value: Expression): boolean {
  return value.kind === "form" && value.form === "string";
}

/** `String(value)` of a text, a number or a boolean; nothing where it may be something else. */
export function textFrom(value: Expression, kinds: Kinds): Expression | undefined {
  if (!kinds.isSubsetOf(TEXT_PARTS)) return undefined;
  return kinds.isSubsetOf(NUMBER) && value.kind !== "constant" ? form("string", value) : textOf([value]);
}

/** `Number(value)` of a number or a boolean. */
export function numberOf(value: Expression, isBoolean: boolean): Expression {
  return isBoolean ? conditional(value, constant(1), constant(0)) : value;
}
