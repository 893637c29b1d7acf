import ts from "typescript";
import type { TaskReference } from "../model/compiled.ts";
import {
  ADD_TAGS_TASK,
  LOCK_FUNCTION,
  SETTLE_FUNCTION,
  SUBMIT_FUNCTION,
  SWEEP_FUNCTION,
  SWEEP_TASK,
} from "../model/wire.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ReadOptions, DEFAULTS, changedTask, membersOf, readOptions } from "./task-options.ts";
import type { Source } from "./source.ts";

/** A task as its declaration in the source tells it. */
export interface TaskDeclaration extends TaskReference, ReadOptions {
  /** The call gives another timeout than the task declares, so that the function has to be told. */
  readonly overridesTimeout?: true;
}

/** The task that adds tags to the run where no other task comes first; every domain's function answers its name. */
export function addTagsTask(domain: string): TaskDeclaration {
  const options = { retries: 3, retryDelaySeconds: 1, retryBackoff: 2, timeoutSeconds: 60 };
  return { name: ADD_TAGS_TASK, file: "", export: "", domain, ...options };
}

/** The task of `clean-up-deadlocks`, which a function of Millrace's own answers. */
export const SWEEP: TaskDeclaration = {
  ...addTagsTask(SWEEP_FUNCTION),
  name: SWEEP_TASK,
  retries: 0,
  timeoutSeconds: 300,
};

/** Whether it is Millrace's own, which no file of the project declares. */
export function isBuiltIn({ file }: TaskDeclaration): boolean {
  return file === "";
}

/** Names of functions that no domain can have: both are substitutions in a definition. */
const OWN_FUNCTIONS: ReadonlySet<string> = new Set([SUBMIT_FUNCTION, SETTLE_FUNCTION, LOCK_FUNCTION, SWEEP_FUNCTION]);

/** The `task({ … }, …)` call that a callee names, also with options of its own; nothing where it names something else. */
export function taskCall(source: Source, callee: ts.Node): ts.CallExpression | undefined {
  const changed = changedTask(callee);
  if (changed !== undefined) return taskCall(source, changed.expression.expression);
  const declaration = source.symbol(callee)?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return undefined;
  const call = declaration.initializer;
  return call !== undefined && ts.isCallExpression(call) && millraceName(source, call.expression) === "task"
    ? call
    : undefined;
}

/** The functions of Millrace that a flow's source calls, and where they are declared. */
const OWN = {
  task: "runtime/task.ts",
  addTags: "runtime/scope.ts",
  addBranchTag: "runtime/scope.ts",
  sleep: "runtime/sleep.ts",
  sleepUntil: "runtime/sleep.ts",
  now: "runtime/moment.ts",
  uuid: "runtime/moment.ts",
  log: "runtime/flow-log.ts",
  waitForEvent: "runtime/event.ts",
  defineEvent: "model/event.ts",
  batch: "runtime/flow-batch.ts",
  mapAll: "runtime/flow-batch.ts",
  executeWorkflow: "runtime/children.ts",
  submitWorkflow: "runtime/children.ts",
  acquireLock: "runtime/lock.ts",
  withLock: "runtime/lock.ts",
  sweep: "runtime/sweep-task.ts",
  defineWorkflow: "model/workflow.ts",
};

/** The function of Millrace itself that a node names, whatever it is called here. */
export function millraceName(source: Source, node: ts.Node): keyof typeof OWN | undefined {
  const symbol = source.symbol(node);
  const name = symbol?.name;
  if (name === undefined || !isOwn(name)) return undefined;
  const file = symbol?.valueDeclaration?.getSourceFile().fileName;
  return file?.endsWith(`/engine/${OWN[name]}`) === true ? name : undefined;
}

function isOwn(name: string): name is keyof typeof OWN {
  return Object.hasOwn(OWN, name);
}

/** Reads what `task({ … }, …)` declares; a value that is not literally there is reported. */
export function readTask(source: Source, diagnostics: Diagnostics, call: ts.CallExpression): TaskDeclaration {
  const declaration = call.parent as ts.VariableDeclaration;
  const constant = declaration.name.getText();
  const file = source.path(call);
  const domain = /^functions\/([a-z][a-z0-9-]*)\//.exec(file)?.[1];
  if (domain === undefined || !isExported(declaration)) diagnostics.report("taskPlace", declaration.name);
  else if (OWN_FUNCTIONS.has(domain)) diagnostics.report("domainName", declaration.name, `functions/${domain}`);
  const options = call.arguments[0];
  if (options === undefined || !ts.isObjectLiteralExpression(options)) {
    diagnostics.report("taskOption", options ?? call);
    return { ...DEFAULTS, name: constant, file, export: constant, domain: domain ?? "" };
  }
  const values = membersOf(diagnostics, options);
  const name = values.get("name");
  if (name === undefined || !ts.isStringLiteralLike(name)) diagnostics.report("taskOption", name ?? options, "name");
  return {
    name: name !== undefined && ts.isStringLiteralLike(name) ? name.text : constant,
    file,
    export: constant,
    domain: domain ?? "",
    ...readOptions(diagnostics, values, DEFAULTS),
  };
}

function isExported(declaration: ts.VariableDeclaration): boolean {
  const statement = declaration.parent.parent;
  if (!ts.isVariableStatement(statement) || (declaration.parent.flags & ts.NodeFlags.Const) === 0) return false;
  return statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) === true;
}
