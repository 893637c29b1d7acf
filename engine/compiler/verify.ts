import { isJsonObject, type JsonObject } from "../model/json.ts";
import type { StateMachine } from "../model/machine.ts";
import { BUILTINS } from "./variable-names.ts";
import { definitionProblems, type Refusal } from "./verify-definition.ts";
import { expressionFacts } from "./verify-expression.ts";
import { fieldsOf, READABLE, type Field } from "./verify-fields.ts";
import { assignedBefore, assignedIn, branchesOf, scopeOf, type Scope } from "./verify-variables.ts";

/** What Step Functions would refuse, at definition or when a run gets there. */
export interface Problem extends Omit<Refusal, "kind"> {
  readonly kind: "depth" | "size" | "rule";
}

const DEEPEST = 80;

/** Everything that is wrong with a machine: what Step Functions would refuse, and what would fail a run. */
export function verify(machine: StateMachine): readonly Problem[] {
  const definition = machine as unknown as JsonObject;
  const problems: Problem[] = [...definitionProblems(definition)];
  verifyScope(scopeOf(definition), new Set(), new Set(), problems);
  return problems;
}

function verifyScope(
  scope: Scope,
  assigned: ReadonlySet<string>,
  outer: ReadonlySet<string>,
  problems: Problem[],
): void {
  const rule = (message: string, state: string): void => void problems.push({ kind: "rule", message, state });
  const own = assignedIn(scope);
  const before = assignedBefore(scope, assigned);
  for (const name of own) {
    if (outer.has(name)) rule(`variable ${name} is assigned here and around it`, scope.startAt);
    if (BUILTINS.has(name)) rule(`variable ${name} hides the function of that name`, scope.startAt);
  }
  for (const [name, state] of scope.states) {
    const known = before.get(name);
    if (known === undefined) rule("no way leads to it from the start", name);
    if (state["Type"] === "Choice" && state["Default"] === undefined) {
      rule("it has no Default, so a run may find no way on", name);
    }
    for (const field of fieldsOf(state)) verifyField(field, name, known ?? own, problems);
    for (const branch of branchesOf(state)) {
      verifyScope(scopeOf(branch), isDistributed(state) ? new Set() : (known ?? assigned), outer.union(own), problems);
    }
  }
}

/** The items of a distributed Map read no variables around it. */
function isDistributed({ ItemProcessor: processor = null }: JsonObject): boolean {
  const config = isJsonObject(processor) ? (processor["ProcessorConfig"] ?? null) : null;
  return isJsonObject(config) && config["Mode"] === "DISTRIBUTED";
}

function verifyField(
  { path, text, place }: Field,
  state: string,
  known: ReadonlySet<string>,
  problems: Problem[],
): void {
  const rule = (message: string): void => void problems.push({ kind: "rule", state, message: `${path}: ${message}` });
  const facts = expressionFacts(text.slice(2, -2));
  facts.doubts.forEach(rule);
  for (const field of ["context.Map", "context.Task"]) {
    if (facts.fields.has(field) && !READABLE[place].includes(field)) rule(`$states.${field} cannot be read here`);
  }
  for (const variable of facts.variables) {
    if (!known.has(variable)) rule(`variable ${variable} may not be assigned yet`);
  }
  if (facts.depth > DEEPEST) {
    problems.push({ kind: "depth", state, message: `${path} nests ${facts.depth} levels deep`, measure: facts.depth });
  }
}
