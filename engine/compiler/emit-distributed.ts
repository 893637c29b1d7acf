import { isJsonObject, type Json } from "../model/json.ts";
import type { Branch, MapState, Template } from "../model/machine.ts";
import { RESERVED_KEY } from "../model/wire.ts";
import { CONTEXT } from "./emit-call.ts";
import { literal } from "./literal.ts";
import { evaluated } from "./template.ts";

type Distributed = Pick<MapState, "Label" | "ItemSelector" | "ItemProcessor">;

/**
 * A Map whose turns are executions of their own. What they have of the run stands in their input as it does in the run's:
 * the parameters by name, the context under the reserved key, and with it whose items they are, and which.
 */
export function distributed(label: string, values: { readonly [name: string]: Template }, turn: Branch): Distributed {
  const run = { context: evaluated(CONTEXT), run: evaluated(RUN), name: evaluated(NAME), item: evaluated(INDEX) };
  return {
    Label: label,
    ItemSelector: { ...values, [RESERVED_KEY]: run },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      ...(ofRun(turn as unknown as Json) as unknown as Branch),
    },
  };
}

const INDEX = "$states.context.Map.Item.Index";
const [RUN, NAME] = ["$states.context.Execution.Id", "$states.context.Execution.Name"];
const OWNER = `$lookup($states.context.Execution.Input, ${literal(RESERVED_KEY)})`;

/** The run instead of the execution that evaluates it, in every expression. */
function ofRun(value: Json): Json {
  if (typeof value === "string")
    return value.startsWith("{%") ? value.replaceAll(RUN, `${OWNER}.run`).replaceAll(NAME, `${OWNER}.name`) : value;
  if (Array.isArray(value)) return value.map(ofRun);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, ofRun(member)]));
}
