import ts from "typescript";
import { type Expression, REFUSED } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import { LIST_METHODS, type Method, type MethodCall } from "./lower-list-method.ts";
import { hasOnly, throughChain } from "./lower-read.ts";
import { TEXT_METHODS, textFrom } from "./lower-text-method.ts";
import { type Lowering, bare } from "./lowering.ts";
import type { MistakeName } from "./mistakes.ts";
import type { Kind, Kinds } from "./source.ts";

const NUMBER: Kinds = new Set<Kind>(["number"]);

const NUMBER_METHODS: { readonly [name: string]: Method } = {
  toString: (_: Lowering, { call, value }: MethodCall) =>
    call.arguments.length === 0 ? textFrom(value, NUMBER) : undefined,
};

const METHODS: readonly (readonly [Kind, { readonly [name: string]: Method }, MistakeName])[] = [
  ["array", LIST_METHODS, "listMethod"],
  ["string", TEXT_METHODS, "textMethod"],
  ["number", NUMBER_METHODS, "textMethod"],
];

/** Methods that change the list itself. */
const CHANGES: ReadonlySet<string> = new Set([
  "push",
  "pop",
  "shift",
  "unshift",
  "splice",
  "sort",
  "reverse",
  "fill",
  "copyWithin",
]);

function refused(mistake: MistakeName, method: string): MistakeName {
  if (mistake !== "listMethod") return mistake;
  return CHANGES.has(method) ? "assignsMember" : method === "forEach" ? "forEach" : mistake;
}

/** A call of a method of a list, a text or a number; nothing where it is none. */
export function lowerMethod(at: Lowering, call: ts.CallExpression): Expression | undefined {
  const callee = bare(call.expression);
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const receiver = callee.expression;
  const kinds = at.source.kinds(receiver);
  const [, methods, mistake] = METHODS.find(([kind]) => hasOnly(kinds, kind, ts.isOptionalChain(call))) ?? [];
  if (methods === undefined || mistake === undefined) return undefined;
  const method = Object.hasOwn(methods, callee.name.text) ? methods[callee.name.text] : undefined;
  return throughChain(at, call, lowerExpression(at, receiver), (value) => {
    const result = method?.(at, { call, value, receiver });
    if (result === undefined) at.diagnostics.report(refused(mistake, callee.name.text), call);
    return result ?? REFUSED;
  });
}
