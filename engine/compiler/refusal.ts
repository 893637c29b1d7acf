import ts from "typescript";
import { isAssigning } from "./lower-assign.ts";
import type { MistakeName } from "./mistakes.ts";
import type { Source } from "./source.ts";
import { millraceName, taskCall } from "./task-declaration.ts";

/** What JavaScript has that is another value each time. */
const MOMENTS: ReadonlySet<string> = new Set(["Date", "Date.now", "Math.random"]);
const CONTINUATIONS: ReadonlySet<string> = new Set(["then", "catch", "finally"]);
const JOINS: ReadonlySet<string> = new Set(["Promise.all", "Promise.allSettled"]);
const NO_NUMBERS: ReadonlySet<string> = new Set(["NaN", "Infinity"]);
const NO_VALUES: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.NewExpression,
  ts.SyntaxKind.ArrowFunction,
  ts.SyntaxKind.FunctionExpression,
  ts.SyntaxKind.ClassExpression,
  ts.SyntaxKind.RegularExpressionLiteral,
  ts.SyntaxKind.BigIntLiteral,
  ts.SyntaxKind.ThisKeyword,
]);

/** What is wrong with an expression that has no place in a flow. */
export function refusalOf(source: Source, node: ts.Expression): MistakeName {
  if (ts.isNonNullExpression(node)) return "casts";
  if (isAssigning(node)) return "assignsInside";
  if (ts.isNewExpression(node) && MOMENTS.has(node.expression.getText())) return "moment";
  if (NO_VALUES.has(node.kind)) return "noValue";
  return ts.isIdentifier(node) ? refusalOfName(source, node) : "expressionForm";
}

function refusalOfName(source: Source, node: ts.Identifier): MistakeName {
  if (NO_NUMBERS.has(node.text)) return "noNumber";
  if (isModuleVariable(source, node)) return "moduleVariable";
  const declaration = source.symbol(node)?.valueDeclaration;
  const isCallable =
    declaration !== undefined && (ts.isFunctionDeclaration(declaration) || ts.isClassDeclaration(declaration));
  return isCallable || isDeclared(source, node) ? "noValue" : "expressionForm";
}

/** A task, a workflow or an event. */
export function isDeclared(source: Source, node: ts.Identifier): boolean {
  if (taskCall(source, node) !== undefined) return true;
  const declaration = source.symbol(node)?.valueDeclaration;
  const made = declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  const name = made && ts.isCallExpression(made) ? millraceName(source, made.expression) : undefined;
  return name === "defineWorkflow" || name === "defineEvent";
}

/** Whether a name is declared outside of all functions, with `let` or `var`. */
export function isModuleVariable(source: Source, node: ts.Identifier): boolean {
  const declaration = source.symbol(node)?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return false;
  const isConst = (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
  return (
    !isConst && ts.isSourceFile(declaration.parent.parent.parent) && !declaration.getSourceFile().isDeclarationFile
  );
}

/** What is wrong with a call that stands without `await` and computes nothing that a flow can. */
export function refusalOfCall(source: Source, { expression: callee }: ts.CallExpression): MistakeName {
  const text = callee.getText();
  if (JOINS.has(text) || isStep(source, callee)) return "notAwaited";
  if (MOMENTS.has(text)) return "moment";
  return isContinuation(source, callee) ? "promiseMethod" : "callsNoTask";
}

/** `call.then`, `call.catch`, `call.finally`. */
export function isContinuation(source: Source, callee: ts.Expression): boolean {
  return (
    ts.isPropertyAccessExpression(callee) && CONTINUATIONS.has(callee.name.text) && source.isPromise(callee.expression)
  );
}

/** A task, or a function of Millrace that a flow awaits. */
export function isStep(source: Source, callee: ts.Expression): boolean {
  const name = millraceName(source, callee);
  if (name === "task" || name === "defineWorkflow" || name === "defineEvent") return false;
  return name !== undefined || taskCall(source, callee) !== undefined;
}
