import ts from "typescript";
import { type Lowering, bare } from "./lowering.ts";
import { type TaskDeclaration, taskCall } from "./task-declaration.ts";
import { changedTask, membersOf, readOptions } from "./task-options.ts";

/** The task that a callee names, with the options of `task.with({ … })`; nothing where it names something else. */
export function taskOf(at: Lowering, callee: ts.Expression): TaskDeclaration | undefined {
  const changed = changedTask(callee);
  if (changed === undefined) {
    const declared = taskCall(at.source, callee);
    return declared && at.tasks.get(at.source, at.diagnostics, declared);
  }
  const task = taskOf(at, changed.expression.expression);
  if (task === undefined) return undefined;
  const [argument] = changed.arguments;
  const options = argument && bare(argument);
  if (options === undefined || !ts.isObjectLiteralExpression(options)) {
    at.diagnostics.report("taskOption", argument ?? changed);
    return task;
  }
  const read = readOptions(at.diagnostics, membersOf(at.diagnostics, options), task);
  return read.timeoutSeconds === task.timeoutSeconds ? read : { ...read, overridesTimeout: true };
}
