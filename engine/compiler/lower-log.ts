import ts from "typescript";
import { type Expression, NULL, constant, textOf } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import { type Lowering, positionOf } from "./lowering.ts";
import type { Source } from "./source.ts";
import { millraceName } from "./task-declaration.ts";

const LEVELS: ReadonlySet<string> = new Set(["debug", "info", "warn", "error"]);

/** The level of `log.info(…)` and its like. */
export function logLevel(source: Source, callee: ts.Expression): string | undefined {
  if (!ts.isPropertyAccessExpression(callee) || !LEVELS.has(callee.name.text)) return undefined;
  return millraceName(source, callee.expression) === "log" ? callee.name.text : undefined;
}

/** A line that the next call carries. */
export function lowerLog(at: Lowering, call: ts.CallExpression, level: string): Expression {
  const [message, fields] = call.arguments;
  const isText = message !== undefined && [...at.source.kinds(message)].join() === "string";
  const isObject = fields === undefined || [...at.source.kinds(fields)].join() === "object";
  if (at.conditional !== undefined || !ts.isExpressionStatement(call.parent) || !isText || !isObject) {
    at.diagnostics.report("logRequest", call);
    return NULL;
  }
  const position = positionOf(at.source, call);
  // In a loop each turn has a line of its own, and a function in place one for each call of it.
  const line = textOf([constant(at.names.fresh("line")), ...at.indices.flatMap((one) => [constant("."), one])]);
  const members = [
    { key: "level", value: constant(level) },
    { key: "message", value: lowerExpression(at, message) },
    ...(fields === undefined ? [] : [{ key: "fields", value: lowerExpression(at, fields) }]),
    { key: "at", value: constant(position.at) },
    { key: "line", value: line },
  ];
  const value: Expression = { kind: "object", members: members.map((one) => ({ ...one, maybe: false })) };
  at.builder.addTags({ ...position, elements: [], lines: [{ value, as: "one" }] });
  return NULL;
}
