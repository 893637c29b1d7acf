import ts from "typescript";
import { type Expression, NULL, REFUSED, variable } from "./expression.ts";
import { type ChoiceNode, edge } from "./graph.ts";
import { isAssigning, lowerAssign } from "./lower-assign.ts";
import { lowerAwait } from "./lower-await.ts";
import { bindPattern, lowerDeclarations } from "./lower-binding.ts";
import { lowerCondition } from "./lower-condition.ts";
import { lowerThrow, lowerTry } from "./lower-error.ts";
import { lowerExpression } from "./lower-expression.ts";
import { isUsing, lowerUsing } from "./lower-lock.ts";
import { lowerForOf } from "./lower-for-of.ts";
import { lowerDo, lowerFor, lowerWhile } from "./lower-loop.ts";
import { lowerSwitch } from "./lower-switch.ts";
import { type Lowering, type Target, bare, leaveTo, positionOf, readsLet } from "./lowering.ts";
import { shortText } from "./diagnostics.ts";

export function lowerBlock(at: Lowering, node: ts.Statement): void {
  lowerStatements(at, ts.isBlock(node) ? node.statements : [node]);
}

export function lowerStatements(at: Lowering, statements: readonly ts.Statement[]): void {
  for (const [index, statement] of statements.entries()) {
    if (!at.builder.reached) return;
    if (isUsing(statement)) return lowerUsing(at, statement, statements.slice(index + 1));
    lowerStatement(at, statement);
  }
}

/** @param labels Those that stand right before it. */
export function lowerStatement(at: Lowering, node: ts.Statement, labels: readonly string[] = []): void {
  if (ts.isBlock(node)) return lowerBlock(at, node);
  if (ts.isVariableStatement(node)) return lowerDeclarations(at, node.declarationList);
  if (ts.isExpressionStatement(node)) return lowerEffect(at, node);
  if (ts.isIfStatement(node)) return lowerIf(at, node);
  if (ts.isForOfStatement(node)) return lowerForOf(at, node, labels);
  if (ts.isForStatement(node)) return lowerFor(at, node, labels);
  if (ts.isWhileStatement(node)) return lowerWhile(at, node, labels);
  if (ts.isDoStatement(node)) return lowerDo(at, node, labels);
  if (ts.isSwitchStatement(node)) return lowerSwitch(at, node, labels);
  if (ts.isLabeledStatement(node)) return lowerLabeled(at, node, labels);
  if (ts.isReturnStatement(node)) return lowerReturn(at, node);
  if (ts.isThrowStatement(node)) return lowerThrow(at, node);
  if (ts.isTryStatement(node)) return lowerTry(at, node);
  if (ts.isBreakOrContinueStatement(node)) return lowerJump(at, node);
  if (isSilent(node)) return;
  if (!ts.isForInStatement(node)) return at.diagnostics.report("statementForm", node);
  at.diagnostics.report("loopForm", node, "for … in");
  lowerRefused(at, node);
}

/** It does nothing; a function is read where it is called. */
function isSilent(node: ts.Statement): boolean {
  const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  return isType || ts.isEmptyStatement(node) || ts.isFunctionDeclaration(node);
}

/** The statements inside of one that was reported, for their own mistakes alone: their graph goes nowhere. */
export function lowerRefused(at: Lowering, node: ts.Node): void {
  const { builder } = at;
  const { ends } = builder;
  const targets: readonly Target[] = [{ labels: [], leaving: at.leaving, breaks: [], continues: [] }];
  const inner: Lowering = { ...at, targets };
  ts.forEachChild(node, (child) => {
    builder.ends = [{ edge: edge(), tags: undefined }];
    if (ts.isStatement(child)) lowerBlock(inner, child);
    else if (ts.isCaseBlock(child) || ts.isCaseOrDefaultClause(child)) lowerRefused(inner, child);
    else if (ts.isVariableDeclarationList(child)) {
      for (const { name } of child.declarations) bindPattern(at, name, REFUSED);
    }
  });
  builder.ends = ends;
}

/** A statement that is an expression has to be a call or an assignment: anything else has no effect that a flow could have. */
function lowerEffect(at: Lowering, node: ts.ExpressionStatement): void {
  const inner = bare(node.expression);
  if (isAssigning(inner)) lowerAssign(at, inner);
  else if (ts.isAwaitExpression(inner)) lowerAwait(at, inner);
  else if (ts.isCallExpression(inner)) lowerExpression(at, inner);
  else if (ts.isVoidExpression(inner)) lowerExpression(at, inner.expression);
  else at.diagnostics.report(ts.isDeleteExpression(inner) ? "assignsMember" : "statementForm", node);
}

function lowerIf(at: Lowering, node: ts.IfStatement): void {
  const { expression, thenStatement, elseStatement } = node;
  const otherwise = elseStatement && ((): void => lowerBlock(at, elseStatement));
  lowerChoice(at, lowerCondition(at, expression), expression, () => lowerBlock(at, thenStatement), otherwise);
}

/** One choice between two ways, which meet behind it; none where the condition never changes. */
export function lowerChoice(
  at: Lowering,
  condition: Expression,
  test: ts.Expression,
  whenTrue: () => void,
  whenFalse: () => void = () => undefined,
): void {
  if (condition.kind === "constant") return condition.value === true ? whenTrue() : whenFalse();
  const [yes, no] = [edge(), edge()];
  const choice: ChoiceNode = {
    kind: "choice",
    role: `if ${shortText(test)}`,
    rules: [{ condition, edge: yes }],
    otherwise: no,
    ...positionOf(at.source, test.parent, test),
  };
  const { builder } = at;
  const tags = builder.place(choice);
  builder.ends = [{ edge: yes, tags }];
  whenTrue();
  const after = builder.ends;
  builder.ends = [{ edge: no, tags }];
  whenFalse();
  builder.ends = [...after, ...builder.ends];
}

function lowerReturn(at: Lowering, node: ts.ReturnStatement): void {
  const { builder, exit } = at;
  const outside = exit.kind === "caller" ? exit.leaving : undefined;
  const given = node.expression === undefined ? NULL : lowerExpression(at, node.expression);
  const value = at.leaving === outside ? given : kept(at, given);
  const handler = leaveTo(at, outside, positionOf(at.source, node, node.expression));
  if (exit.kind === "caller") {
    exit.returns = [...exit.returns, { ends: builder.ends, value }];
    builder.ends = [];
    return;
  }
  builder.flush({ handler, indices: at.indices });
  if (builder.reached) builder.place({ kind: "return", role: "return", value, ...positionOf(at.source, node) });
}

/** The value as it is now, whatever is assigned on the way out. */
function kept(at: Lowering, value: Expression): Expression {
  if (!readsLet(at, value)) return value;
  const name = at.names.fresh("returned");
  at.builder.assign(name, value);
  return variable(name);
}

/** A jump that leads nowhere is TypeScript's to report. */
function lowerJump(at: Lowering, node: ts.BreakOrContinueStatement): void {
  const { builder } = at;
  const isBreak = ts.isBreakStatement(node);
  const target = at.targets.findLast(({ labels, isBlock, continues }) => {
    if (node.label !== undefined) return labels.includes(node.label.text);
    return isBreak ? isBlock !== true : continues !== undefined;
  });
  if (target === undefined) return;
  leaveTo(at, target.leaving, positionOf(at.source, node));
  if (isBreak) target.breaks = [...target.breaks, ...builder.ends];
  else target.continues = [...(target.continues ?? []), ...builder.ends];
  builder.ends = [];
}

/** A label before a loop or a `switch` is theirs; a block with one can be left by `break` with it. */
function lowerLabeled(at: Lowering, node: ts.LabeledStatement, outer: readonly string[]): void {
  const labels = [...outer, node.label.text];
  const { statement } = node;
  const takesLabels =
    ts.isIterationStatement(statement, false) || ts.isSwitchStatement(statement) || ts.isLabeledStatement(statement);
  if (takesLabels) return lowerStatement(at, statement, labels);
  const target: Target = { labels, leaving: at.leaving, breaks: [], isBlock: true };
  lowerStatement({ ...at, targets: [...at.targets, target] }, statement);
  at.builder.ends = [...at.builder.ends, ...target.breaks];
}
