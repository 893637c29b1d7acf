import ts from "typescript";
import { NULL, shown } from "./expression.ts";
import { type Thrown, UNKNOWN, lowerNewError } from "./error-class.ts";
import { type Handler, assignsOf, newHandler, toldTo } from "./graph-builder.ts";
import type { Position } from "./graph.ts";
import { type Lowering, bare, bindName, positionOf } from "./lowering.ts";
import { errorIn, isSurely } from "./lower-reason.ts";
import { lowerBlock, lowerRefused } from "./lower-statement.ts";

/** `throw`: to the handler around it, or the end of the run (of the Map's turn, whose own handler is outside). */
export function lowerThrow(at: Lowering, node: ts.ThrowStatement): void {
  const thrown = lowerThrown(at, node.expression);
  const { handler, builder } = at;
  if (handler !== undefined) {
    builder.assignAll(assignsOf(handler, thrown));
    handler.ends = [...handler.ends, ...builder.ends];
    builder.ends = [];
    return;
  }
  builder.flush(at);
  const { name } = thrown;
  const role = `throw ${name.kind === "constant" ? shown(name.value) : bare(node.expression).getText()}`;
  builder.place({ kind: "fail", role, ...outside(at, thrown), ...positionOf(at.source, node) });
}

/** What a state of the error's own says of it; of its cause only where somebody could ask for that. */
function outside({ caughtOutside }: Lowering, { name, message, cause = NULL }: Thrown): Thrown {
  return { name, message, ...(caughtOutside && cause !== NULL && { cause }) };
}

function lowerThrown(at: Lowering, node: ts.Expression): Thrown {
  const known = errorIn(at, node);
  if (known !== undefined && isSurely(at, known, node)) return known;
  const inner = bare(node);
  const thrown = ts.isNewExpression(inner) ? lowerNewError(at, inner) : undefined;
  if (thrown === undefined) at.diagnostics.report("throwsOther", node);
  return thrown ?? UNKNOWN;
}

/** `try`: every call in the block, and every `throw`, leads to the handler; `finally` stands on each way out. */
export function lowerTry(at: Lowering, node: ts.TryStatement): void {
  const { finallyBlock } = node;
  if (finallyBlock === undefined) return lowerCatch(at, node);
  const { builder, handler } = at;
  const caught = newHandler(at.names, "error");
  const leave = (): void => lowerBlock(at, finallyBlock);
  lowerCatch({ ...at, handler: caught, leaving: { outer: at.leaving, handler, leave } }, node);
  if (builder.reached) leave();
  const after = builder.ends;
  builder.ends = caught.ends;
  if (builder.reached) leave();
  if (builder.reached) throwAgain(at, caught, positionOf(at.source, finallyBlock.getLastToken() ?? finallyBlock));
  builder.ends = after;
}

function lowerCatch(at: Lowering, { tryBlock, catchClause }: ts.TryStatement): void {
  if (catchClause === undefined) return lowerBlock(at, tryBlock);
  const binding = catchClause.variableDeclaration?.name;
  const handler = newHandler(at.names, binding !== undefined && ts.isIdentifier(binding) ? binding.text : "error");
  const earlier = at.diagnostics.reports;
  lowerBlock({ ...at, handler }, tryBlock);
  const unfailing = handler.ends.length === 0;
  if (unfailing && at.diagnostics.reports === earlier) at.diagnostics.report("nothingFails", tryBlock.parent, "try");
  if (binding !== undefined && ts.isIdentifier(binding)) bindName(at, binding, { caught: toldTo(handler) });
  else if (binding !== undefined) at.diagnostics.report("caughtUse", binding);
  const after = at.builder.ends;
  if (unfailing) lowerRefused(at, catchClause.block);
  at.builder.ends = handler.ends;
  lowerBlock(at, catchClause.block);
  at.builder.ends = [...after, ...at.builder.ends];
}

/** An error that was caught goes on to whoever catches it outside, or ends the run. */
export function throwAgain(at: Lowering, caught: Handler, position: Position): void {
  const { builder, handler } = at;
  if (handler === undefined) {
    builder.flush(at);
    builder.place({ kind: "fail", role: "throw again", ...outside(at, toldTo(caught)), ...position });
    return;
  }
  if (handler.name !== caught.name) builder.assignAll(assignsOf(handler, toldTo(caught)));
  handler.ends = [...handler.ends, ...builder.ends];
  builder.ends = [];
}
