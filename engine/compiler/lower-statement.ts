import ts from "typescript";
import { NULL, REFUSED } from "./expression.ts";
import { type ChoiceNode, edge } from "./graph.ts";
import { lowerAwait } from "./lower-await.ts";
import { bindPattern, lowerDeclarations } from "./lower-binding.ts";
import { lowerCondition } from "./lower-condition.ts";
import { lowerThrow, lowerTry } from "./lower-error.ts";
import { lowerExpression } from "./lower-expression.ts";
import { isUsing, lowerUsing, releaseLocks } from "./lower-lock.ts";
import { lowerForOf } from "./lower-loop.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";
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

const LOOPS: { readonly [kind: number]: string } = {
  [ts.SyntaxKind.ForStatement]: "for (;;)",
  [ts.SyntaxKind.ForInStatement]: "for … in",
  [ts.SyntaxKind.WhileStatement]: "while",
  [ts.SyntaxKind.DoStatement]: "do … while",
};

function lowerStatement(at: Lowering, node: ts.Statement): void {
  if (ts.isBlock(node)) return lowerBlock(at, node);
  if (ts.isVariableStatement(node)) return lowerDeclarations(at, node.declarationList);
  if (ts.isExpressionStatement(node)) return lowerEffect(at, node);
  if (ts.isIfStatement(node)) return lowerIf(at, node);
  if (ts.isForOfStatement(node)) return lowerForOf(at, node);
  if (ts.isReturnStatement(node)) return lowerReturn(at, node);
  if (ts.isThrowStatement(node)) return lowerThrow(at, node);
  if (ts.isTryStatement(node)) return lowerTry(at, node);
  if (ts.isBreakOrContinueStatement(node)) return lowerJump(at, node);
  const loop = LOOPS[node.kind];
  if (loop !== undefined) at.diagnostics.report("loopForm", node, loop);
  else if (ts.isSwitchStatement(node)) at.diagnostics.report("switchStatement", node);
  else if (ts.isLabeledStatement(node)) at.diagnostics.report("labelled", node);
  if (loop !== undefined || ts.isSwitchStatement(node) || ts.isLabeledStatement(node)) lowerRefused(at, node);
  else if (!ts.isEmptyStatement(node) && !ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) {
    at.diagnostics.report("statementForm", node);
  }
}

/** The statements inside of one that was reported, for their own mistakes alone: their graph goes nowhere. */
export function lowerRefused(at: Lowering, node: ts.Node): void {
  const { builder } = at;
  const { ends } = builder;
  const inner: Lowering = { ...at, loop: { breaks: [], continues: [] } };
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

/** A statement that is an expression has to be a call: anything else has no effect that a flow could have. */
function lowerEffect(at: Lowering, node: ts.ExpressionStatement): void {
  const inner = bare(node.expression);
  if (ts.isAwaitExpression(inner)) lowerAwait(at, inner);
  else if (ts.isCallExpression(inner)) lowerExpression(at, inner);
  else at.diagnostics.report("statementForm", node);
}

function lowerIf(at: Lowering, node: ts.IfStatement): void {
  const condition = lowerCondition(at, node.expression);
  if (condition.kind === "constant") {
    const taken = condition.value === true ? node.thenStatement : node.elseStatement;
    if (taken !== undefined) lowerBlock(at, taken);
    return;
  }
  const [yes, no] = [edge(), edge()];
  const choice: ChoiceNode = {
    kind: "choice",
    role: `if ${shortText(node.expression)}`,
    rules: [{ condition, edge: yes }],
    otherwise: no,
    ...positionOf(at.source, node, node.expression),
  };
  const { builder } = at;
  const tags = builder.place(choice);
  builder.ends = [{ edge: yes, tags }];
  lowerBlock(at, node.thenStatement);
  const after = builder.ends;
  builder.ends = [{ edge: no, tags }];
  if (node.elseStatement !== undefined) lowerBlock(at, node.elseStatement);
  builder.ends = [...after, ...builder.ends];
}

function lowerReturn(at: Lowering, node: ts.ReturnStatement): void {
  const value = node.expression === undefined ? NULL : lowerExpression(at, node.expression);
  const position = positionOf(at.source, node);
  if (at.held !== undefined) releaseLocks(at.builder, at.held, positionOf(at.source, node, node.expression));
  at.builder.flush(at.handler);
  at.builder.place({ kind: "return", role: "return", value, ...position });
}

function lowerJump(at: Lowering, node: ts.BreakOrContinueStatement): void {
  if (at.loop === undefined || node.label !== undefined) {
    at.diagnostics.report("labelled", node);
    return;
  }
  const { held } = at;
  if (held !== undefined && held.loop === at.loop) releaseLocks(at.builder, held, positionOf(at.source, node));
  if (ts.isBreakStatement(node)) at.loop.breaks = [...at.loop.breaks, ...at.builder.ends];
  else at.loop.continues = [...at.loop.continues, ...at.builder.ends];
  at.builder.ends = [];
}
