import ts from "typescript";
import { type Expression, NULL, REFUSED, binary, conditional, constant, property } from "./expression.ts";
import { lowerAwait } from "./lower-await.ts";
import { lowerExpression } from "./lower-expression.ts";
import { type Lowering, bare, bindName } from "./lowering.ts";

/** `const name = …` and `const { a, b: [c] } = …`. Data costs nothing: a name stands for the expression itself. */
export function lowerDeclarations(at: Lowering, node: ts.VariableDeclarationList): void {
  for (const declaration of node.declarations) {
    const initializer = declaration.initializer;
    if (!isConst(node) || initializer === undefined) {
      at.diagnostics.report("rebinds", declaration, declaration.name.getText());
      if (initializer !== undefined) lowerExpression(at, initializer);
      bindPattern(at, declaration.name, REFUSED);
      continue;
    }
    const inner = bare(initializer);
    const wish = ts.isIdentifier(declaration.name) ? declaration.name.text : undefined;
    const value = ts.isAwaitExpression(inner) ? lowerAwait(at, inner, wish) : lowerExpression(at, inner);
    bindPattern(at, declaration.name, value);
  }
}

/** Neither `let` nor `using`. */
export function isConst(node: ts.VariableDeclarationList): boolean {
  return (node.flags & ts.NodeFlags.Const) !== 0 && (node.flags & ts.NodeFlags.Using) === 0;
}

/** Gives every name of a pattern its part of the value. */
export function bindPattern(at: Lowering, pattern: ts.BindingName, value: Expression): void {
  if (ts.isIdentifier(pattern)) {
    bindName(at, pattern, { value });
    return;
  }
  pattern.elements.forEach((element, index) => {
    if (ts.isOmittedExpression(element)) return;
    const part = partOf(at, pattern, element, index, value);
    bindPattern(at, element.name, withDefault(at, element, part));
  });
}

function partOf(
  at: Lowering,
  pattern: ts.BindingPattern,
  element: ts.BindingElement,
  index: number,
  value: Expression,
): Expression {
  const kinds = at.source.kinds(element.name);
  const maybe = element.initializer !== undefined || kinds.has("undefined") || kinds.has("unknown");
  const name = element.propertyName ?? element.name;
  if (element.dotDotDotToken === undefined && ts.isArrayBindingPattern(pattern)) {
    return { kind: "element", array: value, index: constant(index), maybe };
  }
  if (element.dotDotDotToken === undefined && (ts.isIdentifier(name) || ts.isStringLiteralLike(name))) {
    return property(value, name.text, maybe);
  }
  at.diagnostics.report("expressionForm", element);
  return REFUSED;
}

function withDefault(at: Lowering, element: ts.BindingElement, part: Expression): Expression {
  if (element.initializer === undefined) return part;
  if (at.source.kinds(element.name).has("null")) at.diagnostics.report("nullAndUndefined", element);
  const fallback = lowerExpression({ ...at, conditional: "a default" }, element.initializer);
  return conditional(binary("=", part, NULL), fallback, part);
}
