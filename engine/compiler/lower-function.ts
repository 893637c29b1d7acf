import ts from "typescript";
import {
  type Element,
  type Expression,
  REFUSED,
  binary,
  constant,
  form,
  lambda,
  letValue,
  list,
  local,
} from "./expression.ts";
import { lowerCondition } from "./lower-condition.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerArrayFrom } from "./lower-list-method.ts";
import { TEXT, elementAs } from "./lower-literal.ts";
import { numberOf, textFrom } from "./lower-text-method.ts";
import { type Lowering, bare } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";

const only = (kind: Kind): Kinds => new Set<Kind>([kind]);

/** Functions of the language itself. Nothing where the arguments are not those that they are exact for. */
const FUNCTIONS: { readonly [name: string]: (at: Lowering, call: ts.CallExpression) => Expression | undefined } = {
  "Math.min": (at, call) => extreme(at, call, "min"),
  "Math.max": (at, call) => extreme(at, call, "max"),
  "Math.floor": (at, call) => ofNumber(at, call, "floor"),
  "Math.ceil": (at, call) => ofNumber(at, call, "ceil"),
  "Math.abs": (at, call) => ofNumber(at, call, "abs"),
  "Math.round": (at, call) => ofNumber(at, call, "round"),
  "Math.trunc": (at, call) => ofNumber(at, call, "trunc"),
  "Math.sign": (at, call) => ofNumber(at, call, "sign"),
  "Object.keys": (at, call) => record(at, call, (object) => form("keys", object)),
  "Object.values": (at, call) =>
    record(at, call, (object) => {
      const value = at.names.fresh("value");
      return form("each", object, lambda([value], local(value)));
    }),
  "Object.entries": (at, call) =>
    record(at, call, (object) => {
      const [value, key] = [at.names.fresh("value"), at.names.fresh("key")];
      const entry = list([
        { value: local(key), as: "one" },
        { value: local(value), as: elementAs(at.source.elements(call, 1)) },
      ]);
      return form("each", object, lambda([value, key], entry));
    }),
  "Object.fromEntries": fromEntries,
  "Object.hasOwn": (at, call) => {
    const [object, key] = call.arguments;
    if (!object || !key || !isOf(at, object, only("object")) || !isOf(at, key, TEXT)) return undefined;
    return form("has", lowerExpression(at, object), lowerExpression(at, key));
  },
  "Array.from": lowerArrayFrom,
  String: (at, call) =>
    call.arguments[0] && textFrom(lowerExpression(at, call.arguments[0]), at.source.kinds(call.arguments[0])),
  Number: (at, call) =>
    argument(at, call, only("number"), (value) => value) ??
    argument(at, call, only("boolean"), (value) => numberOf(value, true)),
  "Number.isInteger": (at, call) =>
    argument(at, call, only("number"), (value) =>
      letValue(
        () => at.names.fresh("number"),
        value,
        (one) => binary("=", form("floor", one), one),
      ),
    ),
  Boolean: (at, call) => (call.arguments[0] ? lowerCondition(at, call.arguments[0]) : undefined),
};

/** A call of a function of the language itself; nothing where it is none. */
export function lowerFunction(at: Lowering, call: ts.CallExpression): Expression | undefined {
  const callee = bare(call.expression);
  const named = ts.isPropertyAccessExpression(callee) ? callee.expression : callee;
  const lower = Object.hasOwn(FUNCTIONS, callee.getText()) ? FUNCTIONS[callee.getText()] : undefined;
  if (lower === undefined || !isOfLanguage(at, named)) return undefined;
  const value = lower(at, call);
  if (value === undefined) at.diagnostics.report("callsNoTask", call, callee.getText());
  return value ?? REFUSED;
}

export function isOfLanguage(at: Lowering, node: ts.Expression): boolean {
  const declarations = ts.isIdentifier(node) ? at.source.declarations(node) : [];
  return (
    declarations.length > 0 && declarations.every((one) => /\/lib\.\w.*\.d\.ts$/.test(one.getSourceFile().fileName))
  );
}

function isOf(at: Lowering, node: ts.Node, kinds: Kinds): boolean {
  return at.source.kinds(node).isSubsetOf(kinds);
}

function argument(
  at: Lowering,
  call: ts.CallExpression,
  kinds: Kinds,
  of: (value: Expression, node: ts.Expression) => Expression,
): Expression | undefined {
  const [node] = call.arguments;
  return node !== undefined && isOf(at, node, kinds) ? of(lowerExpression(at, node), node) : undefined;
}

function ofNumber(at: Lowering, call: ts.CallExpression, name: "floor" | "ceil" | "abs" | "round" | "trunc" | "sign") {
  return argument(at, call, only("number"), (value) => form(name, value));
}

/** Of no number at all it would be infinite. */
function extreme(at: Lowering, call: ts.CallExpression, name: "min" | "max"): Expression | undefined {
  if (call.arguments.every(ts.isSpreadElement)) {
    at.diagnostics.report("noNumber", call);
    return REFUSED;
  }
  const elements = call.arguments.map((node): Element | undefined => {
    if (!ts.isSpreadElement(node)) return isOf(at, node, only("number")) ? one(at, node) : undefined;
    const isList =
      isOf(at, node.expression, only("array")) && at.source.elements(node.expression).isSubsetOf(only("number"));
    return isList ? { value: lowerExpression(at, node.expression), as: "spread" } : undefined;
  });
  return elements.includes(undefined) ? undefined : form(name, list(elements as Element[]));
}

function one(at: Lowering, node: ts.Expression): Element {
  return { value: lowerExpression(at, node), as: "one" };
}

function record(at: Lowering, call: ts.CallExpression, of: (object: Expression) => Expression): Expression | undefined {
  return argument(at, call, only("object"), of);
}

function fromEntries(at: Lowering, call: ts.CallExpression): Expression | undefined {
  const [entries] = call.arguments;
  if (entries === undefined || !isOf(at, entries, only("array"))) return undefined;
  if (!at.source.elements(entries, 0).isSubsetOf(TEXT)) {
    at.diagnostics.report("recordKey", call);
    return REFUSED;
  }
  const entry = at.names.fresh("entry");
  const part = (index: number): Expression => ({
    kind: "element",
    array: local(entry),
    index: constant(index),
    maybe: false,
  });
  const object: Expression = { kind: "object", members: [{ key: part(0), value: part(1), maybe: false }] };
  return form("merge", form("map", lowerExpression(at, entries), lambda([entry], object)));
}
