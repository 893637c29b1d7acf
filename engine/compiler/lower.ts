import type { ParameterField } from "../model/schema.ts";
import { NULL } from "./expression.ts";
import { GraphBuilder } from "./graph-builder.ts";
import { type Edge, edge } from "./graph.ts";
import { assignedIn } from "./lower-assign.ts";
import { bindPattern } from "./lower-binding.ts";
import { lowerBlock } from "./lower-statement.ts";
import { type Lowering, type Project, positionOf } from "./lowering.ts";
import { type Flow, parametersOf } from "./parse.ts";
import { VariableNames } from "./variable-names.ts";

export interface Lowered {
  /** The way into the graph. */
  readonly entry: Edge;
  /** Hands out further names. */
  readonly names: VariableNames;
}

/** The graph of a flow. What has no place in one is reported and left out. */
export function lowerFlow(
  project: Project,
  flow: Flow,
  fields: readonly ParameterField[] | undefined,
  events?: ReadonlySet<string>,
): Lowered {
  const { source } = project;
  const entry = edge();
  const names = new VariableNames();
  const builder = new GraphBuilder(entry, names, flow.domain);
  const at: Lowering = {
    ...project,
    flow: flow.declaration,
    parameters: fields ?? [],
    events,
    names,
    builder,
    bindings: new Map(),
    indices: [],
    handler: undefined,
    caughtOutside: false,
    targets: [],
    leaving: undefined,
    exit: { kind: "end" },
    depth: 0,
    inlined: [flow.declaration],
    assigned: assignedIn(source, flow.declaration),
    lets: new Set(),
    held: undefined,
    conditional: undefined,
  };
  if (flow.parameter !== undefined) bindPattern(at, flow.parameter.name, parametersOf(source, flow, fields));
  const { body } = flow.declaration;
  lowerBlock(at, body);
  if (!builder.reached) return { entry, names };
  builder.flush(at);
  builder.place({ kind: "return", role: "return", value: NULL, ...positionOf(source, body.getLastToken() ?? body) });
  return { entry, names };
}
