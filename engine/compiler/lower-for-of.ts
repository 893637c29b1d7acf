import ts from "typescript";
import { type Expression, NULL, binary, constant, form, isCheap, lambda, list, local, variable } from "./expression.ts";
import { type ChoiceNode, type EachNode, edge } from "./graph.ts";
import { assign, assignedIn } from "./lower-assign.ts";
import { bindPattern } from "./lower-binding.ts";
import { boundOf } from "./lower-bound.ts";
import { lowerExpression } from "./lower-expression.ts";
import { elementAs } from "./lower-literal.ts";
import { lowerBlock } from "./lower-statement.ts";
import { type Lowering, type Target, bare, positionOf, readsLet } from "./lowering.ts";
import type { Kind, Kinds } from "./source.ts";

const LIST: Kinds = new Set<Kind>(["array"]);

/** `for (const item of items)`: a Map where no turn ends the loop or assigns around it, a loop over an index otherwise. */
export function lowerForOf(at: Lowering, node: ts.ForOfStatement, labels: readonly string[]): void {
  const { initializer, statement } = node;
  const paired = listOfPairs(at, node.expression);
  const of = paired ?? node.expression;
  if (node.awaitModifier !== undefined) at.diagnostics.report("loopForm", node, "for await");
  else if (!at.source.kinds(of).isSubsetOf(LIST)) at.diagnostics.report("loopsOver", of);
  const declared = ts.isVariableDeclarationList(initializer) ? initializer.declarations[0]?.name : initializer;
  if (declared === undefined) return;
  const items = paired === undefined ? lowerExpression(at, of) : pairsOf(at, paired);
  at.builder.flush(at);
  const turn: Turn = {
    node,
    of,
    labels,
    items,
    item: declared,
    role: `for ${declared.getText().replace(/\s+/g, " ")}`,
  };
  if (!isDeclared(declared) || leavesLoop(statement, labels) || assignsAround(at, statement)) lowerIndexLoop(at, turn);
  else lowerEach(at, turn, declared);
}

/** The list of `list.entries()`, whose elements come after their index. */
function listOfPairs(at: Lowering, given: ts.Expression): ts.Expression | undefined {
  const call = bare(given);
  const method = ts.isCallExpression(call) ? bare(call.expression) : undefined;
  if (method === undefined || !ts.isPropertyAccessExpression(method) || method.name.text !== "entries")
    return undefined;
  return at.source.kinds(method.expression).isSubsetOf(LIST) ? method.expression : undefined;
}

function pairsOf(at: Lowering, of: ts.Expression): Expression {
  const [item, index] = [at.names.fresh("item"), at.names.fresh("index")];
  const pair = list([
    { value: local(index), as: "one" },
    { value: local(item), as: elementAs(at.source.elements(of)) },
  ]);
  return form("map", lowerExpression(at, of), lambda([item, index], pair));
}

interface Turn {
  readonly node: ts.ForOfStatement;
  readonly of: ts.Expression;
  readonly labels: readonly string[];
  readonly items: Expression;
  /** What has the element in a turn: declared by the loop, or assigned by it. */
  readonly item: ts.BindingName | ts.Expression;
  readonly role: string;
}

/**
 * Whether a turn may end the loop: by `return`, by `break` out of it, or by a jump out of a loop around it.
 * @param labels Its own.
 */
export function leavesLoop(statement: ts.Statement, labels: readonly string[]): boolean {
  const visit = (node: ts.Node, own: readonly string[], isInner: boolean, isInSwitch: boolean): boolean => {
    if (ts.isReturnStatement(node)) return true;
    if (ts.isFunctionLike(node)) return false;
    if (ts.isBreakOrContinueStatement(node)) {
      if (node.label === undefined) return ts.isBreakStatement(node) && !isInner && !isInSwitch;
      const { text } = node.label;
      return labels.includes(text) ? ts.isBreakStatement(node) : !own.includes(text);
    }
    const known = ts.isLabeledStatement(node) ? [...own, node.label.text] : own;
    const inner = isInner || ts.isIterationStatement(node, false);
    const inSwitch = isInSwitch || ts.isSwitchStatement(node);
    return ts.forEachChild(node, (child) => visit(child, known, inner, inSwitch) || undefined) === true;
  };
  return visit(statement, [], false, false);
}

/** Whether a turn assigns what is declared outside of it, which a Map's turn cannot. */
function assignsAround(at: Lowering, statement: ts.Statement): boolean {
  return [...assignedIn(at.source, statement)].some((symbol) => {
    const declared = symbol.valueDeclaration;
    return declared === undefined || declared.pos < statement.pos || statement.end < declared.end;
  });
}

function isDeclared(item: ts.Node): item is ts.BindingName {
  return ts.isVariableDeclaration(item.parent);
}

function wishOf(item: ts.Node): string {
  return ts.isIdentifier(item) ? item.text : "item";
}

function lowerEach(at: Lowering, { node, of, labels, items, role }: Turn, pattern: ts.BindingName): void {
  const { builder, names } = at;
  const item = names.fresh(wishOf(pattern));
  const index = names.fresh("index");
  const body = edge([item, index].map((name) => ({ variable: name, value: { kind: "input", key: name } })));
  const outer = builder.ends;
  builder.ends = [{ edge: body, tags: undefined }];
  const target: Target = { labels, leaving: undefined, breaks: [], continues: [] };
  const inTurn: Lowering = {
    ...at,
    depth: at.depth + 1,
    targets: [target],
    leaving: undefined,
    exit: { kind: "end" },
    handler: undefined,
    caughtOutside: at.caughtOutside || at.handler !== undefined,
    indices: [...at.indices, variable(index)],
  };
  bindPattern(inTurn, pattern, variable(item));
  lowerBlock(inTurn, node.statement);
  builder.ends = [...builder.ends, ...(target.continues ?? [])];
  builder.flush(inTurn);
  const position = positionOf(at.source, node, node.expression);
  if (builder.reached) builder.place({ kind: "return", role: "continue", value: NULL, ...position });
  builder.ends = outer;
  if (body.to?.kind === "return") return;
  const each: EachNode = {
    kind: "each",
    role,
    items,
    bindings: [
      { variable: item, value: { kind: "item" } },
      { variable: index, value: { kind: "index" } },
    ],
    body,
    concurrency: constant(1),
    bound: boundOf(at, of, node),
    next: edge(),
    caught: undefined,
    ...position,
  };
  builder.place(each);
  each.caught = builder.failing(at.handler, undefined);
  builder.ends = [{ edge: each.next, tags: undefined }];
}

/** A choice before each turn; its index is raised on the way back, and set to 0 on the way in. */
function lowerIndexLoop(at: Lowering, { node, of, labels, items, item, role }: Turn): void {
  const { builder, names } = at;
  const index = names.fresh("index");
  const array = isCheap(items) && !readsLet(at, items) ? items : variable(names.fresh(`${wishOf(item)}s`));
  if (array !== items && array.kind === "variable") builder.assign(array.name, items);
  builder.assign(index, constant(0));
  const [turn, done] = [edge(), edge()];
  const choice: ChoiceNode = {
    kind: "choice",
    role,
    turns: boundOf(at, of, node),
    over: { items: array, index },
    rules: [{ condition: binary("<", variable(index), form("count", array)), edge: turn }],
    otherwise: done,
    ...positionOf(at.source, node, node.expression),
  };
  builder.place(choice);
  builder.ends = [{ edge: turn, tags: undefined }];
  const target: Target = { labels, leaving: at.leaving, breaks: [], continues: [] };
  const element: Expression = { kind: "element", array, index: variable(index), maybe: false };
  if (isDeclared(item)) bindPattern(at, item, element);
  else assign(at, item, element, of === node.expression ? at.source.elements(of) : LIST);
  const targets = [...at.targets, target];
  const inTurn: Lowering = { ...at, targets, indices: [...at.indices, variable(index)] };
  lowerBlock(inTurn, node.statement);
  builder.ends = [...builder.ends, ...(target.continues ?? [])];
  builder.flush(inTurn);
  builder.assign(index, binary("+", variable(index), constant(1)));
  builder.place(choice);
  builder.ends = [{ edge: done, tags: undefined }, ...target.breaks];
  if (target.breaks.every(({ tags }) => tags === undefined)) builder.meet({ ...choice, role: "behind the loop" });
}
