import ts from "typescript";
import { type Expression, NULL, REFUSED, variable } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerAddTags } from "./lower-tags.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";
import { isMillrace, taskCall } from "./task-declaration.ts";

/**
 * One awaited call. It becomes a node in front of what reads its answer, which is order-safe because nothing else in a
 * flow's expressions has an effect; where it may not be reached it is refused.
 * @param wish Name of the variable for the answer; the task's own where it is left out.
 */
export function lowerAwait(at: Lowering, node: ts.AwaitExpression, wish?: string): Expression {
  const call = bare(node.expression);
  if (at.conditional !== undefined) at.diagnostics.report("awaitConditional", node, at.conditional);
  if (!ts.isCallExpression(call)) {
    at.diagnostics.report("awaitsNoTask", call);
    return REFUSED;
  }
  const callee = call.expression;
  if (isMillrace(at.source, callee, "addTags") || isMillrace(at.source, callee, "addBranchTag")) {
    lowerAddTags(at, call);
    return NULL;
  }
  const declared = taskCall(at.source, callee);
  if (declared === undefined) {
    at.diagnostics.report("awaitsNoTask", call, callee.getText());
    return REFUSED;
  }
  const task = at.tasks.get(at.source, at.diagnostics, declared);
  const argument = call.arguments[0];
  const input = argument === undefined ? NULL : lowerExpression(at, argument);
  const result = at.names.fresh(wish ?? task.export);
  const { indices, handler } = at;
  at.builder.call({ ...positionOf(at.source, call), task, input, indices, handler }, result);
  return variable(result);
}
