import ts from "typescript";
import type { ParameterField } from "../model/schema.ts";
import type { TaskReference } from "../model/compiled.ts";
import type { AcquireCallee } from "./callee.ts";
import type { Diagnostics } from "./diagnostics.ts";
import type { Thrown } from "./error-class.ts";
import { type Expression, readVariables } from "./expression.ts";
import type { Handler, GraphBuilder, OpenEnd } from "./graph-builder.ts";
import type { CallNode, Position } from "./graph.ts";
import type { Source } from "./source.ts";
import { type TaskDeclaration, readTask } from "./task-declaration.ts";
import type { VariableNames } from "./variable-names.ts";

/** What a name of the source stands for: a value, a variable that is assigned again, or an error that was caught. */
export type Binding = { readonly value: Expression } | LetBinding | { readonly caught: Thrown };

export interface LetBinding {
  readonly kind: "let";
  readonly variable: string;
  /** Of the function or body that it belongs to, and may be assigned in. */
  readonly depth: number;
  /** A read of the variable. */
  readonly value: Expression;
}

/** What `break` and `continue` lead to: a loop, a `switch`, or a block with a label. */
export interface Target {
  readonly labels: readonly string[];
  readonly leaving: Leaving | undefined;
  breaks: readonly OpenEnd[];
  /** Absent where it is no loop. */
  continues?: readonly OpenEnd[];
  /** Only `break` with its label leads out of it. */
  readonly isBlock?: true;
}

/** What has to be done on the way out of a block, whatever leads out of it: locks to release, a `finally` to run. */
export interface Leaving {
  readonly outer: Leaving | undefined;
  /** Where errors go outside of the block. */
  readonly handler: Handler | undefined;
  /** Does it on all open ways. */
  readonly leave: (position: Position) => void;
}

/** Where `return` leads: to the end of the flow, a turn or a branch, or back to the place that called the function. */
export type Exit = { readonly kind: "end" } | Caller;

export interface Caller {
  readonly kind: "caller";
  readonly leaving: Leaving | undefined;
  returns: readonly { readonly ends: readonly OpenEnd[]; readonly value: Expression }[];
}

/** Locks that are held where a flow stands, and what it takes to leave their block. */
export interface Held {
  readonly acquired: CallNode;
  readonly callee: AcquireCallee;
  /** What the source calls them. */
  readonly name: string;
  readonly locks: Expression;
  /** Those around the block. */
  readonly indices: readonly Expression[];
  readonly handler: Handler | undefined;
}

/** What all flows of one compilation share. */
export interface Project {
  readonly source: Source;
  readonly diagnostics: Diagnostics;
  readonly tasks: TaskTable;
  /** Names of the workflows that the catalogue lists; absent where a flow is compiled without one. */
  readonly workflows: ReadonlySet<string> | undefined;
}

/** What the lowering of one flow knows where it stands. Scopes are made by copying it with something replaced. */
export interface Lowering extends Project {
  readonly flow: ts.FunctionDeclaration;
  /** Names of those that the workflow lists; absent where a flow is compiled without a catalogue entry. */
  readonly events: ReadonlySet<string> | undefined;
  /** Of the workflow's schema; none where a flow is compiled without a catalogue entry. */
  readonly parameters: readonly ParameterField[];
  readonly names: VariableNames;
  readonly builder: GraphBuilder;
  readonly bindings: Map<ts.Symbol, Binding>;
  /** The index of each loop around, outermost first. */
  readonly indices: readonly Expression[];
  readonly handler: Handler | undefined;
  /** An error that leaves this turn of a Map is caught around the Map. */
  readonly caughtOutside: boolean;
  /** What `break` and `continue` can lead to, innermost last. */
  readonly targets: readonly Target[];
  readonly leaving: Leaving | undefined;
  readonly exit: Exit;
  /** 0 in the flow itself, 1 more in each function that is inlined, each turn of a Map and each branch. */
  readonly depth: number;
  /** The functions that stand inlined around this place. */
  readonly inlined: readonly ts.Node[];
  /** Names of the source that are assigned after their declaration. */
  readonly assigned: ReadonlySet<ts.Symbol>;
  /** The variables of the machine that are assigned again; all scopes share them. */
  readonly lets: Set<string>;
  readonly held: Held | undefined;
  /** Other branches or turns go on beside this place. */
  readonly sideBySide?: true;
  /** What makes it uncertain that this place is reached; a call cannot stand in it. */
  readonly conditional: string | undefined;
}

export type TaskEntries = Iterable<readonly [ts.CallExpression, TaskDeclaration]>;

/** The tasks of a catalogue, each read once. */
export class TaskTable {
  readonly #read = new Map<ts.CallExpression, TaskDeclaration>();

  get(source: Source, diagnostics: Diagnostics, call: ts.CallExpression): TaskDeclaration {
    const known = this.#read.get(call);
    if (known !== undefined) return known;
    const task = readTask(source, diagnostics, call);
    this.#read.set(call, task);
    return task;
  }

  entries(): TaskEntries {
    return this.#read.entries();
  }

  /** The declarations that some references name. */
  of(references: readonly TaskReference[]): TaskEntries {
    const named = new Set(references.map((reference) => `${reference.file}#${reference.export}`));
    return [...this.#read].filter(([, task]) => named.has(`${task.file}#${task.export}`));
  }

  /** Takes over what was read before, of files that have not changed. */
  adopt(entries: TaskEntries): void {
    for (const [call, task] of entries) this.#read.set(call, task);
  }
}

/** @param head What the node evaluates first: the calls in it come before the node itself. */
export function positionOf(source: Source, node: ts.Node, head?: ts.Node): Position {
  const file = node.getSourceFile();
  const offset = node.getStart(file);
  const line = file.getLineAndCharacterOfPosition(offset).line + 1;
  return { at: `${source.path(node)}:${line}`, offset: head?.getEnd() ?? offset };
}

/** The expression without parentheses and `satisfies`, which change no value. */
export function bare(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node) ? bare(node.expression) : node;
}

/** The error that an expression names, `error` or `(error as Error)`. */
export function caughtBy(at: Lowering, node: ts.Expression): Thrown | undefined {
  const inner = bare(node);
  if (ts.isAsExpression(inner)) return caughtBy(at, inner.expression);
  const binding = ts.isIdentifier(inner) ? bindingOf(at, inner) : undefined;
  return binding !== undefined && "caught" in binding ? binding.caught : undefined;
}

export function bindingOf(at: Lowering, node: ts.Identifier): Binding | undefined {
  const symbol = at.source.symbol(node);
  return symbol === undefined ? undefined : at.bindings.get(symbol);
}

export function bindName(at: Lowering, node: ts.Identifier, binding: Binding): void {
  const symbol = at.source.symbol(node);
  if (symbol !== undefined) at.bindings.set(symbol, binding);
}

/** Whether a value changes when some variable is assigned. */
export function readsLet(at: Lowering, value: Expression): boolean {
  return !readVariables(value, new Set()).isDisjointFrom(at.lets);
}

/** Does what has to be done on the way from here out to a place. Answers where errors go from there on. */
export function leaveTo(at: Lowering, outside: Leaving | undefined, position: Position): Handler | undefined {
  let { handler } = at;
  for (let one = at.leaving; one !== undefined && one !== outside && at.builder.reached; one = one.outer) {
    one.leave(position);
    handler = one.handler;
  }
  return handler;
}
