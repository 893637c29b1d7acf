import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StateMachine } from "../../../engine/model/machine.ts";
import { parameterFields } from "../../../engine/model/schema.ts";
import type { WorkflowSource } from "../../../engine/model/workflow.ts";
import * as children from "./fixture/functions/orders/children.ts";
import * as choices from "./fixture/functions/orders/choices.ts";
import * as computed from "./fixture/functions/orders/computed.ts";
import * as data from "./fixture/functions/orders/data.ts";
import * as errors from "./fixture/functions/orders/errors.ts";
import * as folds from "./fixture/functions/orders/folds.ts";
import * as joins from "./fixture/functions/orders/joins.ts";
import * as locks from "./fixture/functions/orders/locks.ts";
import * as loops from "./fixture/functions/orders/loops.ts";
import { Input } from "./fixture/functions/orders/models.ts";
import * as exits from "./fixture/functions/orders/s-exits.ts";
import * as language from "./fixture/functions/orders/s-language.ts";
import * as statements from "./fixture/functions/orders/statements.ts";
import * as steps from "./fixture/functions/orders/steps.ts";
import * as sums from "./fixture/functions/orders/sums.ts";
import * as tags from "./fixture/functions/orders/tags.ts";
import * as waits from "./fixture/functions/orders/waits.ts";

/** The fixture's project: it has `functions/`. */
export const ROOT = join(import.meta.dirname, "fixture");

export type Flow = (parameters: Input) => Promise<unknown>;

/** Every flow of functions/orders that compiles, by its module. */
export const MODULES = {
  children,
  choices,
  computed,
  data,
  errors,
  folds,
  joins,
  locks,
  loops,
  "s-exits": exits,
  "s-language": language,
  statements,
  steps,
  sums,
  tags,
  waits,
};

export const FLOWS: readonly (readonly [name: string, flow: Flow])[] = Object.values(MODULES).flatMap(
  Object.entries<Flow>,
);

const fields = parameterFields(Input);

export const SOURCES: readonly WorkflowSource[] = Object.entries(MODULES).flatMap(([module, flows]) =>
  Object.keys(flows).map((name) => ({
    name,
    module: `orders/${module}`,
    function: name,
    parameters: fields.ok ? fields.value : [],
    timeoutSeconds: 3600,
    events: ["approval"],
  })),
);

export function goldenPath(name: string): string {
  return join(import.meta.dirname, "golden", `${name}.json`);
}

/** The machine of a flow as its golden file has it; `compile.test.ts` holds the files against the compiler. */
export function goldenMachine(name: string): StateMachine {
  return (JSON.parse(readFileSync(goldenPath(name), "utf8")) as { readonly machine: StateMachine }).machine;
}
