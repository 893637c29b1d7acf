import ts from "typescript";
import type { Shape } from "../model/schema.ts";
import { annotationOf } from "./bound-annotation.ts";
import type { Expression } from "./expression.ts";
import type { Bound } from "./graph.ts";
import { type Lowering, bare, bindingOf } from "./lowering.ts";
import { outputShape } from "./static-schema.ts";

/**
 * How many elements a list has at most: by the schema of the parameters or of a task's output, by its source, or by
 * `@items 20..500` in a comment before the statement, which also says what is typical. What nothing bounds has no `max`.
 */
export function boundOf(at: Lowering, list: ts.Expression, statement: ts.Node): Bound {
  const { max, exact } = sizeOf(at, list);
  const known: Bound = {
    ...(max === undefined ? {} : { max }),
    ...(exact === true && max !== undefined ? { typical: max } : {}),
  };
  const said = annotationOf(at.diagnostics, statement, "items");
  if (said === undefined) return known;
  const most = said.max ?? 0;
  if (max !== undefined && most > max) {
    at.diagnostics.report("boundContradicts", statement, `up to ${most}, and the list has ${max} elements at most`);
  }
  return { ...said, max: Math.min(max ?? most, most) };
}

/** How often a loop turns that no list bounds: only `@turns 3..10` in a comment before it says so. */
export function turnsOf(at: Lowering, statement: ts.Node): Bound {
  return annotationOf(at.diagnostics, statement, "turns") ?? {};
}

interface Size extends Shape {
  /** `max` is the very number of elements. */
  readonly exact?: boolean;
}

/** Methods of a list whose result has as many elements. */
const SAME = new Set(["map", "toSorted", "toReversed", "with"]);

function sizeOf(at: Lowering, given: ts.Expression): Size {
  const node = bare(given);
  if (ts.isAsExpression(node)) return sizeOf(at, node.expression);
  if (ts.isAwaitExpression(node)) return awaitedSize(at, bare(node.expression));
  if (ts.isArrayLiteralExpression(node)) {
    return sum(
      node.elements.map((one) => (ts.isSpreadElement(one) ? sizeOf(at, one.expression) : { max: 1, exact: true })),
    );
  }
  if (ts.isConditionalExpression(node)) return larger(sizeOf(at, node.whenTrue), sizeOf(at, node.whenFalse));
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
    return larger(sizeOf(at, node.left), sizeOf(at, node.right));
  if (ts.isPropertyAccessExpression(node)) return sizeOf(at, node.expression).members?.[node.name.text] ?? {};
  if (ts.isElementAccessExpression(node)) return sizeOf(at, node.expression).element ?? {};
  if (ts.isCallExpression(node)) return callSize(at, node);
  return ts.isIdentifier(node) ? nameSize(at, node) : {};
}

function awaitedSize(at: Lowering, call: ts.Expression): Size {
  if (!ts.isCallExpression(call)) return {};
  const [list] = call.arguments;
  const joins = list !== undefined && /^(Promise\.(all|allSettled)|mapAll|batch)$/.test(call.expression.getText());
  if (joins) return withoutElement(sizeOf(at, list));
  return outputShape(at.source, call.expression) ?? {};
}

function callSize(at: Lowering, { expression, arguments: given }: ts.CallExpression): Size {
  if (!ts.isPropertyAccessExpression(expression)) return {};
  const list = sizeOf(at, expression.expression);
  const method = expression.name.text;
  if (SAME.has(method)) return method === "map" ? withoutElement(list) : list;
  if (method === "filter") return { ...list, exact: false };
  if (method === "concat") return sum([list, ...given.map((one) => sizeOf(at, one))]);
  if (method !== "slice") return {};
  const [start = 0, end = Infinity] = given.map((one) => (ts.isNumericLiteral(one) ? Number(one.text) : NaN));
  const most = Math.min(list.max ?? Infinity, Number.isNaN(end) ? Infinity : end) - (Number.isNaN(start) ? 0 : start);
  return { ...list, exact: false, ...(Number.isFinite(most) ? { max: Math.max(0, most) } : {}) };
}

function nameSize(at: Lowering, node: ts.Identifier): Size {
  const binding = bindingOf(at, node);
  const shape = binding !== undefined && "value" in binding ? valueShape(at, binding.value) : undefined;
  if (shape !== undefined) return shape;
  const declared = at.source.symbol(node)?.valueDeclaration;
  return declared === undefined ? {} : declaredSize(at, declared);
}

/** Of a parameter of the flow, or a part of one, by whatever name it goes here. */
function valueShape(at: Lowering, value: Expression): Shape | undefined {
  if (value.kind === "parameter") return at.parameters.find(({ name }) => name === value.name)?.shape;
  if (value.kind === "property") return valueShape(at, value.object)?.members?.[value.key];
  return value.kind === "element" ? valueShape(at, value.array)?.element : undefined;
}

function declaredSize(at: Lowering, declared: ts.Declaration): Size {
  if (ts.isParameter(declared)) return parameterSize(at, declared);
  if (ts.isBindingElement(declared)) {
    const pattern = declared.parent;
    if (declared.dotDotDotToken !== undefined || declared.initializer !== undefined) return {};
    const whole = declaredSize(at, pattern.parent);
    if (ts.isArrayBindingPattern(pattern)) return whole.element ?? {};
    const key = (declared.propertyName ?? declared.name).getText();
    return whole.members?.[key] ?? {};
  }
  if (!ts.isVariableDeclaration(declared) || (declared.parent.flags & ts.NodeFlags.Const) === 0) return {};
  const loop = declared.parent.parent;
  if (ts.isForOfStatement(loop)) return sizeOf(at, loop.expression).element ?? {};
  return declared.initializer === undefined ? {} : sizeOf(at, declared.initializer);
}

/** The parameters of the flow itself, or the element of a list that a callback is called with. */
function parameterSize(at: Lowering, declared: ts.ParameterDeclaration): Size {
  const callback = declared.parent;
  const call = callback.parent;
  if (ts.isFunctionDeclaration(callback)) {
    if (callback !== at.flow) return {};
    const shapes = at.parameters.flatMap(({ name, shape }) => (shape === undefined ? [] : [[name, shape] as const]));
    return { members: Object.fromEntries(shapes) };
  }
  if (!ts.isCallExpression(call) || callback.parameters[0] !== declared) return {};
  const { expression } = call;
  const [first] = call.arguments;
  if (ts.isPropertyAccessExpression(expression) && call.arguments[0] === callback)
    return sizeOf(at, expression.expression).element ?? {};
  return first !== undefined && call.arguments[1] === callback ? (sizeOf(at, first).element ?? {}) : {};
}

function sum(sizes: readonly Size[]): Size {
  const max = sizes.reduce<number | undefined>(
    (total, size) => (total === undefined || size.max === undefined ? undefined : total + size.max),
    0,
  );
  return max === undefined ? {} : { max, exact: sizes.every(({ exact }) => exact === true) };
}

function larger(left: Size, right: Size): Size {
  if (left.max === undefined || right.max === undefined) return {};
  return {
    max: Math.max(left.max, right.max),
    exact: left.exact === true && right.exact === true && left.max === right.max,
  };
}

function withoutElement({ max, exact = false }: Size): Size {
  return max === undefined ? {} : { max, exact };
}
