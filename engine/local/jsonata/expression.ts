import jsonata from "jsonata";
import type { Json, JsonObject } from "../../model/json.ts";
import { compileFast, type Node } from "./fast.ts";
import { SLOW } from "./fast-values.ts";
import { ADDED_FUNCTIONS, addedFunction } from "./functions.ts";
import { plainJson } from "./plain.ts";
import type { Chance } from "../machine/chance.ts";
import { queryFailure } from "../machine/failure.ts";

/** What an expression reads. */
export interface Evaluation {
  /** Without a prototype, or inheriting from the variables of the scope around. */
  readonly variables: { readonly [name: string]: Json };
  /** `$states` */
  readonly states: JsonObject;
  readonly chance: Chance;
}

/** @throws StateFailed `States.QueryEvaluationError`; a promise may reject with it */
export type Compiled = (evaluation: Evaluation) => Json | Promise<Json>;

const EXPRESSION = /^\{%([^]*)%\}$/;

/** The JSONata between `{%` and `%}`, or nothing where the string is a plain one. */
export function expressionIn(text: string): string | undefined {
  return EXPRESSION.exec(text)?.[1];
}

/**
 * Prepares an expression: simple shapes run in one synchronous call; whatever those cannot decide runs in `jsonata`.
 * `where` names state and field in messages. @throws Error where the text is no JSONata
 */
export function compileExpression(text: string, where: string): Compiled {
  const parsed = parse(text, where);
  const ast = parsed.ast() as unknown as Node;
  const slow = compileSlow(parsed, ast, text, where);
  const fast = compileFast(ast);
  if (fast === undefined) return slow;
  return (evaluation) => {
    try {
      const value = fast(evaluation);
      return value === undefined ? slow(evaluation) : value;
    } catch (thrown) {
      if (thrown !== SLOW) throw thrown;
      return slow(evaluation);
    }
  };
}

function parse(text: string, where: string): jsonata.Expression {
  try {
    return jsonata(text);
  } catch (thrown) {
    throw new Error(`${where}: ${JSON.stringify(text)} is not JSONata: ${describe(thrown)}`, { cause: thrown });
  }
}

function compileSlow(expression: jsonata.Expression, ast: Node, text: string, where: string): Compiled {
  const names = [...variablesIn(ast)];
  return async (evaluation) => {
    let value: unknown;
    try {
      value = await expression.evaluate(undefined, bind(names, evaluation));
      if (value !== undefined) return plainJson(value);
    } catch (thrown) {
      throw queryFailure(`${where}: the expression ${JSON.stringify(text.trim())} failed: ${describe(thrown)}`);
    }
    throw queryFailure(`${where}: the expression ${JSON.stringify(text.trim())} gave nothing`);
  };
}

/** Only what the expression names: a variable of the flow hides a function of the same name. */
function bind(names: readonly string[], { variables, states, chance }: Evaluation): Record<string, unknown> {
  let moment: number | undefined;
  const bindings: Record<string, unknown> = {};
  for (const name of names) {
    const added = ADDED_FUNCTIONS.find((known) => known === name);
    if (name === "states") bindings[name] = states;
    else if (name in variables) bindings[name] = variables[name];
    else if (added !== undefined) bindings[name] = addedFunction(added, chance, () => (moment ??= chance.now()));
  }
  return bindings;
}

function variablesIn(node: unknown, names = new Set<string>()): Set<string> {
  if (typeof node !== "object" || node === null) return names;
  const { type, value } = node as { type?: unknown; value?: unknown };
  if (type === "variable" && typeof value === "string") names.add(value);
  for (const part of Object.values(node)) variablesIn(part, names);
  return names;
}

/** `jsonata` throws plain objects. */
function describe(thrown: unknown): string {
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  return [code, message].filter((part) => typeof part === "string").join(": ");
}
