import jsonata from "jsonata";
import { BUILTINS } from "./variable-names.ts";

/** What one JSONata expression reads and needs, or why it cannot be one. */
export interface ExpressionFacts {
  /** Why Step Functions would refuse it. */
  readonly problems: readonly string[];
  /** What Step Functions takes, and we do not write. */
  readonly doubts: readonly string[];
  /** Variables of the machine; those of the expression's own blocks and functions apart. */
  readonly variables: ReadonlySet<string>;
  /** Fields of `$states`: `input`, `result`, `errorOutput`, `context`, and `context.Map` for an item. */
  readonly fields: ReadonlySet<string>;
  /** Levels of nesting; Step Functions fails at about 100. */
  readonly depth: number;
}

interface Ast {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly Ast[];
  readonly [part: string]: unknown;
}

/** Parsing costs most of a verification, and the states of a catalogue say the same again and again. */
const known = new Map<string, ExpressionFacts>();
const KNOWN_AT_MOST = 10_000;

/** @param text What stands between `{%` and `%}`. */
export function expressionFacts(text: string): ExpressionFacts {
  const facts = known.get(text) ?? factsOf(text);
  if (known.size === KNOWN_AT_MOST) known.clear();
  known.set(text, facts);
  return facts;
}

function factsOf(text: string): ExpressionFacts {
  const facts = {
    problems: [] as string[],
    doubts: [] as string[],
    variables: new Set<string>(),
    fields: new Set<string>(),
    depth: 0,
  };
  let ast: Ast;
  try {
    ast = jsonata(text).ast() as unknown as Ast;
  } catch (error) {
    const message = (error as { readonly message?: string }).message ?? "not JSONata";
    return { ...facts, problems: [`\`${text.trim()}\` does not parse as JSONata 2.0.6: ${message}`] };
  }
  const visit = (node: Ast, locals: ReadonlySet<string>, context: boolean): number => {
    if (node.type === "variable") readVariable(node.value as string, locals, context);
    if (node.type === "regex") facts.doubts.push("a regular expression, which engines read differently");
    if (node.type === "path") {
      const steps = 1 + visitPath(node.steps ?? [], locals, context);
      return Math.max(steps, ...givenItems(node).map((child) => 1 + visit(child, locals, true)));
    }
    if (node.type === "name" && !context) facts.problems.push(`\`${String(node.value)}\` has no object before it`);
    if (node.type === "lambda") {
      const own = (node["arguments"] as Ast[]).map((argument) => argument.value as string);
      return 1 + visit(node["body"] as Ast, new Set([...locals, ...own]), context);
    }
    if (node.type === "block") {
      const inner = new Set(locals);
      const depths = (node["expressions"] as Ast[]).map((part) => {
        if (part.type !== "bind") return visit(part, inner, context);
        const depth = visit(part["rhs"] as Ast, inner, context);
        inner.add((part["lhs"] as Ast).value as string);
        return 1 + depth;
      });
      return 1 + Math.max(0, ...depths);
    }
    const given = givenItems(node);
    return 1 + Math.max(0, ...childrenOf(node).map((child) => visit(child, locals, context || given.includes(child))));
  };
  const readVariable = (name: string, locals: ReadonlySet<string>, context: boolean): void => {
    if (name === "$" || (name === "" && !context)) {
      facts.problems.push(`\`$${name}\` reads a context that a state does not have`);
    } else if (name === "") return;
    else if (name === "states") facts.doubts.push("`$states` is read as a whole: name its field");
    else if (!locals.has(name) && !BUILTINS.has(name)) facts.variables.add(name);
  };
  const visitPath = (steps: readonly Ast[], locals: ReadonlySet<string>, context: boolean): number => {
    const [first, second, third] = steps;
    const isStates = first?.type === "variable" && first.value === "states" && second?.type === "name";
    if (isStates) facts.fields.add(String(second.value));
    if (isStates && second.value === "context" && (third?.value === "Map" || third?.value === "Task")) {
      facts.fields.add(`context.${third.value}`);
    }
    return Math.max(
      ...steps.map((step, at) => {
        if (at > 0 && step.type === "name")
          return 1 + Math.max(0, ...childrenOf(step).map((child) => visit(child, locals, true)));
        return isStates && at === 0 ? 1 : visit(step, locals, context || at > 0);
      }),
    );
  };
  facts.depth = visit(ast, new Set(), false);
  return facts;
}

/** The parts of a node that an item is at hand for: its filters, its grouping, its order, what a transformation does. */
function givenItems(node: Ast): Ast[] {
  const own = node.type === "transform" ? ["pattern", "update", "delete"] : [];
  return ["predicate", "stages", "group", "terms", ...own].flatMap((part) => (part in node ? nodesIn(node[part]) : []));
}

function childrenOf(node: Ast): Ast[] {
  return Object.entries(node).flatMap(([key, value]) => (SIDE_PARTS.includes(key) ? [] : nodesIn(value)));
}

const SIDE_PARTS = ["ancestor", "seekingParent"];

/** The nodes in a part of one, those in them apart; a grouping is an object without a type. */
function nodesIn(value: unknown): Ast[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== "object" || value === null) return [];
  return "type" in value ? [value as Ast] : "lhs" in value ? nodesIn(value.lhs) : [];
}
