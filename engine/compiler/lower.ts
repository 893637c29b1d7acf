import type { ParameterField } from "../model/schema.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { NULL } from "./expression.ts";
import { GraphBuilder } from "./graph-builder.ts";
import { type Edge, edge } from "./graph.ts";
import { bindPattern } from "./lower-binding.ts";
import { lowerBlock } from "./lower-statement.ts";
import { type Lowering, type TaskTable, positionOf } from "./lowering.ts";
import { type Flow, parametersOf } from "./parse.ts";
import type { Source } from "./source.ts";
import { VariableNames } from "./variable-names.ts";

export interface Lowered {
  /** The way into the graph. */
  readonly entry: Edge;
  /** Hands out further names. */
  readonly names: VariableNames;
}

/** The graph of a flow. What has no place in one is reported and left out. */
export function lowerFlow(
  source: Source,
  diagnostics: Diagnostics,
  tasks: TaskTable,
  flow: Flow,
  fields: readonly ParameterField[] | undefined,
): Lowered {
  const entry = edge();
  const names = new VariableNames();
  const builder = new GraphBuilder(entry, names, flow.domain);
  const at: Lowering = {
    source,
    diagnostics,
    names,
    builder,
    bindings: new Map(),
    tasks,
    indices: [],
    handler: undefined,
    loop: undefined,
    conditional: undefined,
  };
  if (flow.parameter !== undefined) bindPattern(at, flow.parameter.name, parametersOf(source, flow, fields));
  const { body } = flow.declaration;
  lowerBlock(at, body);
  if (!builder.reached) return { entry, names };
  builder.flush(undefined);
  builder.place({ kind: "return", role: "return", value: NULL, ...positionOf(source, body.getLastToken() ?? body) });
  return { entry, names };
}
