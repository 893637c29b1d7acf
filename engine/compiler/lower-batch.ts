import ts from "typescript";
import { distribute, isTooMuch } from "./distribute.ts";
import {
  type Expression,
  NULL,
  REFUSED,
  binary,
  constant,
  form,
  lambda,
  local,
  not,
  property,
  variable,
} from "./expression.ts";
import { assignsOf } from "./graph-builder.ts";
import { type EachNode, edge } from "./graph.ts";
import { COLLECTED, collect } from "./lower-branch.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerTurns } from "./lower-turns.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";

/** Step Functions runs no more turns of an inline Map at once, nor children of a distributed one. */
const MOST_AT_ONCE = { mapAll: 40, batch: 10_000 };

interface Options {
  readonly concurrency: number;
  readonly fails: boolean;
}

/**
 * `mapAll(items, fn, { concurrency })`, and `batch(items, fn, { maxConcurrency, onError })`, whose items are executions of
 * their own where an inline Map would be too narrow or its history too long. Their errors are collected in them, also
 * where one shall fail the batch: a distributed Map hides its name.
 */
export function lowerBatch(
  at: Lowering,
  call: ts.CallExpression,
  own: "batch" | "mapAll",
  wish: string | undefined,
): Expression {
  const [items, fn, given] = call.arguments;
  if (items === undefined || fn === undefined) return REFUSED;
  const { concurrency, fails } = optionsOf(at, call, given, own);
  let isDistributed = false;
  const shape = (each: EachNode): void => {
    isDistributed = own === "batch" && (concurrency > MOST_AT_ONCE.mapAll || isTooMuch(each));
    if (isDistributed && fails) collect(each.body, at.names, COLLECTED, positionOf(at.source, call, call));
    if (isDistributed) distribute(each, at.names);
  };
  const role = own === "batch" ? "batch" : "map";
  const outcome = fails ? undefined : COLLECTED;
  const results = lowerTurns(at, { call, items, fn, concurrency, wish, role, outcome }, shape);
  return isDistributed && fails ? throwFirst(at, call, results) : results;
}

/** Fails as the first item that failed did, once all have ended. */
function throwFirst(at: Lowering, call: ts.CallExpression, results: Expression): Expression {
  const { builder, handler, names } = at;
  const position = positionOf(at.source, call, call);
  const failed = names.fresh("failed");
  const result = names.fresh("result");
  const isError = binary("=", property(local(result), "status", false), constant("error"));
  const wrong = form("filter", results, lambda([result], isError));
  const first: Expression = { kind: "element", array: wrong, index: constant(0), maybe: true };
  builder.assign(failed, property(first, "error", true));
  const error = variable(failed);
  const [name, message] = [property(error, "name", false), property(error, "message", false)];
  const [yes, no] = [edge(), edge()];
  const rules = [{ condition: not(binary("=", error, NULL)), edge: yes }];
  builder.place({ kind: "choice", role: "if an item failed", rules, otherwise: no, ...position });
  if (handler === undefined) yes.to = { kind: "fail", role: "throw the item's error", name, message, ...position };
  else {
    yes.assigns = assignsOf(handler, { name, message });
    handler.ends = [...handler.ends, { edge: yes, tags: undefined }];
  }
  builder.ends = [{ edge: no, tags: undefined }];
  return form("map", results, lambda([result], property(local(result), "value", false)));
}

function optionsOf(
  at: Lowering,
  call: ts.CallExpression,
  given: ts.Expression | undefined,
  own: "batch" | "mapAll",
): Options {
  const literal = given && bare(given);
  const members = literal && ts.isObjectLiteralExpression(literal) ? literal.properties : undefined;
  if (given !== undefined && members === undefined) at.diagnostics.report("batchOptions", given);
  let concurrency = 0;
  let fails = own === "mapAll";
  for (const member of members ?? []) {
    const key = member.name?.getText();
    const node = ts.isPropertyAssignment(member)
      ? member.initializer
      : ts.isShorthandPropertyAssignment(member)
        ? member.name
        : undefined;
    const lowered = node && lowerExpression(at, node);
    const value = lowered?.kind === "constant" ? lowered.value : undefined;
    if (key === (own === "batch" ? "maxConcurrency" : "concurrency") && typeof value === "number") {
      concurrency = value;
      if (!Number.isInteger(value) || value < 1 || value > MOST_AT_ONCE[own])
        at.diagnostics.report(
          "batchConcurrency",
          member,
          `${member.getText()}, allowed are whole numbers from 1 to ${MOST_AT_ONCE[own]}`,
        );
    } else if (own === "batch" && key === "onError" && (value === "collect" || value === "fail")) {
      fails = value === "fail";
    } else at.diagnostics.report("batchOptions", member);
  }
  if (own === "mapAll" && members === undefined && given === undefined) at.diagnostics.report("batchOptions", call);
  return { concurrency, fails };
}
