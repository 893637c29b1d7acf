import { ErrorName, MillraceError } from "../../model/errors.ts";
import type { Branch, Catcher, Retrier, State, StateMachine, Template } from "../../model/machine.ts";
import type { Compiled } from "../jsonata/expression.ts";
import { compileTemplate } from "../jsonata/template.ts";

/** A machine, a branch or the processor of a Map with its expressions parsed. */
export interface PreparedBranch {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, PreparedState>;
}

export interface Results {
  readonly assign?: Compiled;
  readonly output?: Compiled;
}

/** The fields of a state, beside those of `Results`, that may hold expressions. */
const FIELDS = [
  "Arguments",
  "TimeoutSeconds",
  "Seconds",
  "Timestamp",
  "Items",
  "ItemSelector",
  "MaxConcurrency",
  "Error",
  "Cause",
] as const;
type Field = (typeof FIELDS)[number];

export interface PreparedState {
  readonly name: string;
  readonly definition: State;
  /** A Task, Map or Parallel: it acts, may be retried and caught, and has an entry of its own in the journal. */
  readonly acts: boolean;
  /** A Task whose call is given a token, and which is over when somebody answers that. */
  readonly isCallback: boolean;
  /** `Next`, a Choice's `Default`; absent at an end. */
  readonly next?: string;
  readonly results: Results;
  readonly fields: { readonly [field in Field]?: Compiled };
  readonly rules: readonly { readonly condition: Compiled; readonly results: Results; readonly next: string }[];
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly PreparedCatcher[];
  /** The branches of a Parallel; the processor of a Map. */
  readonly branches: readonly PreparedBranch[];
}

export interface PreparedCatcher {
  readonly names: readonly string[];
  readonly results: Results;
  readonly next: string;
}

const prepared = new WeakMap<StateMachine, PreparedBranch>();

/**
 * Parses every expression of a machine, once for each definition object.
 * @throws MillraceError `InvalidDefinition` for what this machine does not run
 */
export function prepareMachine(definition: StateMachine): PreparedBranch {
  let branch = prepared.get(definition);
  if (branch === undefined) {
    try {
      if (definition.QueryLanguage !== "JSONata") throw new Error("QueryLanguage must be JSONata");
      branch = prepareBranch(definition);
    } catch (thrown) {
      const message = `The state machine cannot run: ${(thrown as Error).message}`;
      throw new MillraceError(ErrorName.INVALID_DEFINITION, message, { cause: thrown });
    }
    prepared.set(definition, branch);
  }
  return branch;
}

function prepareBranch({ StartAt, States }: Branch): PreparedBranch {
  const states = Object.entries(States).map(([name, state]) => [name, prepareState(name, state)] as const);
  return { startAt: StartAt, states: new Map(states) };
}

/** How the Resource of a Task ends that waits for an answer to its token. */
export const CALLBACK = ".waitForTaskToken";

const TYPES: readonly State["Type"][] = ["Task", "Pass", "Wait", "Choice", "Succeed", "Fail", "Parallel", "Map"];

function prepareState(name: string, definition: State): PreparedState {
  const where = (field: string): string => `state ${JSON.stringify(name)}, field ${field}`;
  if (!TYPES.includes(definition.Type)) {
    throw new Error(`${where("Type")} is ${JSON.stringify(definition.Type)}, allowed are ${TYPES.join(", ")}`);
  }
  if ("HeartbeatSeconds" in definition) {
    throw new Error(`${where("HeartbeatSeconds")}: no task here sends heartbeats; give TimeoutSeconds alone`);
  }
  const given = definition as Partial<Record<Field, Template>>;
  const fields = FIELDS.flatMap((field) => {
    const template = given[field];
    return template === undefined ? [] : [[field, compileTemplate(template, where(field))] as const];
  });
  const choices = definition.Type === "Choice" ? definition.Choices : [];
  const next = definition.Type === "Choice" ? definition.Default : "Next" in definition ? definition.Next : undefined;
  return {
    name,
    definition,
    acts: ["Task", "Map", "Parallel"].includes(definition.Type),
    isCallback: definition.Type === "Task" && definition.Resource.endsWith(CALLBACK),
    ...(next === undefined ? {} : { next }),
    results: prepareResults(definition, where),
    fields: Object.fromEntries(fields),
    rules: choices.map((rule, index) => ({
      condition: compileTemplate(rule.Condition, where(`Choices[${index}]/Condition`)),
      results: prepareResults(rule, (field) => where(`Choices[${index}]/${field}`)),
      next: rule.Next,
    })),
    retriers: "Retry" in definition ? (definition.Retry ?? []) : [],
    catchers: ("Catch" in definition ? (definition.Catch ?? []) : []).map((catcher: Catcher, index) => ({
      names: catcher.ErrorEquals,
      results: prepareResults(catcher, (field) => where(`Catch[${index}]/${field}`)),
      next: catcher.Next,
    })),
    branches: branchesOf(definition).map(prepareBranch),
  };
}

function prepareResults(holder: object, where: (field: string) => string): Results {
  const { Assign, Output } = holder as { Assign?: Template; Output?: Template };
  return {
    ...(Assign === undefined ? {} : { assign: compileTemplate(Assign, where("Assign")) }),
    ...(Output === undefined ? {} : { output: compileTemplate(Output, where("Output")) }),
  };
}

function branchesOf(definition: State): readonly Branch[] {
  if (definition.Type === "Parallel") return definition.Branches;
  return definition.Type === "Map" ? [definition.ItemProcessor] : [];
}
