import ts from "typescript";
import {
  type Element,
  type Expression,
  type Lambda,
  REFUSED,
  binary,
  conditional,
  constant,
  form,
  lambda,
  letValue,
  list,
  local,
  not,
  textOf,
  walk,
} from "./expression.ts";
import { type Callback, OF_ITEM, TEST, lowerCallback } from "./lower-callback.ts";
import { PRIMITIVE } from "./lower-condition.ts";
import { lowerExpression } from "./lower-expression.ts";
import { isOfLanguage } from "./lower-function.ts";
import { TEXT, TEXT_PARTS } from "./lower-literal.ts";
import { lowerCount } from "./lower-read.ts";
import { type Lowering, bare } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";

/** A call of a method, with what is called: the list, and its source. */
export interface MethodCall {
  readonly call: ts.CallExpression;
  readonly value: Expression;
  readonly receiver: ts.Expression;
}

/** Nothing where the arguments are not those that the method is exact for. */
export type Method = (at: Lowering, called: MethodCall) => Expression | undefined;

const LIST: Kinds = new Set<Kind>(["array"]);
const ZERO = constant(0);

export const LIST_METHODS: { readonly [name: string]: Method } = {
  map: (at, { call, value }) => form("map", value, itemCallback(at, call)),
  flatMap: (at, { call, value }) => flat(at, form("map", value, itemCallback(at, call))),
  filter: (at, called) => filtered(at, called),
  find: (at, called) => firstOf(at, filtered(at, called), 0),
  findLast: (at, called) => firstOf(at, filtered(at, called), -1),
  findIndex: (at, { call, value }) => firstWhere(at, value, lowerCallback(at, call.arguments[0], TEST, call)),
  findLastIndex: (at, { call, value }) => lastWhere(at, value, lowerCallback(at, call.arguments[0], TEST, call)),
  some: (at, called) => binary(">", form("count", filtered(at, called)), ZERO),
  every: (at, { call, value }) => {
    const test = lowerCallback(at, call.arguments[0], TEST, call);
    return binary("=", form("count", form("filter", value, { ...test, body: not(test.body) })), ZERO);
  },
  includes: (at, called) => {
    const needle = needleOf(at, called);
    if (needle === undefined) return undefined;
    if (!isNullable(at, called)) return form("in", needle, called.value);
    return binary(">", form("count", form("filter", called.value, equals(at, needle))), ZERO);
  },
  indexOf: (at, called) => {
    const needle = needleOf(at, called);
    return needle && firstWhere(at, called.value, equals(at, needle));
  },
  lastIndexOf: (at, called) => {
    const needle = needleOf(at, called);
    return needle && lastWhere(at, called.value, equals(at, needle));
  },
  at: (at, { call, value }) => {
    const [position] = call.arguments;
    if (position === undefined || call.arguments.length > 1) return undefined;
    const index = lowerExpression(at, position);
    const whole = index.kind === "constant" ? index : form("trunc", index);
    return { kind: "element", array: value, index: whole, maybe: true };
  },
  slice: (at, { call, value }) => slice(at, value, call.arguments),
  concat: (at, { call, value }) => {
    const parts = call.arguments.map((argument): Element | undefined => {
      const kinds = at.source.kinds(argument);
      const as = kinds.isSubsetOf(LIST) ? "spread" : kinds.has("array") || kinds.has("unknown") ? undefined : "one";
      return as && { value: lowerExpression(at, argument), as };
    });
    return parts.includes(undefined) ? undefined : list([{ value, as: "spread" }, ...(parts as Element[])]);
  },
  flat: (at, { call, value }) => {
    const [depth] = call.arguments;
    const isOne = depth === undefined || (ts.isNumericLiteral(depth) && depth.text === "1");
    return isOne ? flat(at, value) : undefined;
  },
  join: (at, { call, value, receiver }) => {
    const [separator] = call.arguments;
    const texts = textsOf(at, receiver, value);
    if (texts === undefined) at.diagnostics.report("elementKinds", call);
    return form("join", texts ?? REFUSED, separator === undefined ? constant(",") : lowerExpression(at, separator));
  },
  reduce: (at, { call, value }) => {
    const [callback, initial] = call.arguments;
    if (initial === undefined) return undefined;
    return form("reduce", value, lowerCallback(at, callback, FOLD, call), lowerExpression(at, initial));
  },
  reduceRight: (at, { call, value }) => {
    const [callback, initial] = call.arguments;
    if (initial === undefined) return undefined;
    const fold = lowerCallback(at, callback, { ...FOLD, most: 2 }, call);
    return form("reduce", form("reverse", value), fold, lowerExpression(at, initial));
  },
  toSorted: (at, { call, value, receiver }) => {
    const [comparison] = call.arguments;
    if (comparison !== undefined) return sorted(value, lowerCallback(at, comparison, COMPARISON, call));
    if (!at.source.elements(receiver).isSubsetOf(TEXT)) at.diagnostics.report("elementKinds", call);
    return form("sort", value);
  },
  toReversed: (_, { value }) => form("reverse", value),
};

const FOLD: Callback = { needed: 2, most: 3 };
const COMPARISON: Callback = { needed: 2, most: 2 };

function itemCallback(at: Lowering, call: ts.CallExpression): Expression {
  return lowerCallback(at, call.arguments[0], OF_ITEM, call);
}

function filtered(at: Lowering, { call, value }: MethodCall): Expression {
  return form("filter", value, lowerCallback(at, call.arguments[0], TEST, call));
}

function firstOf(at: Lowering, found: Expression, position: 0 | -1): Expression {
  return letValue(
    () => at.names.fresh("found"),
    found,
    (array) => ({ kind: "element", array, index: constant(position), maybe: true }),
  );
}

/** The position of the first element that passes a test, -1 where none does. */
function firstWhere(at: Lowering, value: Expression, test: Lambda): Expression {
  return positionWhere(at, value, test, (found, index) =>
    conditional(binary(">=", found, ZERO), found, conditional(test.body, index, constant(-1))),
  );
}

function lastWhere(at: Lowering, value: Expression, test: Lambda): Expression {
  return positionWhere(at, value, test, (found, index) => conditional(test.body, index, found));
}

function positionWhere(
  at: Lowering,
  value: Expression,
  { parameters }: Lambda,
  next: (found: Expression, index: Expression) => Expression,
): Expression {
  const [item = "", index = at.names.fresh("index")] = parameters;
  const found = at.names.fresh("found");
  return form("reduce", value, lambda([found, item, index], next(local(found), local(index))), constant(-1));
}

function equals(at: Lowering, needle: Expression): Lambda {
  const name = at.names.fresh("item");
  return lambda([name], binary("=", local(name), needle));
}

/** What `includes` and `indexOf` look for; by identity and content alike, so it or the elements are no structure. */
function needleOf(at: Lowering, { call, receiver }: MethodCall): Expression | undefined {
  const [needle] = call.arguments;
  if (needle === undefined || call.arguments.length > 1) return undefined;
  const arePrimitive = [at.source.kinds(needle), at.source.elements(receiver)].some((one) => one.isSubsetOf(PRIMITIVE));
  if (!arePrimitive) at.diagnostics.report("elementKinds", call);
  return lowerExpression(at, needle);
}

function isNullable(at: Lowering, { call, receiver }: MethodCall): boolean {
  const needle = call.arguments[0] ? at.source.kinds(call.arguments[0]) : new Set<Kind>();
  return [needle, at.source.elements(receiver)].some((kinds) => !kinds.isSubsetOf(TEXT_PARTS));
}

/** By the elements of the list that a callback is given and gives. */
function flat(at: Lowering, lists: Expression): Expression {
  const [all, item] = [at.names.fresh("all"), at.names.fresh("item")];
  return form("reduce", lists, lambda([all, item], form("append", local(all), local(item))), list([]));
}

function slice(at: Lowering, value: Expression, [from, to]: readonly ts.Expression[]): Expression {
  const [item, index] = [at.names.fresh("item"), at.names.fresh("index")];
  const itemsName = (): string => at.names.fresh("items");
  return letValue(itemsName, value, (items) =>
    withBound(at, items, from, (first) =>
      withBound(at, items, to, (end) => {
        const after = first && binary(">=", local(index), first);
        const before = end && binary("<", local(index), end);
        const inside = after && before ? binary("and", after, before) : (after ?? before);
        return inside === undefined ? items : form("filter", items, lambda([item, index], inside));
      }),
    ),
  );
}

/** A bound of a slice, which counts from the end where it is negative. */
function withBound(
  at: Lowering,
  items: Expression,
  node: ts.Expression | undefined,
  use: (bound: Expression | undefined) => Expression,
): Expression {
  if (node === undefined) return use(undefined);
  const given = lowerExpression(at, node);
  const count = form("count", items);
  if (given.kind === "constant") {
    const bound = Math.trunc(Number(given.value));
    return use(bound < 0 ? binary("-", count, constant(-bound)) : constant(bound));
  }
  const boundName = (): string => at.names.fresh("bound");
  return letValue(boundName, form("trunc", given), (bound) =>
    use(conditional(binary("<", bound, ZERO), binary("+", count, bound), bound)),
  );
}

function textsOf(at: Lowering, receiver: ts.Expression, value: Expression): Expression | undefined {
  const kinds = at.source.elements(receiver);
  if (kinds.isSubsetOf(TEXT)) return value;
  if (!kinds.isSubsetOf(TEXT_PARTS)) return undefined;
  const name = at.names.fresh("item");
  return form("map", value, lambda([name], textOf([local(name)])));
}

/** JSONata swaps two where it is told so; JavaScript asks whether the later one comes first. */
function sorted(value: Expression, { parameters, body }: Lambda): Expression {
  return form("sortBy", value, lambda(parameters.toReversed(), binary("<", body, ZERO)));
}

/** `new Set(list)` where it is made a list again: each element once, where it comes first. */
export function lowerDistinct(at: Lowering, given: ts.Expression): Expression | undefined {
  const node = bare(given);
  const isSet = ts.isNewExpression(node) && node.expression.getText() === "Set" && isOfLanguage(at, node.expression);
  const [elements, ...others] = isSet ? (node.arguments ?? []) : [];
  if (elements === undefined || others.length > 0 || !at.source.kinds(elements).isSubsetOf(LIST)) return undefined;
  if (!at.source.elements(elements).isSubsetOf(TEXT_PARTS)) at.diagnostics.report("elementKinds", node);
  const [all, item] = [at.names.fresh("all"), at.names.fresh("item")];
  const next = conditional(form("in", local(item), local(all)), local(all), form("append", local(all), local(item)));
  return form("reduce", lowerExpression(at, elements), lambda([all, item], next), list([]));
}

/** `Array.from(list)`, `Array.from(list, callback)` and `Array.from({ length }, callback)`. */
export function lowerArrayFrom(at: Lowering, call: ts.CallExpression): Expression | undefined {
  const [given, callback] = call.arguments;
  if (given === undefined) return undefined;
  const distinct = lowerDistinct(at, given);
  if (distinct !== undefined || at.source.kinds(given).isSubsetOf(LIST)) {
    const value = distinct ?? lowerExpression(at, given);
    return callback === undefined ? value : form("map", value, lowerCallback(at, callback, OF_ITEM, call));
  }
  const length = ts.isObjectLiteralExpression(given) && given.properties.length === 1 ? given.properties[0] : undefined;
  if (length === undefined || callback === undefined || length.name?.getText() !== "length") return undefined;
  const node = ts.isPropertyAssignment(length)
    ? length.initializer
    : ts.isShorthandPropertyAssignment(length) && length.name;
  if (!node) return undefined;
  const { parameters, body } = lowerCallback(at, callback, { needed: 2, most: 2 }, call);
  const [nothing, index = ""] = parameters;
  walk(body, (part) => {
    if (part.kind === "local" && part.name === nothing) at.diagnostics.report("callbackForm", callback);
  });
  return form("map", form("range", lowerCount(at, node)), lambda([index], body));
}
