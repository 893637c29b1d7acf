import { byteLength, type JsonObject } from "../model/json.ts";
import type { StateMachine } from "../model/machine.ts";
import { BUILTINS } from "./variable-names.ts";
import { expressionFacts } from "./verify-expression.ts";
import { type Field, fieldProblems, fieldsOf, objects, stringOf } from "./verify-fields.ts";
import { type Scope, assignedBefore, assignedIn, branchesOf, scopeOf, waysOf } from "./verify-variables.ts";

/** What Step Functions would refuse, at definition or when a run gets there. */
export interface Problem {
  /** Absent where it is the whole machine. */
  readonly state?: string;
  readonly kind: "depth" | "size" | "rule";
  readonly message: string;
  /** Levels or bytes. */
  readonly measure?: number;
}

const DEEPEST = 80;
const LARGEST = 1_048_576;
const LONGEST_NAME = 80;

/** Which fields of `$states` a place may read. */
const READABLE: { readonly [place in Field["place"]]: readonly string[] } = {
  entry: ["input", "context"],
  token: ["input", "context", "context.Task"],
  exit: ["input", "context", "result"],
  catch: ["input", "context", "errorOutput"],
  item: ["input", "context", "context.Map"],
};

/** Everything that is wrong with a machine: what the public validators find, and what they do not. */
export function verify(machine: StateMachine): readonly Problem[] {
  const problems: Problem[] = [];
  const size = byteLength(machine);
  if (size > LARGEST) problems.push({ kind: "size", message: `it has ${size} bytes`, measure: size });
  verifyScope(scopeOf(machine as unknown as JsonObject), new Set(), new Set(), new Set(), problems);
  return problems;
}

function verifyScope(
  scope: Scope,
  assigned: ReadonlySet<string>,
  outer: ReadonlySet<string>,
  names: Set<string>,
  problems: Problem[],
): void {
  const rule = (message: string, state?: string): void => {
    problems.push({ kind: "rule", message, ...(state === undefined ? {} : { state }) });
  };
  const own = assignedIn(scope);
  const before = assignedBefore(scope, assigned);
  if (!scope.states.has(scope.startAt)) rule(`it starts at ${scope.startAt}, which is missing`);
  if (![...scope.states].some(([name, state]) => before.has(name) && isTerminal(state))) rule("no state ends it");
  for (const name of own) {
    if (outer.has(name)) rule(`variable ${name} is assigned here and around it`, scope.startAt);
    if (BUILTINS.has(name)) rule(`variable ${name} hides the function of that name`, scope.startAt);
  }
  for (const [name, state] of scope.states) {
    const known = before.get(name);
    if (names.has(name)) rule("a second state has its name", name);
    names.add(name);
    if (name.length > LONGEST_NAME) rule(`its name has ${name.length} characters, allowed are ${LONGEST_NAME}`, name);
    if (known === undefined) rule("no way leads to it", name);
    for (const { to } of waysOf(state)) if (!scope.states.has(to)) rule(`it leads to ${to}, which is missing`, name);
    for (const problem of [...fieldProblems(state), ...shapeProblems(state)]) rule(problem, name);
    for (const field of fieldsOf(state)) verifyField(field, name, known ?? own, problems);
    for (const branch of branchesOf(state)) {
      verifyScope(scopeOf(branch), known ?? assigned, outer.union(own), names, problems);
    }
  }
}

function isTerminal(state: JsonObject): boolean {
  return state["End"] === true || state["Type"] === "Succeed" || state["Type"] === "Fail";
}

function shapeProblems(state: JsonObject): string[] {
  const problems: string[] = [];
  const type = stringOf(state["Type"]);
  const goesOn = typeof state["Next"] === "string";
  if (type === "Choice") {
    if (state["Default"] === undefined) problems.push("it has no Default, so a run may find no way on");
    if (objects(state["Choices"]).length === 0) problems.push("it has no rules");
    if (objects(state["Choices"]).some((rule) => rule["Condition"] === undefined))
      problems.push("a rule has no Condition");
  } else if (!isTerminal(state) && !goesOn) problems.push("it has neither Next nor End");
  if (goesOn && state["End"] === true) problems.push("it has both Next and End");
  for (const key of ["Retry", "Catch"]) {
    const handlers = objects(state[key]);
    handlers.forEach((handler, at) => {
      const errors = Array.isArray(handler["ErrorEquals"]) ? handler["ErrorEquals"] : [];
      if (errors.length === 0) problems.push(`${key} ${at} names no error`);
      if (!errors.includes("States.ALL")) return;
      if (errors.length > 1 || at < handlers.length - 1) problems.push(`States.ALL in ${key} is not alone and last`);
    });
  }
  return problems;
}

function verifyField(
  { path, text, place }: Field,
  state: string,
  known: ReadonlySet<string>,
  problems: Problem[],
): void {
  const rule = (message: string): void => void problems.push({ kind: "rule", state, message: `${path}: ${message}` });
  if (!text.startsWith("{%") || !text.endsWith("%}")) return rule("`{%` and `%}` stand at one end only");
  const facts = expressionFacts(text.slice(2, -2));
  facts.problems.forEach(rule);
  for (const field of facts.fields) {
    if (!READABLE[place].includes(field)) rule(`$states.${field} cannot be read here`);
  }
  for (const variable of facts.variables) {
    if (!known.has(variable)) rule(`variable ${variable} may not be assigned yet`);
  }
  if (facts.depth > DEEPEST) {
    problems.push({ kind: "depth", state, message: `${path} nests ${facts.depth} levels deep`, measure: facts.depth });
  }
}
