import ts from "typescript";
import { type Expression, NULL, REFUSED, binary, conditional, constant, form, letValue } from "./expression.ts";
import { lowerExpression, lowerMember } from "./lower-expression.ts";
import { TEXT } from "./lower-literal.ts";
import { type Lowering, bare } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";

const NUMBER: Kinds = new Set<Kind>(["number"]);

/** `list[index]` and `record[key]`: null where there is none. */
export function lowerElement(at: Lowering, node: ts.ElementAccessExpression): Expression {
  const index = bare(node.argumentExpression);
  if (ts.isStringLiteralLike(index)) return lowerMember(at, node, index.text);
  const [kinds, chained] = [at.source.kinds(node.expression), ts.isOptionalChain(node)];
  const isOf = (kind: Kinds): boolean => at.source.kinds(index).isSubsetOf(kind);
  if (hasOnly(kinds, "array", chained) && isOf(NUMBER)) return lowerIndex(at, node, index);
  if (hasOnly(kinds, "object", chained) && isOf(TEXT)) {
    return { kind: "entry", object: lowerExpression(at, node.expression), key: lowerExpression(at, index) };
  }
  const isUnknown = kinds.has("unknown");
  at.diagnostics.report(isUnknown ? "unknownShape" : kinds.has("object") ? "recordKey" : "expressionForm", node);
  lowerExpression(at, node.expression);
  return REFUSED;
}

/** JSONata reads a negative index from the end and a broken one as a whole one; JavaScript has no such element. */
function lowerIndex(at: Lowering, node: ts.ElementAccessExpression, given: ts.Expression): Expression {
  const array = lowerExpression(at, node.expression);
  const index = lowerExpression(at, given);
  if (index.kind === "constant") {
    const isWhole = Number.isSafeInteger(index.value) && Number(index.value) >= 0;
    const kinds = at.source.kinds(node);
    const maybe = ts.isOptionalChain(node) || kinds.has("undefined") || kinds.has("unknown");
    return isWhole ? { kind: "element", array, index, maybe } : NULL;
  }
  return letValue(
    () => at.names.fresh("index"),
    index,
    (position) => {
      const isWhole = binary("=", position, form("floor", position));
      const read: Expression = { kind: "element", array, index: position, maybe: true };
      return conditional(binary("and", binary(">=", position, constant(0)), isWhole), read, NULL);
    },
  );
}

/** A number of things: a broken one counts the whole ones alone. */
export function lowerCount(at: Lowering, node: ts.Expression): Expression {
  const count = lowerExpression(at, node);
  if (count.kind === "constant") return constant(Math.max(0, Math.floor(Number(count.value))));
  return count.kind === "form" && count.form === "count" ? count : form("floor", count);
}

/** In an optional chain the value may also be null or undefined: the chain ends there. */
export function hasOnly(kinds: Kinds, kind: Kind, chained: boolean): boolean {
  return (
    kinds.has(kind) && [...kinds].every((one) => one === kind || (chained && (one === "null" || one === "undefined")))
  );
}

/** What is read of a value, null where an optional chain ends before it. */
export function throughChain(
  at: Lowering,
  node: ts.Expression,
  value: Expression,
  read: (value: Expression) => Expression,
): Expression {
  if (!ts.isOptionalChain(node)) return read(value);
  const name = (): string => at.names.fresh("chain");
  return letValue(name, value, (one) => conditional(binary("=", one, NULL), NULL, read(one)));
}
