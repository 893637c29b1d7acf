import ts from "typescript";
import { property } from "./expression.ts";
import type { Thrown } from "./error-class.ts";
import { lowerExpression } from "./lower-expression.ts";
import { type Lowering, bare, caughtBy } from "./lowering.ts";

/** The error that an expression is: one that was caught, what caused it, or the reason of a rejected promise. */
export function errorIn(at: Lowering, node: ts.Expression): Thrown | undefined {
  const inner = bare(node);
  if (ts.isAsExpression(inner)) return errorIn(at, inner.expression);
  const caught = caughtBy(at, inner);
  if (caught !== undefined) return caught;
  const cause = ts.isPropertyAccessExpression(inner) ? errorPart(at, inner) : undefined;
  if (cause !== undefined) return cause;
  if (!isReason(at, inner)) return undefined;
  const reason = property(lowerExpression(at, inner.expression), "reason", false);
  return { name: property(reason, "name", false), message: property(reason, "message", false) };
}

/** `error.cause`. */
function errorPart(at: Lowering, { name, expression }: ts.PropertyAccessExpression): Thrown | undefined {
  const error = name.text === "cause" ? errorIn(at, expression) : undefined;
  return error && causeOf(error);
}

/** The error that caused one, as far as that is known; it may be none. */
export function causeOf({ cause }: Thrown): Thrown | undefined {
  return cause && { name: property(cause, "name", true), message: property(cause, "message", true), maybe: true };
}

/** Whether an expression is an error wherever it is evaluated: TypeScript has narrowed what may be none. */
export function isSurely(at: Lowering, error: Thrown, given: ts.Expression): boolean {
  const node = bare(given);
  return error.maybe !== true || (!ts.isAsExpression(node) && at.source.kinds(node).has("object"));
}

/** `settled.reason`, which is an error in the function and its name and message in the machine. */
export function isReason(at: Lowering, node: ts.Expression): node is ts.PropertyAccessExpression {
  if (!ts.isPropertyAccessExpression(node) || node.name.text !== "reason") return false;
  const owner = at.source.symbol(node.name)?.valueDeclaration?.parent;
  return owner !== undefined && ts.isInterfaceDeclaration(owner) && owner.name.text === "PromiseRejectedResult";
}
