import ts from "typescript";
import { type Expression, NULL, REFUSED, constant, variable } from "./expression.ts";
import { lowerChild } from "./lower-child.ts";
import { lowerExpression } from "./lower-expression.ts";
import { holdLonger } from "./lower-lock.ts";
import { lowerAddTags } from "./lower-tags.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";
import { SWEEP, type TaskDeclaration, millraceName, taskCall } from "./task-declaration.ts";

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
  switch (millraceName(at.source, call.expression)) {
    case "addTags":
    case "addBranchTag":
      lowerAddTags(at, call);
      return NULL;
    case "executeWorkflow":
      return lowerChild(at, call, true, wish);
    case "submitWorkflow":
      return lowerChild(at, call, false, wish);
    case "sweep":
      return lowerTask(at, call, SWEEP, constant({}), wish ?? "report", "sweep");
    case "acquireLock":
      at.diagnostics.report("lockNotKept", call);
      return REFUSED;
    case "withLock":
      at.diagnostics.report("lockFunction", call);
      return REFUSED;
  }
  const declared = taskCall(at.source, call.expression);
  if (declared === undefined) {
    at.diagnostics.report("awaitsNoTask", call, call.expression.getText());
    return REFUSED;
  }
  const task = at.tasks.get(at.source, at.diagnostics, declared);
  const argument = call.arguments[0];
  const input = argument === undefined ? NULL : lowerExpression(at, argument);
  if (at.held !== undefined) holdLonger(at.held, task.timeoutSeconds);
  return lowerTask(at, call, task, input, wish ?? task.export);
}

function lowerTask(
  at: Lowering,
  call: ts.CallExpression,
  task: TaskDeclaration,
  input: Expression,
  wish: string,
  role = task.name,
): Expression {
  const { indices, handler } = at;
  const callee = { kind: "task", task, input } as const;
  const result = at.names.fresh(wish);
  const site = { ...positionOf(at.source, call), role, callee, indices, handler };
  at.builder.call(site, { variable: result, value: { kind: "result", enveloped: true } });
  return variable(result);
}
