import ts from "typescript";
import type { AcquireCallee } from "./callee.ts";
import type { Diagnostics } from "./diagnostics.ts";
import type { Expression } from "./expression.ts";
import type { Handler, GraphBuilder, OpenEnd } from "./graph-builder.ts";
import type { CallNode, Position } from "./graph.ts";
import type { Source } from "./source.ts";
import { type TaskDeclaration, readTask } from "./task-declaration.ts";
import type { VariableNames } from "./variable-names.ts";

/** What a name of the source stands for: a value, or an error that a `catch` caught. */
export type Binding = { readonly value: Expression } | { readonly caught: Handler };

/** The ways that leave a loop's turn: out of the loop, and on to the next turn. */
export interface Loop {
  breaks: readonly OpenEnd[];
  continues: readonly OpenEnd[];
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
  readonly loop: Loop | undefined;
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
  readonly names: VariableNames;
  readonly builder: GraphBuilder;
  readonly bindings: Map<ts.Symbol, Binding>;
  /** The index of each loop around, outermost first. */
  readonly indices: readonly Expression[];
  readonly handler: Handler | undefined;
  /** An error that leaves this turn of a Map is caught around the Map. */
  readonly caughtOutside: boolean;
  readonly loop: Loop | undefined;
  readonly held: Held | undefined;
  /** What makes it uncertain that this place is reached; a call cannot stand in it. */
  readonly conditional: string | undefined;
}

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

  entries(): Iterable<readonly [ts.CallExpression, TaskDeclaration]> {
    return this.#read.entries();
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
export function caughtBy(at: Lowering, node: ts.Expression): Handler | undefined {
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
