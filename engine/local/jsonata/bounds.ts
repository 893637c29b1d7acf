import type jsonata from "jsonata";
import type { Node } from "./fast.ts";
import { LimitPassed, memoryPassed } from "./jsonata-error.ts";

/** What Step Functions allows one evaluation. It gives it a second; here it is a number of steps, the same each time. */
const DEEPEST = 100;
const LONGEST = 2_000_000;
const LARGEST_BYTES = 6_990_256;
const NUMBER_BYTES = 8;

/** Where an evaluation finds its count. */
const COUNT = "\0count";

/** How deep and how far one evaluation is. */
interface Count {
  depth: number;
  steps: number;
}

interface Environment {
  lookup(name: string): Count;
  /** One of several that go on at the same time, whose depths do not add up. */
  readonly isParallelCall?: boolean;
}

/** Whether an expression could come near a limit: it nests, counts up, or names a function that may call itself. */
export function mayPassLimits(ast: Node): boolean {
  return (
    depthOf(ast) >= DEEPEST ||
    holds(ast, ({ type, value, rhs }) => {
      if (type === "binary" && value === "..") return true;
      return type === "bind" && (rhs as Node).type === "lambda";
    })
  );
}

/** Counts what an expression evaluates; `newCount` is to be bound anew for each evaluation. */
export function bound(expression: jsonata.Expression): void {
  watch(expression, "entry", (environment) => {
    const count = environment.lookup(COUNT);
    if (++count.steps > LONGEST) throw new LimitPassed("Expression evaluation timeout: Check for infinite loop");
    if (environment.isParallelCall !== true && ++count.depth > DEEPEST) throw new LimitPassed(STACK);
  });
  watch(expression, "exit", (environment, result) => {
    if (environment.isParallelCall !== true) environment.lookup(COUNT).depth--;
    if (isTooLarge(result)) throw memoryPassed();
  });
}

const STACK =
  "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive";

export function newCount(): { readonly [name: string]: Count } {
  return { [COUNT]: { depth: 0, steps: 0 } };
}

type Watcher = (environment: Environment, result: unknown) => void;

/** `jsonata` calls what it finds under these names before and after each node. */
function watch(expression: jsonata.Expression, moment: "entry" | "exit", watcher: Watcher): void {
  const called = (_node: unknown, _input: unknown, environment: Environment, result: unknown): void =>
    watcher(environment, result);
  expression.assign(Symbol.for(`jsonata.__evaluate_${moment}`) as unknown as string, called);
}

function isTooLarge(value: unknown): boolean {
  if (typeof value === "string") return value.length > LARGEST_BYTES;
  return Array.isArray(value) && value.length * NUMBER_BYTES > LARGEST_BYTES;
}

function depthOf(node: unknown): number {
  if (typeof node !== "object" || node === null) return 0;
  const inner = Math.max(0, ...Object.values(node).map(depthOf));
  return "type" in node ? inner + 1 : inner;
}

function holds(node: unknown, condition: (node: Node) => boolean): boolean {
  if (typeof node !== "object" || node === null) return false;
  return ("type" in node && condition(node as Node)) || Object.values(node).some((part) => holds(part, condition));
}
