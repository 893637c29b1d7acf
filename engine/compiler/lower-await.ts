import ts from "typescript";
import { type Expression, NULL, REFUSED, constant, variable } from "./expression.ts";
import { lowerChild } from "./lower-child.ts";
import { lowerEvent } from "./lower-event.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerInline } from "./lower-inline.ts";
import { lowerJoin } from "./lower-join.ts";
import { holdLonger } from "./lower-lock.ts";
import { taskOf } from "./lower-options.ts";
import { lowerAddTags } from "./lower-tags.ts";
import { lowerSleep } from "./lower-wait.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";
import { isContinuation } from "./refusal.ts";
import { SWEEP, type TaskDeclaration, millraceName } from "./task-declaration.ts";

/**
 * One awaited call. It becomes a node in front of what reads its answer, which is order-safe because nothing else in a
 * flow's expressions has an effect; where it may not be reached it is refused.
 * @param wish Name of the variable for the answer; the task's own where it is left out.
 */
export function lowerAwait(at: Lowering, node: ts.AwaitExpression, wish?: string): Expression {
  const call = bare(node.expression);
  if (at.conditional !== undefined) at.diagnostics.report("awaitConditional", node, at.conditional);
  if (ts.isCallExpression(call)) return lowerAwaited(at, call, wish);
  at.diagnostics.report("awaitsNoTask", call);
  return REFUSED;
}

/** A call whose promise is waited for where it stands. */
export function lowerAwaited(at: Lowering, call: ts.CallExpression, wish?: string): Expression {
  const join = lowerJoin(at, call, wish) ?? lowerInline(at, call, wish);
  if (join !== undefined) return join;
  switch (millraceName(at.source, call.expression)) {
    case "addTags":
    case "addBranchTag":
      lowerAddTags(at, call);
      return NULL;
    case "sleep":
      return lowerSleep(at, call, "sleep");
    case "sleepUntil":
      return lowerSleep(at, call, "sleepUntil");
    case "waitForEvent":
      return lowerEvent(at, call, wish);
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
  const task = taskOf(at, call.expression);
  if (task === undefined) {
    const mistake = isContinuation(at.source, call.expression) ? "promiseMethod" : "awaitsNoTask";
    at.diagnostics.report(mistake, call, call.expression.getText());
    return REFUSED;
  }
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
