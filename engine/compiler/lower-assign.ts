import ts from "typescript";
import { type Expression, NULL, REFUSED, binary, constant, not, variable } from "./expression.ts";
import { lowerAwait } from "./lower-await.ts";
import { lowerBinary, lowerCondition } from "./lower-condition.ts";
import { lowerExpression } from "./lower-expression.ts";
import { isPattern, takeApart } from "./lower-pattern.ts";
import { lowerChoice } from "./lower-statement.ts";
import { type Binding, type LetBinding, type Lowering, bare, bindName, bindingOf, readsLet } from "./lowering.ts";
import { isModuleVariable } from "./refusal.ts";
import type { Kinds, Source } from "./source.ts";

/** `x += e` computes as `x + e`. */
const COMPOUND: { readonly [token: number]: ts.SyntaxKind } = {
  [ts.SyntaxKind.PlusEqualsToken]: ts.SyntaxKind.PlusToken,
  [ts.SyntaxKind.MinusEqualsToken]: ts.SyntaxKind.MinusToken,
  [ts.SyntaxKind.AsteriskEqualsToken]: ts.SyntaxKind.AsteriskToken,
  [ts.SyntaxKind.SlashEqualsToken]: ts.SyntaxKind.SlashToken,
  [ts.SyntaxKind.PercentEqualsToken]: ts.SyntaxKind.PercentToken,
  [ts.SyntaxKind.QuestionQuestionEqualsToken]: ts.SyntaxKind.QuestionQuestionToken,
  [ts.SyntaxKind.BarBarEqualsToken]: ts.SyntaxKind.BarBarToken,
  [ts.SyntaxKind.AmpersandAmpersandEqualsToken]: ts.SyntaxKind.AmpersandAmpersandToken,
};
const STEP: { readonly [token: number]: number } = {
  [ts.SyntaxKind.PlusPlusToken]: 1,
  [ts.SyntaxKind.MinusMinusToken]: -1,
};

type Step = (ts.PrefixUnaryExpression | ts.PostfixUnaryExpression) & { readonly operand: ts.Expression };
type Assigning = ts.BinaryExpression | Step;

/** `x = e`, `[x, y] = e`, `x += e`, `x++`. */
export function isAssigning(node: ts.Node): node is Assigning {
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return STEP[node.operator] !== undefined;
  if (!ts.isBinaryExpression(node)) return false;
  const operator = node.operatorToken.kind;
  return ts.SyntaxKind.FirstAssignment <= operator && operator <= ts.SyntaxKind.LastAssignment;
}

/** Every name that something inside of a node assigns, its declaration apart. */
export function assignedIn(source: Source, node: ts.Node): Set<ts.Symbol> {
  const found = new Set<ts.Symbol>();
  const add = (target: ts.Node): void => {
    const symbol = ts.isIdentifier(target) ? source.symbol(target) : undefined;
    if (symbol !== undefined) found.add(symbol);
    else if (ts.isPropertyAssignment(target)) add(target.initializer);
    else if (ts.isShorthandPropertyAssignment(target)) add(target.name);
    else if (ts.isBinaryExpression(target)) add(target.left);
    else ts.forEachChild(target, add);
  };
  const visit = (one: ts.Node): void => {
    if (isAssigning(one)) add(targetOf(one));
    if (ts.isForOfStatement(one) && !ts.isVariableDeclarationList(one.initializer)) add(one.initializer);
    ts.forEachChild(one, visit);
  };
  visit(node);
  return found;
}

function targetOf(node: Assigning): ts.Expression {
  return ts.isBinaryExpression(node) ? node.left : node.operand;
}

/** An assignment as a statement, or as the update of a `for`: on every open way, so it is no state. */
export function lowerAssign(at: Lowering, node: Assigning): void {
  const target = bare(targetOf(node));
  if (ts.isBinaryExpression(node) && ts.isAwaitExpression(bare(node.right))) {
    const isTaken = testOf(at, node, target);
    const take = (): void => assign(at, target, lowerRight(at, bare(node.right)), at.source.kinds(node.right));
    if (isTaken !== undefined) return lowerChoice(at, isTaken, node.left, take);
  }
  const isPlain = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  const value = isPlain ? lowerRight(at, bare(node.right)) : computed(at, node, target);
  assign(at, target, value, isPlain ? at.source.kinds(node.right) : new Set());
}

/** Whether `x ??= e`, `x ||= e` or `x &&= e` assigns. */
function testOf(
  at: Lowering,
  { operatorToken, left }: ts.BinaryExpression,
  target: ts.Expression,
): Expression | undefined {
  if (letOf(at, target) === undefined) return undefined;
  switch (operatorToken.kind) {
    case ts.SyntaxKind.QuestionQuestionEqualsToken:
      return binary("=", lowerExpression(at, left), NULL);
    case ts.SyntaxKind.BarBarEqualsToken:
      return not(lowerCondition(at, left));
    case ts.SyntaxKind.AmpersandAmpersandEqualsToken:
      return lowerCondition(at, left);
  }
  return undefined;
}

/** Gives what an assignment or a loop names its value; a pattern takes apart what the value is before. */
export function assign(at: Lowering, given: ts.Expression, value: Expression, kinds: Kinds): void {
  const target = bare(given);
  if (isPattern(target)) {
    const whole = at.names.fresh("taken");
    at.builder.assign(whole, value);
    takeApart(at, target, variable(whole), kinds, (one, part) => assign(at, one as ts.Expression, part, new Set()));
    return;
  }
  const rebound = letOf(at, target);
  if (!ts.isIdentifier(target)) at.diagnostics.report("assignsMember", target.parent);
  else if (isModuleVariable(at.source, target)) at.diagnostics.report("moduleVariable", target);
  else if (rebound?.depth !== at.depth) at.diagnostics.report("assignsOuter", target.parent, target.text);
  else at.builder.assign(rebound.variable, value);
}

function letOf(at: Lowering, node: ts.Expression): LetBinding | undefined {
  const binding = ts.isIdentifier(node) ? bindingOf(at, node) : undefined;
  return binding !== undefined && isLet(binding) ? binding : undefined;
}

function isLet(binding: Binding): binding is LetBinding {
  return "depth" in binding;
}

/** What is assigned; `a = b = value` assigns `b` before. */
function lowerRight(at: Lowering, node: ts.Expression): Expression {
  if (ts.isAwaitExpression(node)) return lowerAwait(at, node);
  if (!isAssigning(node) || ts.isPostfixUnaryExpression(node)) return lowerExpression(at, node);
  lowerAssign(at, node);
  return lowerExpression(at, targetOf(node));
}

/** What `x += e` and `x++` assign. */
function computed(at: Lowering, node: Assigning, target: ts.Expression): Expression {
  const isKnown = letOf(at, target) !== undefined;
  if (!ts.isBinaryExpression(node)) {
    const kinds = at.source.kinds(node.operand);
    if (kinds.size !== 1 || !kinds.has("number"))
      at.diagnostics.report("arithmetic", node, ts.tokenToString(node.operator));
    const value = isKnown ? lowerExpression(at, node.operand) : REFUSED;
    return binary("+", value, constant(STEP[node.operator] ?? 0));
  }
  const operator = COMPOUND[node.operatorToken.kind];
  if (operator !== undefined) return isKnown ? lowerBinary(at, node, operator) : REFUSED;
  at.diagnostics.report("arithmetic", node, node.operatorToken.getText());
  return REFUSED;
}

/**
 * Gives a name its value. It is a variable where it is assigned again, or where the value would change with one that
 * is; else it stands for the value itself.
 */
export function declareName(at: Lowering, node: ts.Identifier, value: Expression): void {
  const symbol = at.source.symbol(node);
  const isLet = symbol !== undefined && at.assigned.has(symbol);
  if (at.conditional !== undefined || !(isLet || readsLet(at, value))) return bindName(at, node, { value });
  const name = at.names.fresh(node.text);
  at.builder.assign(name, value);
  const read = variable(name);
  const binding: LetBinding = { kind: "let", variable: name, depth: at.depth, value: read };
  if (isLet) at.lets.add(name);
  bindName(at, node, isLet ? binding : { value: read });
}
