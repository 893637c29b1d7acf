import type ts from "typescript";
import type {
  ChildReference,
  CompiledCatalogue,
  CompiledWorkflow,
  SourceMap,
  TaskReference,
} from "../model/compiled.ts";
import type { StateMachine } from "../model/machine.ts";
import type { ParameterField } from "../model/schema.ts";
import type { WorkflowSource } from "../model/workflow.ts";
import { checkTaskNames } from "./check.ts";
import { Diagnostics } from "./diagnostics.ts";
import { functionOf } from "./emit-call.ts";
import { type Emitted, emit } from "./emit.ts";
import { fold } from "./fold.ts";
import type { CallNode } from "./graph.ts";
import { lowerFlow } from "./lower.ts";
import { type Project, type TaskEntries, TaskTable } from "./lowering.ts";
import { type Flow, parseFlow } from "./parse.ts";
import { planOf } from "./plan.ts";
import { type Source, Sources } from "./source.ts";
import { isBuiltIn } from "./task-declaration.ts";
import { verify } from "./verify.ts";

export interface CompileRequest {
  /** Absolute path of the folder that has `functions/`. */
  readonly root: string;
  readonly workflows: readonly WorkflowSource[];
}

/** Compiles every workflow of a catalogue. Those with a mistake are left out; every mistake is in `diagnostics`. */
export function compileCatalogue({ root, workflows }: CompileRequest): CompiledCatalogue {
  return new Compiler(root).compile(workflows);
}

/** Compiles one flow without a catalogue entry; its parameters are those of its type. */
export function compileFlow(root: string, file: string, fn: string): CompiledCatalogue {
  return new Compiler(root).compileUnits([{ name: fn, path: file, function: fn }]);
}

interface Unit {
  readonly name: string;
  /** `functions/git/flows.ts` */
  readonly path: string;
  readonly function: string;
  readonly parameters?: readonly ParameterField[];
  readonly timeoutSeconds?: number;
  readonly events?: readonly string[];
}

/** A workflow without a mistake, and all that it was compiled from. */
interface Kept {
  readonly request: string;
  readonly files: ReadonlySet<ts.SourceFile>;
  readonly workflow: CompiledWorkflow;
  readonly tasks: TaskEntries;
}

/** Compiles the project at `root` again and again: what has not changed since the last time is not compiled anew. */
export class Compiler {
  readonly #sources: Sources;
  readonly #kept = new Map<string, Kept>();

  constructor(root: string) {
    this.#sources = new Sources(root);
  }

  /** As `compileCatalogue`. */
  compile(workflows: readonly WorkflowSource[]): CompiledCatalogue {
    const units = workflows.map((workflow) => ({ ...workflow, path: `functions/${workflow.module}.ts` }));
    return this.compileUnits(units, new Set(workflows.map((workflow) => workflow.name)));
  }

  /** @param names Those of the catalogue's workflows; none are known where it is left out. */
  compileUnits(units: readonly Unit[], names?: ReadonlySet<string>): CompiledCatalogue {
    const source = this.#sources.open([...new Set(units.map((unit) => unit.path))]);
    const diagnostics = new Diagnostics(source);
    const project: Project = { source, diagnostics, tasks: new TaskTable(), workflows: names };
    const workflows = units.flatMap((unit) => this.#compile(project, unit) ?? []);
    checkTaskNames(project.tasks, diagnostics);
    return { workflows, diagnostics: diagnostics.found };
  }

  #compile(project: Project, unit: Unit): CompiledWorkflow | undefined {
    const { source, tasks, workflows } = project;
    const file = source.file(unit.path);
    const files = file === undefined ? new Set<ts.SourceFile>() : source.filesBehind(file);
    const request = JSON.stringify([unit, [...(workflows ?? [])]]);
    const kept = this.#kept.get(unit.name);
    if (kept?.request === request && kept.files.symmetricDifference(files).size === 0) {
      tasks.adopt(kept.tasks);
      return kept.workflow;
    }
    const workflow = compileUnit(project, unit);
    if (workflow === undefined) this.#kept.delete(unit.name);
    else this.#kept.set(unit.name, { request, files, workflow, tasks: tasks.of(workflow.tasks) });
    return workflow;
  }
}

function compileUnit(project: Project, unit: Unit): CompiledWorkflow | undefined {
  const { source, diagnostics } = project;
  const earlier = diagnostics.reports;
  const flow = parseFlow(source, diagnostics, unit.path, unit.function);
  if (flow === undefined) return undefined;
  const events = project.workflows && new Set(unit.events);
  const { entry, names } = lowerFlow(project, flow, unit.parameters, events);
  if (diagnostics.reports > earlier) return undefined;
  fold(entry, names);
  const emitted = emit(entry);
  const machine: StateMachine = {
    Comment: `${unit.name}: ${unit.path}#${unit.function}`,
    QueryLanguage: "JSONata",
    ...(unit.timeoutSeconds === undefined ? {} : { TimeoutSeconds: unit.timeoutSeconds }),
    ...emitted.branch,
  };
  reportProblems(diagnostics, source, flow, machine, emitted);
  if (diagnostics.reports > earlier) return undefined;
  const calls = [...emitted.origins.values()].filter((node) => node.kind === "call");
  return {
    name: unit.name,
    machine,
    sourceMap: sourceMapOf(emitted),
    tasks: tasksOf(calls),
    functions: [...new Set(calls.map(({ callee }) => functionOf(callee)))],
    children: childrenOf(calls),
    plan: planOf(entry),
  };
}

/** What the verifier finds, at the statement that the state is made of. */
function reportProblems(
  diagnostics: Diagnostics,
  source: Source,
  flow: Flow,
  machine: StateMachine,
  emitted: Emitted,
): void {
  const file = source.file(flow.path);
  for (const { state, kind, message, measure } of verify(machine)) {
    const offset = emitted.origins.get(state ?? "")?.offset ?? flow.declaration.getStart(file);
    const [mistake, detail] =
      kind === "rule"
        ? (["refused", `${state ?? "the machine"}: ${message}`] as const)
        : ([MEASURED[kind], String(measure)] as const);
    diagnostics.reportAt(mistake, flow.path, file, offset, detail);
  }
}

const MEASURED = { depth: "tooDeep", size: "tooLarge" } as const;

function sourceMapOf({ origins }: Emitted): SourceMap {
  return Object.fromEntries([...origins].map(([state, node]) => [state, node.at]));
}

/** The tasks that the machine calls, each once, in the order of the source. */
function tasksOf(calls: readonly CallNode[]): TaskReference[] {
  const found = new Map<string, TaskReference>();
  for (const { callee } of calls) {
    if (callee.kind !== "task" || isBuiltIn(callee.task)) continue;
    const { name, file, export: constant, domain } = callee.task;
    found.set(`${file}#${constant}`, { name, file, export: constant, domain });
  }
  return [...found.values()];
}

function childrenOf(calls: readonly CallNode[]): ChildReference[] {
  return calls.flatMap(({ callee, at }) =>
    callee.kind === "child" ? [{ workflow: callee.workflow, waits: callee.waits, at }] : [],
  );
}
