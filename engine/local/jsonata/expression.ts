import jsonata from "jsonata";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Chance } from "../machine/chance.ts";
import { queryFailure } from "../machine/failure.ts";
import { bound, mayPassLimits, newCount } from "./bounds.ts";
import { adapt } from "./dialect.ts";
import { compileFast, type Node } from "./fast.ts";
import { SLOW } from "./fast-values.ts";
import { ADDED_FUNCTIONS, addedFunction } from "./functions.ts";
import { NOT_JSON, plainJson } from "./plain.ts";

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

/** How Step Functions begins what it says of an expression. `field` is as in `Output/total`. */
export function expressionNamed(text: string, field: string): string {
  return `The JSONata expression '${text.trim()}' specified for the field '${field}'`;
}

/**
 * Prepares an expression: simple shapes run in one synchronous call; whatever those cannot decide runs in `jsonata`.
 * @throws Error where the text is no JSONata
 */
export function compileExpression(text: string, field: string): Compiled {
  const parsed = parse(text, field);
  const ast = parsed.ast() as unknown as Node;
  const isBounded = mayPassLimits(ast);
  const fast = isBounded ? undefined : compileFast(ast);
  const slow = compileSlow(parsed, isBounded, expressionNamed(text, field));
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

function parse(text: string, field: string): jsonata.Expression {
  try {
    return jsonata(text);
  } catch (thrown) {
    const { code, message } = readError(thrown);
    throw new Error(`field ${field}: ${JSON.stringify(text)} is not JSONata: ${code}: ${message}`, { cause: thrown });
  }
}

function compileSlow(expression: jsonata.Expression, isBounded: boolean, named: string): Compiled {
  const names = [...variablesIn(expression.ast())];
  adapt(expression);
  if (isBounded) bound(expression);
  return async (evaluation) => {
    const bindings = bind(names, evaluation);
    const value: unknown = await expression
      .evaluate(undefined, isBounded ? { ...bindings, ...newCount() } : bindings)
      .catch((thrown: unknown) => {
        const { code, message } = readError(thrown);
        const said = code === "" ? `: ${message}` : `. ${code}: ${message}`;
        throw queryFailure(`${named} threw an error during evaluation${said}`);
      });
    if (value === undefined) throw queryFailure(`${named} returned nothing (undefined).`);
    try {
      return plainJson(value);
    } catch (thrown) {
      if (thrown !== NOT_JSON) throw thrown;
      throw queryFailure(`${named} returned an unsupported result type.`);
    }
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
function readError(thrown: unknown): { readonly code: string; readonly message: string } {
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  return { code: typeof code === "string" ? code : "", message: typeof message === "string" ? message : "" };
}
