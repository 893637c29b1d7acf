import type ts from "typescript";
import { type Expression, constant, variable } from "./expression.ts";
import { type OpenEnd, assignsOf } from "./graph-builder.ts";
import { type Edge, type Position, type ReturnNode, edge, exits, extend, reachable, target } from "./graph.ts";
import { type Lowering, positionOf } from "./lowering.ts";
import type { VariableNames } from "./variable-names.ts";

/** What a turn or a branch that cannot fail gives, one way or the other. */
export interface Outcome {
  readonly value: (value: Expression) => Expression;
  readonly error: (name: Expression, message: Expression) => Expression;
}

function object(members: { readonly [key: string]: Expression }): Expression {
  return { kind: "object", members: Object.entries(members).map(([key, value]) => ({ key, value, maybe: false })) };
}

/** As `Promise.allSettled` says it. */
export const SETTLED: Outcome = {
  value: (value) => object({ status: constant("fulfilled"), value }),
  error: (name, message) => object({ status: constant("rejected"), reason: object({ name, message }) }),
};

/** As `batch` says it. */
export const COLLECTED: Outcome = {
  value: (value) => object({ status: constant("ok"), value }),
  error: (name, message) => object({ status: constant("error"), error: object({ name, message }) }),
};

/** A graph of its own, whose value is what is lowered in it. */
export function lowerBranch(at: Lowering, node: ts.Node, lower: (inside: Lowering) => Expression): Edge {
  const { builder } = at;
  const outer = builder.ends;
  const entry = edge();
  builder.ends = [{ edge: entry, tags: undefined }];
  const inside: Lowering = {
    ...at,
    depth: at.depth + 1,
    targets: [],
    leaving: undefined,
    exit: { kind: "end" },
    handler: undefined,
    caughtOutside: at.caughtOutside || at.handler !== undefined,
  };
  const value = lower(inside);
  if (builder.reached) {
    builder.flush(inside);
    builder.place({ kind: "return", role: "return", value, ...positionOf(at.source, node, node) });
  }
  builder.ends = outer;
  return entry;
}

/** Lets a graph end with an outcome, whatever fails in it: that costs nothing unless it happens, and then one state. */
export function collect(entry: Edge, names: VariableNames, outcome: Outcome, position: Position): void {
  const [name, message] = [names.fresh("errorName"), names.fresh("errorMessage")];
  const value = outcome.error(variable(name), variable(message));
  const failed: ReturnNode = { kind: "return", role: "collect error", value, ...position };
  const nodes = reachable(entry);
  for (const way of [entry, ...nodes.flatMap(exits)]) {
    const to = target(way);
    if (to.kind !== "fail") continue;
    extend(way, [
      { variable: name, value: to.name },
      { variable: message, value: to.message },
    ]);
    way.to = failed;
  }
  for (const node of nodes) {
    if (node.kind === "return") node.value = outcome.value(node.value);
    if (node.kind !== "call" && node.kind !== "each" && node.kind !== "all") continue;
    node.caught ??= edge(
      [
        { variable: name, value: { kind: "caught", part: "name" } },
        { variable: message, value: { kind: "caught", part: "message" } },
      ],
      failed,
    );
  }
}

/** What is lowered inside goes on beside others, also under the locks that are held around it. */
export function beside(at: Lowering): Lowering {
  if (at.held !== undefined) at.held.callee.sideBySide = true;
  return { ...at, sideBySide: true };
}

/** Puts a graph in place of a join that it is the only branch of. Answers its value. */
export function splice(at: Lowering, entry: Edge, wish: string): Expression {
  const { builder, handler } = at;
  const result = at.names.fresh(wish);
  const nodes = reachable(entry);
  const ends: OpenEnd[] = [];
  const lead = (way: Edge): void => {
    const to = target(way);
    if (to.kind === "return") {
      extend(way, [{ variable: result, value: to.value }]);
      ends.push({ edge: way, tags: undefined });
    } else if (to.kind === "fail" && handler !== undefined) {
      extend(way, assignsOf(handler, to));
      handler.ends = [...handler.ends, { edge: way, tags: undefined }];
    }
  };
  nodes.flatMap(exits).forEach(lead);
  for (const node of nodes) {
    if (node.kind === "call" || node.kind === "each" || node.kind === "all")
      node.caught ??= builder.failing(handler, undefined);
  }
  for (const { edge: way } of builder.ends) {
    extend(way, entry.assigns);
    way.to = target(entry);
    lead(way);
  }
  builder.ends = ends;
  return variable(result);
}
