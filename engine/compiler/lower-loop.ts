import ts from "typescript";
import { shortText } from "./diagnostics.ts";
import { type Expression, binary, constant, variable } from "./expression.ts";
import type { OpenEnd } from "./graph-builder.ts";
import { type ChoiceNode, type PassNode, edge } from "./graph.ts";
import { isAssigning, lowerAssign } from "./lower-assign.ts";
import { lowerDeclarations } from "./lower-binding.ts";
import { turnsOf } from "./lower-bound.ts";
import { lowerCondition } from "./lower-condition.ts";
import { leavesLoop } from "./lower-for-of.ts";
import { lowerBlock } from "./lower-statement.ts";
import { type Lowering, type Target, positionOf } from "./lowering.ts";

/** A loop whose turns a condition decides: one choice a turn, and no state of its own. */
interface Loop {
  readonly node: ts.IterationStatement;
  readonly labels: readonly string[];
  /** Absent where it is always true. */
  readonly condition: ts.Expression | undefined;
  readonly update: ts.Expression | undefined;
}

export function lowerWhile(at: Lowering, node: ts.WhileStatement, labels: readonly string[]): void {
  lowerLoop(at, { node, labels, condition: node.expression, update: undefined });
}

export function lowerFor(at: Lowering, node: ts.ForStatement, labels: readonly string[]): void {
  const { initializer, condition, incrementor: update } = node;
  if (initializer !== undefined && ts.isVariableDeclarationList(initializer)) lowerDeclarations(at, initializer);
  else if (initializer !== undefined) lowerUpdate(at, initializer);
  lowerLoop(at, { node, labels, condition, update });
}

export function lowerDo(at: Lowering, node: ts.DoStatement, labels: readonly string[]): void {
  const { builder } = at;
  const counter = new Counter(at);
  const head = begin(at, node);
  const target = turn(at, counter, node, labels);
  const inTurn = { ...at, indices: [...at.indices, counter.value] };
  builder.flush(inTurn);
  if (!builder.reached) return void (builder.ends = target.breaks);
  const { again, done } = decide(inTurn, node, node.expression, labels);
  builder.ends = again;
  goBack(at, counter, head);
  builder.ends = [...done, ...target.breaks];
}

function lowerLoop(at: Lowering, { node, labels, condition, update }: Loop): void {
  const { builder } = at;
  const counter = new Counter(at);
  const head = begin(at, node);
  const inTurn = { ...at, indices: [...at.indices, counter.value] };
  const { again, done } = decide(inTurn, node, condition, labels);
  builder.ends = again;
  const target = turn(at, counter, node, labels);
  if (update !== undefined && builder.reached) lowerUpdate(at, update);
  builder.flush(inTurn);
  goBack(at, counter, head);
  builder.ends = [...done, ...target.breaks];
}

/** How many turns have been: it tells the calls of one turn from those of another. */
class Counter {
  readonly value: Expression;
  readonly #name: string;

  constructor(at: Lowering) {
    const { builder, names } = at;
    builder.flush(at);
    this.#name = names.fresh("turn");
    this.value = variable(this.#name);
    builder.assign(this.#name, constant(0));
  }

  raise({ builder }: Lowering): void {
    builder.assign(this.#name, binary("+", this.value, constant(1)));
  }
}

/** The place that a turn comes back to; folding leaves nothing of it. */
function begin(at: Lowering, node: ts.Node): PassNode {
  const head: PassNode = { kind: "pass", role: "turn", next: edge(), ...positionOf(at.source, node) };
  at.builder.place(head);
  at.builder.ends = [{ edge: head.next, tags: undefined }];
  return head;
}

function goBack(at: Lowering, counter: Counter, head: PassNode): void {
  if (!at.builder.reached) return;
  counter.raise(at);
  at.builder.place(head);
}

interface Ways {
  readonly again: readonly OpenEnd[];
  readonly done: readonly OpenEnd[];
}

/** The choice before or after a turn; none where its condition never changes. */
function decide(
  at: Lowering,
  node: ts.IterationStatement,
  given: ts.Expression | undefined,
  labels: readonly string[],
): Ways {
  const { builder } = at;
  const condition = given === undefined ? constant(true) : lowerCondition(at, given);
  const role = given === undefined ? "for" : `while ${shortText(given)}`;
  builder.flush(at);
  if (condition.kind === "constant") {
    const isEndless = condition.value === true && !leavesLoop(node.statement, labels) && !throws(node.statement);
    if (isEndless) at.diagnostics.report("endless", node);
    return condition.value === true ? { again: builder.ends, done: [] } : { again: [], done: builder.ends };
  }
  const [again, done] = [edge(), edge()];
  const choice: ChoiceNode = {
    kind: "choice",
    role,
    turns: turnsOf(at, node),
    rules: [{ condition, edge: again }],
    otherwise: done,
    ...positionOf(at.source, node, given),
  };
  builder.place(choice);
  return { again: [{ edge: again, tags: undefined }], done: [{ edge: done, tags: undefined }] };
}

function throws(node: ts.Node): boolean {
  if (ts.isThrowStatement(node)) return true;
  return !ts.isFunctionLike(node) && ts.forEachChild(node, (child) => throws(child) || undefined) === true;
}

/** One turn, up to where `continue` leads too. */
function turn(at: Lowering, { value }: Counter, node: ts.IterationStatement, labels: readonly string[]): Target {
  const { builder } = at;
  const target: Target = { labels, leaving: at.leaving, breaks: [], continues: [] };
  lowerBlock({ ...at, targets: [...at.targets, target], indices: [...at.indices, value] }, node.statement);
  builder.ends = [...builder.ends, ...(target.continues ?? [])];
  return target;
}

/** `i += 1, j -= 1`: assignments, each on every open way. */
function lowerUpdate(at: Lowering, node: ts.Expression): void {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken) {
    lowerUpdate(at, node.left);
    lowerUpdate(at, node.right);
  } else if (isAssigning(node)) lowerAssign(at, node);
  else at.diagnostics.report("statementForm", node);
}
