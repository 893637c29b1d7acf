import type ts from "typescript";
import { MOST_SECONDS, momentOf, pauseSeconds } from "../model/pause.ts";
import { type Expression, NULL, REFUSED, constant, form } from "./expression.ts";
import { type WaitNode, edge } from "./graph.ts";
import { lowerExpression } from "./lower-expression.ts";
import { type Lowering, positionOf } from "./lowering.ts";

/** `sleep(seconds)` and `sleepUntil(timestamp)`: a state that only waits. */
export function lowerSleep(at: Lowering, call: ts.CallExpression, name: "sleep" | "sleepUntil"): Expression {
  const [argument] = call.arguments;
  const value = argument === undefined ? REFUSED : lowerExpression(at, argument);
  const until =
    name === "sleep"
      ? { seconds: secondsOf(at, argument ?? call, value) }
      : { timestamp: timestampOf(at, argument ?? call, value) };
  const { builder } = at;
  builder.flush(at);
  const next = edge();
  const wait: WaitNode = { kind: "wait", role: name, until, next, ...positionOf(at.source, call, call) };
  builder.place(wait);
  builder.ends = [{ edge: next, tags: undefined }];
  return NULL;
}

function secondsOf(at: Lowering, node: ts.Node, value: Expression): Expression {
  if (value.kind !== "constant") return form("seconds", value);
  const seconds = Number(value.value);
  if (!(seconds >= 0 && seconds <= MOST_SECONDS)) at.diagnostics.report("pauseSeconds", node);
  return constant(pauseSeconds(seconds));
}

function timestampOf(at: Lowering, node: ts.Node, value: Expression): Expression {
  if (value.kind !== "constant") return form("timestamp", value);
  const moment = typeof value.value === "string" ? momentOf(value.value) : NaN;
  if (!Number.isNaN(moment)) return constant(new Date(moment).toISOString());
  at.diagnostics.report("pauseTimestamp", node);
  return REFUSED;
}
