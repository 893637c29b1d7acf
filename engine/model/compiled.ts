import type { StateMachine } from "./machine.ts";

/** A task that a machine calls: where it is declared and the domain whose Lambda function runs it. */
export interface TaskReference {
  /** The task's name on the wire. */
  readonly name: string;
  /** `functions/git/tasks.ts` */
  readonly file: string;
  /** The exported constant. */
  readonly export: string;
  /** The folder under `functions/`; also the substitution `${git}` in the definition. */
  readonly domain: string;
}

/** A workflow that a machine starts as a child of its run. */
export interface ChildReference {
  readonly workflow: string;
  /** The machine waits for the child's end. */
  readonly waits: boolean;
  /** `functions/git/flows.ts:31` */
  readonly at: string;
}

/** State name → source position, `functions/git/flows.ts:31`; the states' own `Comment` says the same. */
export type SourceMap = { readonly [state: string]: string };

/** How much a run counts; what nothing in the source bounds is absent. */
export interface Range {
  readonly min: number;
  /** No error is caught, each choice goes its dearest way, and loops turn as often as `@items` and `@turns` call typical. */
  readonly typical?: number | undefined;
  readonly max?: number | undefined;
}

/** What repeats, and how often by the schemas and the comments of the source. */
export interface LoopBound {
  /** `functions/git/flows.ts:31` */
  readonly at: string;
  readonly kind: "map" | "loop";
  readonly typical?: number;
  readonly max?: number;
}

/**
 * What a run counts that ends by itself: retries come on top, and an error that nothing catches ends it before. What
 * it takes to submit the run and to settle its end is not in it.
 */
export interface Plan {
  readonly transitions: Range;
  /** Events of the history, its first and last among them. */
  readonly events: Range;
  /** Item writes of states: tags that the flow adds, and locks. */
  readonly writes: Range;
  /** Calls of Lambda functions, by substitution. */
  readonly calls: { readonly [name: string]: Range };
  /** Child runs that are started, by workflow. */
  readonly children: { readonly [workflow: string]: Range };
  readonly loops: readonly LoopBound[];
}

export interface CompiledWorkflow {
  readonly name: string;
  /** The machine with a substitution `${<function>}` wherever a Lambda function is named. */
  readonly machine: StateMachine;
  readonly sourceMap: SourceMap;
  readonly tasks: readonly TaskReference[];
  /** Every substitution in the machine: the domains of its tasks, and of Millrace's own functions those it calls. */
  readonly functions: readonly string[];
  readonly children: readonly ChildReference[];
  readonly plan: Plan;
}

/** A mistake of a user, collected and shown all at once. Lines and columns count from 1. */
export interface Diagnostic {
  /** `MR` and three digits, stable. */
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The rewrite to use. */
  readonly fix: string;
  /** The source line as it stands. */
  readonly source: string;
}

export interface CompiledCatalogue {
  readonly workflows: readonly CompiledWorkflow[];
  readonly diagnostics: readonly Diagnostic[];
}

export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { code, file, line, column, message, fix, source } = diagnostic;
  const caret = `${" ".repeat(Math.max(0, column - 1 - (source.length - source.trimStart().length)))}^`;
  return `${file}:${line}:${column} ${code} ${message}\n    ${source.trim()}\n    ${caret}\n    ${fix}`;
}
