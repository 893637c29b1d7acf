import type { Json, JsonObject } from "../../model/json.ts";
import { append, FUNCTIONS, item, member, OPERATORS, SLOW, truthy, type Value } from "./fast-values.ts";
import type { Evaluation } from "./expression.ts";

/** A node of the syntax tree that `jsonata(text).ast()` gives. */
export interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly [part: string]: unknown;
}

/** The value, `undefined` for JSONata's nothing. @throws SLOW where only `jsonata` knows */
export type Fast = (evaluation: Evaluation) => Value;

/** The parts of a node that are understood here; a node with any other part is left to `jsonata`. */
const PARTS: { readonly [type: string]: readonly string[] } = {
  path: ["steps"],
  variable: ["predicate"],
  block: ["expressions", "predicate"],
  string: [],
  number: [],
  value: [],
  name: [],
  binary: ["lhs", "rhs"],
  unary: ["expression", "expressions", "lhs"],
  condition: ["condition", "then", "else"],
  function: ["arguments", "procedure"],
  bind: ["lhs", "rhs"],
};

/** A synchronous form of an expression whose shape allows one: no context item, no lambda, no step over an array. */
export function compileFast(node: Node): Fast | undefined {
  if (!isPlain(node)) return undefined;
  const whole = COMPILERS[node.type]?.(node);
  const [predicate, second] = (node["predicate"] ?? []) as readonly { readonly expr: Node }[];
  if (second !== undefined) return undefined; // it does not index what the first gives
  return predicate === undefined ? whole : whole && compileIndex(whole, predicate.expr);
}

const COMMON_PARTS = ["type", "value", "position"];

function isPlain(node: Node): boolean {
  const parts = PARTS[node.type] ?? [];
  return Object.keys(node).every(
    (part) => node[part] === undefined || COMMON_PARTS.includes(part) || parts.includes(part),
  );
}

const COMPILERS: { readonly [type: string]: (node: Node) => Fast | undefined } = {
  string: compileLiteral,
  number: compileLiteral,
  value: compileLiteral,
  variable: compileVariable,
  path: compilePath,
  block: compileBlock,
  condition: compileCondition,
  binary: compileBinary,
  unary: compileUnary,
  function: compileFunction,
};

function compileAll(nodes: readonly Node[]): readonly Fast[] | undefined {
  const compiled = nodes.map(compileFast);
  return compiled.every((fast) => fast !== undefined) ? compiled : undefined;
}

function compileLiteral(node: Node): Fast {
  const value = node.value as Json;
  return () => value;
}

/** `$states` as a whole is left to `jsonata`: reading EnteredTime of it must be noticed. */
function compileVariable({ value }: Node): Fast | undefined {
  const name = value as string;
  if (name === "states" || name === "") return undefined;
  return ({ variables }) => {
    if (name in variables) return variables[name];
    throw SLOW;
  };
}

/** Paths that end at the part of `$states` whose reading must be noticed member by member. */
const WHOLE_CONTEXT = ["context", "context.State"];

const PATH_STARTS = ["variable", "block", "function"];

function compilePath(node: Node): Fast | undefined {
  const [first, ...rest] = node["steps"] as readonly Node[];
  if (first === undefined || !rest.every((step) => step.type === "name" && isPlain(step))) return undefined;
  const keys = rest.map((step) => step.value as string);
  if (first.type === "variable" && first.value === "states" && first["predicate"] === undefined) {
    if (!isPlain(first) || WHOLE_CONTEXT.includes(keys.join("."))) return undefined;
    return ({ states }) => keys.reduce<Value>(member, states);
  }
  const start = PATH_STARTS.includes(first.type) ? compileFast(first) : undefined;
  return start && ((evaluation) => keys.reduce(member, start(evaluation)));
}

function compileIndex(items: Fast, position: Node): Fast | undefined {
  const at = compileFast(position);
  return at && ((evaluation) => item(items(evaluation), at(evaluation)));
}

/** `($v := …; …)`: what is bound is seen by the rest of the block alone. */
function compileBlock(node: Node): Fast | undefined {
  const nodes = node["expressions"] as readonly Node[];
  const names = nodes.map((part) => (part.type === "bind" ? ((part["lhs"] as Node).value as string) : undefined));
  const parts = compileAll(nodes.map((part) => (part.type === "bind" && isPlain(part) ? (part["rhs"] as Node) : part)));
  if (parts === undefined || parts.length === 0 || names.includes("states")) return undefined;
  if (parts.length === 1 && names[0] === undefined) return parts[0];
  return (evaluation) => {
    const variables = Object.create(evaluation.variables) as { [name: string]: Json };
    const inner = { ...evaluation, variables };
    let last: Value;
    parts.forEach((part, index) => {
      last = part(inner);
      const name = names[index];
      if (name !== undefined) variables[name] = last as Json;
    });
    return last;
  };
}

function compileCondition(node: Node): Fast | undefined {
  const parts = compileAll([node["condition"], node["then"], ...("else" in node ? [node["else"]] : [])] as Node[]);
  if (parts === undefined) return undefined;
  const [condition, then, otherwise] = parts as readonly [Fast, Fast, Fast?];
  return (evaluation) => (truthy(condition(evaluation)) ? then(evaluation) : otherwise?.(evaluation));
}

function compileBinary(node: Node): Fast | undefined {
  const sides = compileAll([node["lhs"], node["rhs"]] as Node[]);
  if (sides === undefined) return undefined;
  const [left, right] = sides as readonly [Fast, Fast];
  if (node.value === "and") return (evaluation) => truthy(left(evaluation)) && truthy(right(evaluation));
  if (node.value === "or") return (evaluation) => truthy(left(evaluation)) || truthy(right(evaluation));
  const operate = OPERATORS[node.value as string];
  return operate && ((evaluation) => operate(left(evaluation), right(evaluation)));
}

function compileUnary(node: Node): Fast | undefined {
  if (node.value === "[") return compileArray(node["expressions"] as readonly Node[]);
  if (node.value === "{") return compileObject(node["lhs"] as readonly (readonly [Node, Node])[]);
  const minus = OPERATORS["-"];
  const operand = compileFast(node["expression"] as Node);
  return operand && minus && ((evaluation) => minus(0, operand(evaluation)));
}

/** An array among the values gives its items, unless it is written as a constructor itself. */
function compileArray(nodes: readonly Node[]): Fast | undefined {
  const parts = compileAll(nodes);
  return (
    parts &&
    ((evaluation) =>
      parts.reduce<Json[]>((items, part, index) => {
        const value = part(evaluation);
        if (value === undefined) return items;
        return nodes[index]?.value === "[" ? [...items, value] : (append(items, value) as Json[]);
      }, []))
  );
}

function compileObject(pairs: readonly (readonly [Node, Node])[]): Fast | undefined {
  const keys = pairs.map(([key]) => key.value as string);
  const areDistinct = new Set(keys).size === keys.length && !keys.includes("__proto__");
  const values = compileAll(pairs.map(([, value]) => value));
  if (values === undefined || !areDistinct || !pairs.every(([key]) => key.type === "string")) return undefined;
  return (evaluation) => {
    const object: JsonObject = {};
    keys.forEach((key, index) => {
      const value = values[index]?.(evaluation);
      if (value !== undefined) object[key] = value;
    });
    return object;
  };
}

function compileFunction(node: Node): Fast | undefined {
  const procedure = node["procedure"] as Node;
  const name = procedure.value as string;
  const known = procedure.type === "variable" && Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  const given = compileAll(node["arguments"] as readonly Node[]);
  if (known === undefined || given?.length !== known.arity || procedure["predicate"] !== undefined) return undefined;
  return (evaluation) => {
    if (name in evaluation.variables) throw SLOW;
    return known.call(...given.map((argument) => argument(evaluation)));
  };
}
