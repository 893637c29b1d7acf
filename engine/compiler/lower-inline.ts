import ts from "typescript";
import { type Expression, NULL, REFUSED, conditional, sameExpression, variable } from "./expression.ts";
import type { Edge } from "./graph.ts";
import { assignedIn } from "./lower-assign.ts";
import { lowerAwaited } from "./lower-await.ts";
import { lowerBranch } from "./lower-branch.ts";
import { bindError, bindPattern, lowerDeclarations } from "./lower-binding.ts";
import { lowerCondition } from "./lower-condition.ts";
import { lowerExpression } from "./lower-expression.ts";
import { errorIn, isSurely } from "./lower-reason.ts";
import { lowerBlock } from "./lower-statement.ts";
import { type Caller, type Lowering, bare } from "./lowering.ts";
import { millraceName } from "./task-declaration.ts";
import { reportTypeErrors } from "./type-errors.ts";

type Callback = ts.ArrowFunction | ts.FunctionExpression;
type Helper = (Callback | ts.FunctionDeclaration) & { readonly body: ts.ConciseBody };

/**
 * A call of a function that the project declares, with its body in place: at the call itself, with names of its own.
 * Nothing where the callee is no such function.
 * @param wish Name of the variable for what it returns, where it needs one.
 */
export function lowerInline(at: Lowering, call: ts.CallExpression, wish?: string): Expression | undefined {
  const helper = helperOf(at, call.expression);
  if (helper === undefined) return undefined;
  const name = call.expression.getText();
  if (isAsync(helper) && !ts.isAwaitExpression(outermost(call).parent)) {
    at.diagnostics.report("notAwaited", call, name);
    return REFUSED;
  }
  if (at.inlined.includes(helper)) {
    at.diagnostics.report("recursion", call, name);
    return REFUSED;
  }
  if (helper.getSourceFile() !== at.flow.getSourceFile()) reportTypeErrors(at.source, at.diagnostics, helper);
  const inner: Lowering = {
    ...at,
    depth: at.depth + 1,
    inlined: [...at.inlined, helper],
    assigned: at.assigned.union(assignedIn(at.source, helper)),
  };
  if (!bindArguments(at, inner, helper, call)) return REFUSED;
  const pure = valueOf(inner, helper);
  if (pure !== undefined) return pure;
  if (at.conditional === undefined) return lowerCalled(inner, helper.body, wish ?? name);
  at.diagnostics.report("inlineForm", call);
  return REFUSED;
}

/** The body of an async callback as a graph of its own, whose returns are the value of a turn or a branch. */
export function lowerBody(at: Lowering, fn: Helper, parameters: readonly Expression[]): Edge {
  const { body } = fn;
  return lowerBranch(at, body, (inside) => {
    fn.parameters.forEach(({ name }, index) => bindPattern(inside, name, parameters[index] ?? NULL));
    if (!ts.isBlock(body)) return lowerResult(inside, body);
    lowerBlock(inside, body);
    return NULL;
  });
}

/** The value of a function that only computes, of parameters that are values; nothing where it does more. */
export function lowerPure(
  at: Lowering,
  fn: Helper,
  parameters: readonly Expression[],
  lower: (at: Lowering, value: ts.Expression) => Expression,
): Expression | undefined {
  const inner: Lowering = {
    ...at,
    depth: at.depth + 1,
    inlined: [...at.inlined, fn],
    conditional: "a callback",
  };
  if (fn.parameters.some(({ initializer, dotDotDotToken }) => initializer ?? dotDotDotToken)) return undefined;
  fn.parameters.forEach(({ name }, index) => bindPattern(inner, name, parameters[index] ?? NULL));
  return valueOf(inner, fn, lower);
}

/** `(x) => task(x)` is as good as `async (x) => await task(x)`. */
function lowerResult(at: Lowering, body: ts.Expression): Expression {
  const inner = bare(body);
  return ts.isCallExpression(inner) ? lowerAwaited(at, inner) : lowerExpression(at, inner);
}

/** The function of the project that an expression names. */
export function helperOf(at: Lowering, callee: ts.Expression): Helper | undefined {
  if (millraceName(at.source, callee) !== undefined) return undefined;
  const declaration = at.source.symbol(bare(callee))?.valueDeclaration;
  const isConstant =
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
  const initializer = isConstant && declaration.initializer ? bare(declaration.initializer) : declaration;
  return initializer !== undefined && isHelper(initializer) && isOfProject(at, initializer) ? initializer : undefined;
}

function isHelper(node: ts.Node): node is Helper {
  if (ts.isArrowFunction(node)) return true;
  if (!ts.isFunctionDeclaration(node) && !ts.isFunctionExpression(node)) return false;
  return node.body !== undefined && node.asteriskToken === undefined;
}

function isOfProject(at: Lowering, node: ts.Node): boolean {
  const path = at.source.path(node);
  return !node.getSourceFile().isDeclarationFile && !/^\.\.\/|^engine\/|(^|\/)node_modules\//.test(path);
}

function isAsync(helper: Helper): boolean {
  return helper.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
}

function outermost(node: ts.Node): ts.Node {
  return ts.isParenthesizedExpression(node.parent) ? outermost(node.parent) : node;
}

/** Arguments are computed before any of them has a name: the names may be those of a call inside of them. */
function bindArguments(at: Lowering, inner: Lowering, helper: Helper, call: ts.CallExpression): boolean {
  const isPlain = call.arguments.every((one) => !ts.isSpreadElement(one));
  if (!isPlain || helper.parameters.some(({ dotDotDotToken }) => dotDotDotToken !== undefined)) {
    at.diagnostics.report("inlineParameters", call);
    return false;
  }
  const given = call.arguments.map((one) => {
    const caught = errorIn(at, one);
    if (caught !== undefined && !isSurely(at, caught, one)) at.diagnostics.report("caughtUse", one);
    return caught === undefined ? { value: lowerExpression(at, one) } : { caught };
  });
  helper.parameters.forEach(({ name, initializer }, index) => {
    const binding = given[index];
    if (binding !== undefined && "caught" in binding) {
      bindError(inner, name, binding.caught);
      return;
    }
    const passed = call.arguments[index];
    const maybe = passed === undefined || at.source.kinds(passed).has("undefined");
    const value = binding?.value ?? NULL;
    const fallback = initializer && maybe ? lowerExpression({ ...inner, conditional: "a default" }, initializer) : NULL;
    if (initializer && maybe && passed && at.source.kinds(passed).has("null")) {
      at.diagnostics.report("nullAndUndefined", passed);
    }
    bindPattern(
      inner,
      name,
      initializer && maybe ? (passed ? { kind: "coalesce", value, fallback } : fallback) : value,
    );
  });
  return true;
}

/** The value of a function that only computes: `const`, `if` and `return`, one value on each way. */
function valueOf(at: Lowering, { body }: Helper, lower = lowerExpression): Expression | undefined {
  if (hasCall(at, body)) return undefined;
  if (!ts.isBlock(body)) return lower(at, body);
  return isValue(body.statements)
    ? lowerValue({ ...at, conditional: "a function" }, body.statements, lower)
    : undefined;
}

/** Whether something in it has to be awaited or inlined as statements, for which it would have to be a graph. */
function hasCall(at: Lowering, node: ts.Node): boolean {
  if (ts.isAwaitExpression(node)) return true;
  const helper = ts.isCallExpression(node) ? helperOf(at, node.expression) : undefined;
  if (helper !== undefined && !at.inlined.includes(helper)) {
    const inner = { ...at, inlined: [...at.inlined, helper] };
    const { body } = helper;
    if (hasCall(inner, body) || (ts.isBlock(body) && !isValue(body.statements))) return true;
  }
  return ts.forEachChild(node, (child) => hasCall(at, child) || undefined) === true;
}

function isValue(statements: readonly ts.Statement[]): boolean {
  return statements.every((one, index) => {
    if (ts.isReturnStatement(one)) return index === statements.length - 1;
    if (ts.isVariableStatement(one)) return isConst(one.declarationList);
    if (!ts.isIfStatement(one)) return false;
    const branches = [one.thenStatement, ...(one.elseStatement ? [one.elseStatement] : [])];
    return branches.every((branch) => isValue(statementsOf(branch)) && endsIn(statementsOf(branch)));
  });
}

/** Neither `let` nor `using`. */
function isConst({ flags }: ts.VariableDeclarationList): boolean {
  return (flags & ts.NodeFlags.Const) !== 0 && (flags & ts.NodeFlags.Using) === 0;
}

function endsIn(statements: readonly ts.Statement[]): boolean {
  const last = statements.at(-1);
  if (last === undefined) return false;
  if (ts.isReturnStatement(last)) return true;
  return ts.isIfStatement(last) && last.elseStatement !== undefined;
}

function statementsOf(node: ts.Statement): readonly ts.Statement[] {
  return ts.isBlock(node) ? node.statements : [node];
}

function lowerValue(
  at: Lowering,
  [first, ...rest]: readonly ts.Statement[],
  lower: (at: Lowering, value: ts.Expression) => Expression,
): Expression {
  if (first === undefined) return NULL;
  if (ts.isReturnStatement(first)) return first.expression === undefined ? NULL : lower(at, first.expression);
  if (ts.isVariableStatement(first)) lowerDeclarations(at, first.declarationList);
  if (!ts.isIfStatement(first)) return lowerValue(at, rest, lower);
  const condition = lowerCondition(at, first.expression);
  const whenTrue = lowerValue(at, statementsOf(first.thenStatement), lower);
  const otherwise = first.elseStatement ? statementsOf(first.elseStatement) : rest;
  return conditional(condition, whenTrue, lowerValue(at, otherwise, lower));
}

/** The body as statements: each `return` leads back here, with its value in a variable where there are several. */
function lowerCalled(at: Lowering, body: ts.ConciseBody, wish: string): Expression {
  const { builder } = at;
  const exit: Caller = { kind: "caller", leaving: at.leaving, returns: [] };
  const inner: Lowering = { ...at, exit, targets: [] };
  if (ts.isBlock(body)) lowerBlock(inner, body);
  const value = ts.isBlock(body) ? NULL : lowerExpression(inner, body);
  const returns = builder.reached ? [...exit.returns, { ends: builder.ends, value }] : exit.returns;
  const [first, ...others] = returns;
  builder.ends = returns.flatMap(({ ends }) => ends);
  if (first === undefined) return NULL;
  if (others.every((other) => sameExpression(other.value, first.value))) return first.value;
  const name = at.names.fresh(wish);
  const all = builder.ends;
  for (const one of returns) {
    builder.ends = one.ends;
    builder.assign(name, one.value);
  }
  builder.ends = all;
  return variable(name);
}
