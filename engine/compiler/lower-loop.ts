import ts from "typescript";
import { type Expression, NULL, binary, constant, variable } from "./expression.ts";
import { type ChoiceNode, type EachNode, edge } from "./graph.ts";
import { bindPattern, isConst } from "./lower-binding.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerBlock } from "./lower-statement.ts";
import { type Loop, type Lowering, positionOf } from "./lowering.ts";

/** `for (const item of items)`: a Map where no turn ends the loop, a loop over an index otherwise. */
export function lowerForOf(at: Lowering, node: ts.ForOfStatement): void {
  const { initializer, statement } = node;
  const kinds = at.source.kinds(node.expression);
  if (node.awaitModifier !== undefined) at.diagnostics.report("loopForm", node, "for await");
  else if (kinds.size !== 1 || !kinds.has("array")) at.diagnostics.report("loopsOver", node.expression);
  const declared =
    ts.isVariableDeclarationList(initializer) && isConst(initializer) ? initializer.declarations[0] : undefined;
  if (declared === undefined) {
    at.diagnostics.report("rebinds", initializer);
    return;
  }
  const items = lowerExpression(at, node.expression);
  at.builder.flush(at.handler);
  const turn: Turn = {
    node,
    items,
    pattern: declared.name,
    role: `for ${declared.name.getText().replace(/\s+/g, " ")}`,
  };
  if (leavesLoop(statement, false)) lowerIndexLoop(at, turn);
  else lowerEach(at, turn);
}

interface Turn {
  readonly node: ts.ForOfStatement;
  readonly items: Expression;
  readonly pattern: ts.BindingName;
  readonly role: string;
}

/** Whether a turn may end the loop: by `return`, or by `break` out of this very loop. */
function leavesLoop(node: ts.Node, inner: boolean): boolean {
  if (ts.isReturnStatement(node) || (ts.isBreakStatement(node) && !inner)) return true;
  if (ts.isFunctionLike(node)) return false;
  const loop = inner || ts.isIterationStatement(node, false) || ts.isSwitchStatement(node);
  return ts.forEachChild(node, (child) => leavesLoop(child, loop) || undefined) === true;
}

function wishOf(pattern: ts.BindingName): string {
  return ts.isIdentifier(pattern) ? pattern.text : "item";
}

function lowerEach(at: Lowering, { node, items, pattern, role }: Turn): void {
  const { builder, names } = at;
  const item = names.fresh(wishOf(pattern));
  const index = names.fresh("index");
  const body = edge([item, index].map((name) => ({ variable: name, value: { kind: "input", key: name } })));
  const outer = builder.ends;
  builder.ends = [{ edge: body, tags: undefined }];
  const loop: Loop = { breaks: [], continues: [] };
  bindPattern(at, pattern, variable(item));
  const caughtOutside = at.caughtOutside || at.handler !== undefined;
  const inTurn: Lowering = {
    ...at,
    loop,
    handler: undefined,
    caughtOutside,
    indices: [...at.indices, variable(index)],
  };
  lowerBlock(inTurn, node.statement);
  builder.ends = [...builder.ends, ...loop.continues];
  builder.flush(undefined);
  const position = positionOf(at.source, node, node.expression);
  builder.place({ kind: "return", role: "continue", value: NULL, ...position });
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
    next: edge(),
    caught: undefined,
    ...position,
  };
  builder.place(each);
  each.caught = builder.failing(at.handler, undefined);
  builder.ends = [{ edge: each.next, tags: undefined }];
}

/** A choice before each turn; its index is raised on the way back, and set to 0 on the way in. */
function lowerIndexLoop(at: Lowering, { node, items, pattern, role }: Turn): void {
  const { builder, names } = at;
  const index = names.fresh("index");
  const array = isCheap(items) ? items : variable(names.fresh(`${wishOf(pattern)}s`));
  if (array !== items && array.kind === "variable") builder.assign(array.name, items);
  builder.assign(index, constant(0));
  const [turn, done] = [edge(), edge()];
  const choice: ChoiceNode = {
    kind: "choice",
    role,
    rules: [{ condition: binary("<", variable(index), { kind: "length", array }), edge: turn }],
    otherwise: done,
    ...positionOf(at.source, node, node.expression),
  };
  builder.place(choice);
  builder.ends = [{ edge: turn, tags: undefined }];
  const loop: Loop = { breaks: [], continues: [] };
  bindPattern(at, pattern, { kind: "element", array, index: variable(index), maybe: false });
  lowerBlock({ ...at, loop, indices: [...at.indices, variable(index)] }, node.statement);
  builder.ends = [...builder.ends, ...loop.continues];
  builder.flush(at.handler);
  builder.assign(index, binary("+", variable(index), constant(1)));
  builder.place(choice);
  builder.ends = [{ edge: done, tags: undefined }, ...loop.breaks];
}

/** Read again in every turn, these cost nothing: variables, parameters and members of them. */
function isCheap(items: Expression): boolean {
  if (items.kind === "property") return !items.maybe && isCheap(items.object);
  return items.kind === "variable" || (items.kind === "parameter" && !items.maybe && items.default === undefined);
}
