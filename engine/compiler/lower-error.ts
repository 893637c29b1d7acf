import ts from "typescript";
import { shown, variable } from "./expression.ts";
import { type Thrown, UNKNOWN, lowerNewError } from "./error-class.ts";
import type { Handler } from "./graph-builder.ts";
import { type Lowering, bare, bindName, caughtBy, positionOf } from "./lowering.ts";
import { lowerBlock, lowerRefused } from "./lower-statement.ts";

/** `throw`: to the handler around it, or the end of the run (of the Map's turn, whose own handler is outside). */
export function lowerThrow(at: Lowering, node: ts.ThrowStatement): void {
  const thrown = lowerThrown(at, node.expression);
  const { handler, builder } = at;
  if (handler !== undefined) {
    builder.assign(handler.name, thrown.name);
    builder.assign(handler.message, thrown.message);
    handler.ends = [...handler.ends, ...builder.ends];
    builder.ends = [];
    return;
  }
  builder.flush(undefined);
  const { name } = thrown;
  const role = `throw ${name.kind === "constant" ? shown(name.value) : bare(node.expression).getText()}`;
  builder.place({ kind: "fail", role, ...thrown, ...positionOf(at.source, node) });
}

function lowerThrown(at: Lowering, node: ts.Expression): Thrown {
  const caught = caughtBy(at, node);
  if (caught !== undefined) return { name: variable(caught.name), message: variable(caught.message) };
  const inner = bare(node);
  const thrown = ts.isNewExpression(inner) ? lowerNewError(at, inner) : undefined;
  if (thrown === undefined) at.diagnostics.report("throwsOther", node);
  return thrown ?? UNKNOWN;
}

/** `try … catch`: every call in the block, and every `throw`, leads to the handler. */
export function lowerTry(at: Lowering, node: ts.TryStatement): void {
  if (node.finallyBlock !== undefined) {
    at.diagnostics.report("finallyBlock", node.finallyBlock);
    lowerRefused(at, node.finallyBlock);
  }
  const { catchClause } = node;
  if (catchClause === undefined) return lowerBlock(at, node.tryBlock);
  const binding = catchClause.variableDeclaration?.name;
  const wish = binding !== undefined && ts.isIdentifier(binding) ? binding.text : "error";
  const handler: Handler = { name: at.names.fresh(`${wish}Name`), message: at.names.fresh(`${wish}Message`), ends: [] };
  const earlier = at.diagnostics.reports;
  lowerBlock({ ...at, handler }, node.tryBlock);
  const unfailing = handler.ends.length === 0;
  if (unfailing && at.diagnostics.reports === earlier) at.diagnostics.report("nothingFails", node, "try");
  if (binding !== undefined && ts.isIdentifier(binding)) bindName(at, binding, { caught: handler });
  else if (binding !== undefined) at.diagnostics.report("caughtUse", binding);
  const after = at.builder.ends;
  if (unfailing) lowerRefused(at, catchClause.block);
  at.builder.ends = handler.ends;
  lowerBlock(at, catchClause.block);
  at.builder.ends = [...after, ...at.builder.ends];
}
