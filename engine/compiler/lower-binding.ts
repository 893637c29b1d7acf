import ts from "typescript";
import type { Thrown } from "./error-class.ts";
import { type Expression, NULL, REFUSED } from "./expression.ts";
import { declareName } from "./lower-assign.ts";
import { lowerAwait } from "./lower-await.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerInline } from "./lower-inline.ts";
import { takeApart } from "./lower-pattern.ts";
import { causeOf, errorIn } from "./lower-reason.ts";
import { type Lowering, bare, bindName } from "./lowering.ts";

/** `const name = …`, `let name`, `const { a, b: [c] } = …`. Data costs nothing: it is computed where it is read or assigned. */
export function lowerDeclarations(at: Lowering, node: ts.VariableDeclarationList): void {
  for (const declaration of node.declarations) {
    const { name, initializer } = declaration;
    const inner = initializer && bare(initializer);
    if (inner !== undefined && isFunction(inner)) continue;
    const error = inner && (node.flags & ts.NodeFlags.Const) !== 0 ? errorIn(at, inner) : undefined;
    if (error !== undefined) bindError(at, name, error);
    else bindPattern(at, name, inner === undefined ? NULL : lowerInitial(at, name, inner));
  }
}

/** The answer of a call has the name itself, unless that is a variable of its own. */
function lowerInitial(at: Lowering, name: ts.BindingName, value: ts.Expression): Expression {
  const symbol = at.source.symbol(name);
  const wish = ts.isIdentifier(name) && !(symbol && at.assigned.has(symbol)) ? name.text : undefined;
  if (ts.isAwaitExpression(value)) return lowerAwait(at, value, wish);
  const inlined = ts.isCallExpression(value) ? lowerInline(at, value, wish) : undefined;
  return inlined ?? lowerExpression(at, value);
}

/** It is read where it is called. */
function isFunction(node: ts.Expression): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

/** Another name for an error, or names for what is known of it. */
export function bindError(at: Lowering, pattern: ts.BindingName, error: Thrown): void {
  if (ts.isIdentifier(pattern)) return bindName(at, pattern, { caught: error });
  for (const part of pattern.elements) {
    const key = ts.isOmittedExpression(part) || part.dotDotDotToken ? "" : (part.propertyName ?? part.name).getText();
    const cause = key === "cause" ? causeOf(error) : undefined;
    if (ts.isBindingElement(part) && (key === "name" || key === "message")) bindPattern(at, part.name, error[key]);
    else if (ts.isBindingElement(part) && cause !== undefined) bindError(at, part.name, cause);
    else {
      at.diagnostics.report("caughtUse", part);
      if (ts.isBindingElement(part)) bindPattern(at, part.name, REFUSED);
    }
  }
}

/** Gives every name of a pattern its part of the value. */
export function bindPattern(at: Lowering, pattern: ts.BindingName, value: Expression): void {
  if (ts.isIdentifier(pattern)) return declareName(at, pattern, value);
  takeApart(at, pattern, value, at.source.kinds(pattern), (target, part) => {
    bindPattern(at, target as ts.BindingName, part);
  });
}
