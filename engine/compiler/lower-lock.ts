import ts from "typescript";
import { ErrorName } from "../model/errors.ts";
import { lockProblem, LOCK_TIMEOUT_SECONDS } from "../model/lock.ts";
import type { AcquireCallee, Callee } from "./callee.ts";
import { type Expression, NULL, REFUSED, binary, conditional, constant, property, variable } from "./expression.ts";
import { type GraphBuilder, type Handler, newHandler } from "./graph-builder.ts";
import { type Position, edge } from "./graph.ts";
import { bindPattern } from "./lower-binding.ts";
import { throwAgain } from "./lower-error.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerStatements } from "./lower-statement.ts";
import { type Held, type Lowering, bare, bindName, positionOf } from "./lowering.ts";
import { millraceName } from "./task-declaration.ts";

/** A statement `using …` or `await using …`, which has what follows it in its block as its own. */
export function isUsing(node: ts.Statement): node is ts.VariableStatement {
  return ts.isVariableStatement(node) && (node.declarationList.flags & ts.NodeFlags.Using) !== 0;
}

/**
 * `await using lock = await acquireLock(…)`: one state before the rest of its block, and one that releases on each way
 * out of it that the run goes on from. What an end of the run leaves held, settle releases.
 */
export function lowerUsing(at: Lowering, node: ts.VariableStatement, rest: readonly ts.Statement[]): void {
  const { declarations, flags } = node.declarationList;
  const [declaration] = declarations;
  const call = declaration && acquireCall(at, declaration);
  const isAwaitUsing = (flags & ts.NodeFlags.Const) !== 0; // TypeScript's bit that tells it from `using`
  if (declaration === undefined || call === undefined || !isAwaitUsing) at.diagnostics.report("usesOther", node);
  else if (at.held !== undefined || declarations.length > 1) at.diagnostics.report("locksNest", call);
  else return lowerLocked(at, declaration, call, rest, node.parent.getLastToken() ?? node);
  for (const { name } of declarations) bindPattern(at, name, REFUSED);
  lowerStatements(at, rest);
}

function acquireCall(at: Lowering, { initializer }: ts.VariableDeclaration): ts.CallExpression | undefined {
  const awaited = initializer && bare(initializer);
  const call = awaited && ts.isAwaitExpression(awaited) ? bare(awaited.expression) : undefined;
  if (call === undefined || !ts.isCallExpression(call)) return undefined;
  return millraceName(at.source, call.expression) === "acquireLock" ? call : undefined;
}

function lowerLocked(
  at: Lowering,
  declaration: ts.VariableDeclaration,
  call: ts.CallExpression,
  rest: readonly ts.Statement[],
  end: ts.Node,
): void {
  const { builder, indices, handler } = at;
  const after = positionOf(at.source, end);
  const name = declaration.name.getText().replace(/^_+/, "") || "lock";
  const { locks, timeoutSeconds } = lowerRequest(at, call);
  const cleanup = cleanupOf(at);
  const callee: AcquireCallee = {
    kind: "acquire",
    locks,
    timeoutSeconds,
    drainSeconds: 0,
    ...(at.sideBySide && { sideBySide: true }),
  };
  const result = at.names.fresh(name);
  const site = { ...positionOf(at.source, call), role: `acquire ${name}`, callee, indices, handler: cleanup };
  const acquired = builder.call(site, { variable: result, value: { kind: "result", enveloped: false } });
  if (ts.isIdentifier(declaration.name)) bindName(at, declaration.name, { value: variable(result) });
  const held: Held = { acquired, callee, name, locks, indices, handler };
  giveUp(builder, held, positionOf(at.source, call));
  const leave = (position: Position): void => releaseLocks(builder, held, position);
  lowerStatements({ ...at, handler: cleanup, held, leaving: { outer: at.leaving, handler, leave } }, rest);
  if (builder.reached) releaseLocks(builder, held, after);
  if (cleanup !== undefined) leadOn(at, held, cleanup, after);
}

/** Where an error in the block goes first; nowhere special where nobody catches it, since it ends the run. */
function cleanupOf({ handler, caughtOutside, names }: Lowering): Handler | undefined {
  if (handler !== undefined) return { ...handler, ends: [] };
  return caughtOutside ? newHandler(names, "error") : undefined;
}

/** The platform's timeout of the state that waits is the lock's own: one state ends the wait, and fails as the lock does. */
function giveUp(builder: GraphBuilder, { acquired, name, locks, indices, handler }: Held, position: Position): void {
  const others = builder.ends;
  const timedOut = edge();
  acquired.named = [{ errors: [ErrorName.TIMEOUT], edge: timedOut }];
  builder.ends = [{ edge: timedOut, tags: undefined }];
  const callee: Callee = { kind: "release", locks, acquired, timedOut: true };
  builder.call({ ...position, role: `release ${name} after a timeout`, callee, indices, handler });
  builder.place({ kind: "return", role: "return", value: NULL, ...position });
  builder.ends = others;
}

/** After an error: releases what is held, ends what still waits, and leads on to whoever catches it. */
function leadOn(at: Lowering, held: Held, cleanup: Handler, position: Position): void {
  const { builder } = at;
  const others = builder.ends;
  builder.ends = cleanup.ends;
  releaseLocks(builder, held, position, " after an error");
  throwAgain(at, cleanup, position);
  builder.ends = others;
}

/** One state on the way out of the locks' block. */
function releaseLocks(builder: GraphBuilder, held: Held, position: Position, why = ""): void {
  const { acquired, name, locks, indices, handler } = held;
  const callee: Callee = { kind: "release", locks, acquired };
  builder.call({ ...position, role: `release ${name}${why}`, callee, indices, handler });
}

/** A task is called under the locks: if the run is stopped then, it may go on for as long as its timeout. */
export function holdLonger({ callee }: Held, seconds: number): void {
  callee.drainSeconds = Math.max(callee.drainSeconds, seconds);
}

/** The argument of `acquireLock`: one request, or a list that the source spells out. */
function lowerRequest(at: Lowering, call: ts.CallExpression): Pick<AcquireCallee, "locks" | "timeoutSeconds"> {
  const [argument] = call.arguments;
  const locks = argument === undefined ? REFUSED : lowerExpression(at, argument);
  const requests = locks.kind === "array" ? locks.elements.map(({ value }) => value) : [locks];
  const isSpelledOut = locks.kind === "array" && locks.elements.every(({ as }) => as === "one");
  const isOne = argument !== undefined && !at.source.kinds(argument).has("array");
  if (requests.length === 0 || !(isSpelledOut || isOne)) at.diagnostics.report("lockRequest", argument ?? call);
  for (const problem of requests.map(problemOf)) {
    if (problem !== undefined) at.diagnostics.report("lockRefused", argument ?? call, problem);
  }
  return { locks, timeoutSeconds: longestOf(requests.map(timeoutOf)) };
}

/** What is wrong with those members of a request that the source spells out. */
function problemOf(request: Expression): string | undefined {
  const known = <T extends string | number>(key: string, other: T): T => {
    const member = property(request, key, true);
    return member.kind === "constant" && typeof member.value === typeof other ? (member.value as T) : other;
  };
  return lockProblem({
    namespace: known("namespace", "namespace"),
    name: known("name", "name"),
    timeoutSeconds: known("timeoutSeconds", LOCK_TIMEOUT_SECONDS),
  });
}

function timeoutOf(request: Expression): Expression {
  const given = property(request, "timeoutSeconds", true);
  const fallback = constant(LOCK_TIMEOUT_SECONDS);
  if (given.kind === "constant") return given.value === null ? fallback : given;
  const member = request.kind === "object" ? request.members.find((one) => one.value === given) : undefined;
  return member?.maybe === false ? given : { kind: "coalesce", value: given, fallback };
}

/** At least one second: what is less, the lock's function refuses in its own words. */
function longestOf(timeouts: readonly Expression[]): Expression {
  const numbers = timeouts.flatMap((one) => (one.kind === "constant" ? [Number(one.value)] : []));
  return timeouts
    .filter((one) => one.kind !== "constant")
    .reduce<Expression>(
      (longest, one) => conditional(binary("<", longest, one), one, longest),
      constant(Math.max(1, ...numbers)),
    );
}
