import { byteLength, isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { expressionFacts } from "./verify-expression.ts";
import { fieldProblems, fieldsOf, isMachineField, isNeutral, objects, READABLE, stringOf } from "./verify-fields.ts";
import { handlerProblems } from "./verify-handlers.ts";
import { valueProblems } from "./verify-values.ts";
import { assignedOnTheWayTo, branchesOf, scopeOf, waysOf, type Scope } from "./verify-variables.ts";

/** Why Step Functions would refuse a definition when it is created. */
export interface Refusal {
  /** Absent where it is the whole machine. */
  readonly state?: string;
  readonly kind: "size" | "rule";
  readonly message: string;
  /** Bytes. */
  readonly measure?: number;
}

const LARGEST = 1_048_576;
const LONGEST_NAME = 80;

/** Everything for which Step Functions would refuse a definition, and whatever is in JSONPath. */
export function definitionProblems(definition: Json): readonly Refusal[] {
  if (!isJsonObject(definition)) return [{ kind: "rule", message: "a definition is a JSON object" }];
  const verifier = new DefinitionVerifier(definition["QueryLanguage"]);
  verifier.machine(definition);
  return verifier.problems;
}

class DefinitionVerifier {
  readonly problems: Refusal[] = [];
  readonly #language: Json | undefined;
  readonly #names = new Set<string>();
  readonly #labels = new Set<string>();
  #ends = false;
  #isJsonata = false;

  constructor(language: Json | undefined) {
    this.#language = language;
  }

  machine(definition: JsonObject): void {
    const size = byteLength(definition);
    if (size > LARGEST) this.problems.push({ kind: "size", message: `it has ${size} bytes`, measure: size });
    for (const key of Object.keys(definition)) {
      if (!isMachineField(key)) this.#say(`a state machine has no field ${key}`);
    }
    const { Version: version = "1.0", QueryLanguage: language = "JSONPath" } = definition;
    if (version !== "1.0") this.#say(`its Version is ${JSON.stringify(version)}, allowed is "1.0"`);
    if (!["JSONata", "JSONPath"].includes(language as string)) {
      this.#say(`its QueryLanguage is ${JSON.stringify(language)}, allowed is "JSONata"`);
    }
    valueProblems(definition).forEach((message) => this.#say(message));
    this.#scope(definition, undefined, new Set(), false);
    if (!this.#ends) this.#say("no state ends it");
    const isSilent = this.problems.length === 0 && !this.#isJsonata;
    if (isSilent) this.#say("it is in JSONPath: set QueryLanguage to JSONata");
  }

  #say(message: string, state?: string): void {
    this.problems.push({ kind: "rule", message, ...(state === undefined ? {} : { state }) });
  }

  #scope(branch: JsonObject, owner: string | undefined, outer: ReadonlySet<string>, isExpress: boolean): void {
    const { StartAt: start, States: states } = branch;
    if (typeof start !== "string") this.#say("it has no StartAt", owner);
    if (!isJsonObject(states)) return this.#say("it has no States", owner);
    const scope = scopeOf(branch);
    if (typeof start === "string" && !scope.states.has(start)) {
      this.#say(`it starts at ${start}, which is missing`, owner);
    }
    const targets = new Set([...scope.states.values()].flatMap((state) => waysOf(state).map(({ to }) => to)));
    for (const [name, state] of Object.entries(states)) {
      if (!isJsonObject(state)) this.#say("it is no object", name);
      else {
        if (name !== start && !targets.has(name)) this.#say("no way leads to it", name);
        this.#state(name, state, scope, outer, isExpress);
      }
    }
  }

  #state(name: string, state: JsonObject, scope: Scope, outer: ReadonlySet<string>, isExpress: boolean): void {
    const say = (message: string): void => this.#say(message, name);
    if (this.#names.has(name)) say("a second state has its name");
    this.#names.add(name);
    if (name.length > LONGEST_NAME) say(`its name has ${name.length} characters, allowed are ${LONGEST_NAME}`);
    const type = stringOf(state["Type"]);
    this.#ends ||= state["End"] === true || type === "Succeed" || type === "Fail";
    for (const { to } of waysOf(state)) if (!scope.states.has(to)) say(`it leads to ${to}, which is missing`);
    const language = state["QueryLanguage"] ?? this.#language ?? "JSONPath";
    const isMixed = this.#language !== "JSONata" && isNeutral(state);
    if (language !== "JSONata" && !isMixed) say(`it is in ${stringOf(language)}: set QueryLanguage to JSONata`);
    this.#isJsonata ||= language === "JSONata";
    [...fieldProblems(state), ...valueProblems(state), ...handlerProblems(state)].forEach(say);
    for (const { path, text, place } of fieldsOf(state)) {
      expressionProblems(text, place, type === "Task").forEach((message) => say(`${path}: ${message}`));
    }
    const assigned = assignedOnTheWayTo(scope, name);
    const around = outer.union(assigned);
    for (const variable of assignsOf(state)) {
      if (outer.has(variable)) say(`variable ${variable} is assigned here and around it`);
    }
    const label = state["Label"];
    if (typeof label === "string" && this.#labels.has(label)) say(`a second Map has its Label ${label}`);
    if (typeof label === "string") this.#labels.add(label);
    if (isExpress && /\.(sync(:\d+)?|waitForTaskToken)$/.test(stringOf(state["Resource"]))) {
      say("an EXPRESS child does not wait for what a Resource began");
    }
    for (const branch of branchesOf(state)) this.#scope(branch, name, around, isExpress || isExpressMap(state));
  }
}

function isExpressMap({ ItemProcessor: processor = null }: JsonObject): boolean {
  const config = isJsonObject(processor) ? (processor["ProcessorConfig"] ?? null) : null;
  return isJsonObject(config) && config["ExecutionType"] === "EXPRESS";
}

function assignsOf(state: JsonObject): string[] {
  const parts = [state, ...objects(state["Choices"]), ...objects(state["Catch"])];
  return parts.flatMap(({ Assign: assign }) => (isJsonObject(assign) ? Object.keys(assign) : []));
}

function expressionProblems(text: string, place: keyof typeof READABLE, isTask: boolean): string[] {
  if (!text.startsWith("{%") || !text.endsWith("%}") || text.length < 4) {
    return ["`{%` and `%}` stand at one end only"];
  }
  const { problems, fields } = expressionFacts(text.slice(2, -2));
  const wrong = [...fields].filter((field) => {
    if (field === "context.Map") return false;
    return field === "context.Task" ? !isTask : !READABLE[place].includes(field);
  });
  return [...problems, ...wrong.map((field) => `$states.${field} cannot be read here`)];
}
