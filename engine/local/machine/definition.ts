import { ErrorName, isMillraceError, MillraceError } from "../../model/errors.ts";
import type { Branch, Catcher, Retrier, State, StateMachine, Template } from "../../model/machine.ts";
import type { Compiled } from "../jsonata/expression.ts";
import { isNeutral } from "../../compiler/verify-fields.ts";
import type { JsonObject } from "../../model/json.ts";
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
  "Credentials",
  "TimeoutSeconds",
  "HeartbeatSeconds",
  "Seconds",
  "Timestamp",
  "Items",
  "ItemSelector",
  "ItemBatcher",
  "MaxConcurrency",
  "ToleratedFailureCount",
  "ToleratedFailurePercentage",
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
  /** A Task that is over when what it began is. */
  readonly isSync: boolean;
  /** A Map whose items are executions of their own. */
  readonly isDistributed: boolean;
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
      branch = prepareBranch(definition, definition.QueryLanguage);
    } catch (thrown) {
      if (isMillraceError(thrown)) throw thrown;
      const message = `The state machine cannot run: ${(thrown as Error).message}`;
      throw new MillraceError(ErrorName.INVALID_DEFINITION, message, { cause: thrown });
    }
    prepared.set(definition, branch);
  }
  return branch;
}

function prepareBranch({ StartAt, States }: Branch, language: string | undefined): PreparedBranch {
  const states = Object.entries(States).map(([name, state]) => [name, preparedState(name, state, language)] as const);
  return { startAt: StartAt, states: new Map(states) };
}

/** @throws Error that names the state */
function preparedState(name: string, definition: State, language: string | undefined): PreparedState {
  try {
    return prepareState(name, definition, language);
  } catch (thrown) {
    if (isMillraceError(thrown)) throw thrown;
    throw new Error(`state ${JSON.stringify(name)}, ${(thrown as Error).message}`, { cause: thrown });
  }
}

/** How the Resource of a Task ends that waits for an answer to its token. */
export const CALLBACK = ".waitForTaskToken";

const SYNC = /\.sync(:\d+)?$/;

/** Fields of a Map that need a bucket. */
const NOT_RUN = ["ItemReader", "ResultWriter"];

const TYPES: readonly State["Type"][] = ["Task", "Pass", "Wait", "Choice", "Succeed", "Fail", "Parallel", "Map"];

/** A state is in its own query language, else in the machine's, whatever that of the Map or Parallel around it is. */
function prepareState(name: string, definition: State, language: string | undefined): PreparedState {
  if (!TYPES.includes(definition.Type)) {
    throw new Error(`field Type is ${JSON.stringify(definition.Type)}, allowed are ${TYPES.join(", ")}`);
  }
  if ((definition.QueryLanguage ?? language) !== "JSONata" && !isNeutral(definition as unknown as JsonObject)) {
    throw new Error("field QueryLanguage, or the machine's, must be JSONata");
  }
  const isDistributed = definition.Type === "Map" && definition.ItemProcessor.ProcessorConfig?.Mode === "DISTRIBUTED";
  for (const field of isDistributed ? NOT_RUN : []) {
    if (!(field in definition)) continue;
    const message = `state ${JSON.stringify(name)}, field ${field}: a state machine on this machine reads and writes no buckets. Give Items, or leave it out.`;
    throw new MillraceError(ErrorName.PLATFORM_UNAVAILABLE, message);
  }
  const given = definition as Partial<Record<Field, Template>>;
  const fields = FIELDS.flatMap((field) => {
    const template = given[field];
    return template === undefined ? [] : [[field, compileTemplate(template, field)] as const];
  });
  const choices = definition.Type === "Choice" ? definition.Choices : [];
  const next = definition.Type === "Choice" ? definition.Default : "Next" in definition ? definition.Next : undefined;
  return {
    name,
    definition,
    acts: ["Task", "Map", "Parallel"].includes(definition.Type),
    isCallback: definition.Type === "Task" && definition.Resource.endsWith(CALLBACK),
    isSync: definition.Type === "Task" && SYNC.test(definition.Resource),
    isDistributed,
    ...(next === undefined ? {} : { next }),
    results: prepareResults(definition),
    fields: Object.fromEntries(fields),
    rules: choices.map((rule, index) => ({
      condition: compileTemplate(rule.Condition, `Choices[${index}]/Condition`),
      results: prepareResults(rule, `Choices[${index}]/`),
      next: rule.Next,
    })),
    retriers: "Retry" in definition ? (definition.Retry ?? []) : [],
    catchers: ("Catch" in definition ? (definition.Catch ?? []) : []).map((catcher: Catcher, index) => ({
      names: catcher.ErrorEquals,
      results: prepareResults(catcher, `Catch[${index}]/`),
      next: catcher.Next,
    })),
    branches: branchesOf(definition).map((branch) => prepareBranch(branch, language)),
  };
}

/** `path` leads to the holder in its state. */
function prepareResults(holder: object, path = ""): Results {
  const { Assign, Output } = holder as { Assign?: Template; Output?: Template };
  return {
    ...(Assign === undefined ? {} : { assign: compileTemplate(Assign, `${path}Assign`) }),
    ...(Output === undefined ? {} : { output: compileTemplate(Output, `${path}Output`) }),
  };
}

function branchesOf(definition: State): readonly Branch[] {
  if (definition.Type === "Parallel") return definition.Branches;
  return definition.Type === "Map" ? [definition.ItemProcessor] : [];
}
