import type { Plan } from "../../../engine/model/compiled.ts";
import type { StateMachine } from "../../../engine/model/machine.ts";
import type { WorkflowSource } from "../../../engine/model/workflow.ts";
import { Diagnostics } from "../../../engine/compiler/diagnostics.ts";
import { emit } from "../../../engine/compiler/emit.ts";
import { fold } from "../../../engine/compiler/fold.ts";
import { lowerFlow } from "../../../engine/compiler/lower.ts";
import { TaskTable } from "../../../engine/compiler/lowering.ts";
import { parseFlow } from "../../../engine/compiler/parse.ts";
import { planOf } from "../../../engine/compiler/plan.ts";
import { type Source, Sources } from "../../../engine/compiler/source.ts";

export interface Compiled {
  readonly machine: StateMachine;
  readonly plan: Plan;
}

/** Compiles the flows of a project by the rules as they are now: they may be changed in between. */
export class Anew {
  readonly #source: Source;

  /** @param root Absolute path of the folder that has `functions/`. */
  constructor(root: string, flows: readonly WorkflowSource[]) {
    this.#source = new Sources(root).open([...new Set(flows.map(pathOf))]);
  }

  compile(flow: WorkflowSource): Compiled {
    const diagnostics = new Diagnostics(this.#source);
    const project = { source: this.#source, diagnostics, tasks: new TaskTable(), workflows: undefined };
    const parsed = parseFlow(this.#source, diagnostics, pathOf(flow), flow.function);
    if (parsed === undefined) throw new Error(`${flow.function} does not compile`);
    const { entry, names } = lowerFlow(project, parsed, flow.parameters, undefined);
    fold(entry, names);
    return { machine: { QueryLanguage: "JSONata", ...emit(entry).branch }, plan: planOf(entry) };
  }
}

function pathOf({ module }: WorkflowSource): string {
  return `functions/${module}.ts`;
}
