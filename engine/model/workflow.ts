import type * as z from "zod";
import { type Budget, budgetProblems } from "./budget.ts";
import { cronProblems } from "./cron-problems.ts";
import { ErrorName, MillraceError } from "./errors.ts";
import { overTheWire, type Json, type JsonObject } from "./json.ts";
import type { EventDefinition } from "./event.ts";
import { limitOptionProblems, Priority, type LimitOptions } from "./limit.ts";
import { runNameProblem } from "./run-name.ts";
import { isSchema, parse, parameterFields, type ParameterField, type Schema } from "./schema.ts";
import { TAG_NAMESPACE, WorkflowTag, renderTag } from "./tags.ts";
import { WORKFLOW_NAME_MAX_LENGTH } from "./wire.ts";

/** Infrahub's meaning: core = trusted, visible; user = runs customer code, visible; internal = hidden from users. */
export const WorkflowType = { CORE: "core", USER: "user", INTERNAL: "internal" } as const;
export type WorkflowType = (typeof WorkflowType)[keyof typeof WorkflowType];

/**
 * The flow files that a catalogue entry may name, `"git/flows": typeof import("../functions/git/flows.ts")`. Types
 * only: `catalogue/flows.ts` adds the files to this interface, so a wrong name is a type error and nothing is loaded.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by declaration merging
export interface FlowModules {}

type Flow = (parameters: never) => Promise<unknown>;
type FlowsOf<M extends keyof FlowModules> = {
  [F in keyof FlowModules[M]]: FlowModules[M][F] extends Flow ? F : never;
}[keyof FlowModules[M]];

/** A catalogue entry. `P` and `R` are the schemas of the parameters and of the result. */
export interface WorkflowDefinition<P extends Schema = Schema, R extends Schema = Schema> extends LimitOptions {
  readonly name: string;
  readonly type: WorkflowType;
  /** `"git/flows"` is `functions/git/flows.ts`. */
  readonly module: string;
  /** The exported function of that file. */
  readonly function: string;
  readonly parameters: P;
  readonly result: R;
  /** Five fields, unix dialect: minute hour day-of-month month day-of-week. */
  readonly cron?: string;
  /** IANA name of the zone that `cron` is read in; UTC where it is left out. */
  readonly timezone?: string;
  /** Parameters of a run that the cron starts. */
  readonly cronParameters?: JsonObject;
  /** Longest duration of a run in seconds; a longer one ends as `timed-out`. */
  readonly timeoutSeconds?: number;
  /** Title of a run; `{objectKind}` and `{model.name}` stand for parameters. */
  readonly runName?: string;
  readonly tags: readonly WorkflowTag[];
  /** Its place in lines where neither the caller nor a parent gives one; `medium` where it is left out. */
  readonly priority?: Priority;
  /** Name of the workflow that is submitted, with `EndedRun` as parameters, when a run fails or times out. */
  readonly onFailure?: string;
  /** The same when a run is cancelled. */
  readonly onCancel?: string;
  /**
   * Says of the result of a run that its cron started whether nothing has changed. Such a run keeps its record for a
   * day only, and lists leave it out.
   */
  unchanged?(result: z.output<R>): boolean;
  /** What its flow waits for with `waitForEvent`, that of flows that it calls too. */
  readonly events?: readonly EventDefinition[];
  /** How long records of ended runs are kept; 400 days where it is left out. */
  readonly retentionDays?: number;
  /** `millrace check` and synth fail where a run may come to more; what nothing bounds is more. */
  readonly budget?: Budget;
  readonly description?: string;
}

type FlowFunction<M extends keyof FlowModules, F> = F extends keyof FlowModules[M] ? FlowModules[M][F] : never;
type FlowParameters<Fn> = Fn extends (parameters: infer P) => Promise<unknown> ? P : never;
type FlowResult<Fn> = Fn extends (...parameters: never[]) => Promise<infer R> ? R : never;

/** What `defineWorkflow` takes: the entry with its module, function and schemas held against the flow's own types. */
export type WorkflowOptions<
  M extends keyof FlowModules,
  F extends FlowsOf<M>,
  P extends Schema,
  R extends Schema,
> = Omit<
  WorkflowDefinition<P, R>,
  "type" | "module" | "function" | "parameters" | "result" | "tags" | "cronParameters"
> & {
  readonly type?: WorkflowType;
  readonly module: M;
  readonly function: F;
  readonly parameters: P &
    (z.output<P> extends FlowParameters<FlowFunction<M, F>>
      ? unknown
      : ["does not fit the flow's parameter", FlowParameters<FlowFunction<M, F>>]);
  readonly result: R &
    (FlowResult<FlowFunction<M, F>> extends z.input<R>
      ? unknown
      : ["does not fit the flow's result", FlowResult<FlowFunction<M, F>>]);
  readonly tags?: readonly WorkflowTag[];
  readonly cronParameters?: z.input<P> & JsonObject;
};

/**
 * Declares a workflow. Everything that can be wrong in the definition alone is refused here, all of it at once.
 * @throws MillraceError `InvalidDefinition`
 */
export function defineWorkflow<
  M extends keyof FlowModules,
  F extends FlowsOf<M> & string,
  P extends Schema,
  R extends Schema,
>(options: WorkflowOptions<M, F, P, R>): WorkflowDefinition<P, R> {
  const definition = {
    ...(options as unknown as WorkflowDefinition<P, R>),
    type: options.type ?? WorkflowType.INTERNAL,
    tags: options.tags ?? [],
  };
  const problems = definitionProblems(definition);
  if (problems.length > 0) {
    throw new MillraceError(
      ErrorName.INVALID_DEFINITION,
      `Workflow ${JSON.stringify(definition.name)} cannot be defined: ${problems.join("; ")}.`,
    );
  }
  return Object.freeze(definition);
}

const NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;
const MODULE = /^[a-z][a-z0-9-]*(?:\/[a-z][a-z0-9-]*)+$/;
/** Step Functions ends an execution after a year. */
const YEAR_SECONDS = 31_536_000;

export function definitionProblems(definition: WorkflowDefinition): string[] {
  const problems: string[] = [];
  const { name, cron, timezone, cronParameters, timeoutSeconds, runName } = definition;
  if (!NAME.test(name)) {
    problems.push(
      `name ${JSON.stringify(name)} must be lower-case words joined by "-" or "_", such as "clean-up-deadlocks"`,
    );
  }
  if (name.length > WORKFLOW_NAME_MAX_LENGTH) {
    problems.push(`name has ${name.length} characters, allowed are ${WORKFLOW_NAME_MAX_LENGTH}`);
  }
  if (!MODULE.test(definition.module)) {
    problems.push(`module ${JSON.stringify(definition.module)} must look like "git/flows" (functions/git/flows.ts)`);
  }
  if (
    timeoutSeconds !== undefined &&
    !(Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1 && timeoutSeconds <= YEAR_SECONDS)
  ) {
    problems.push(`timeoutSeconds is ${timeoutSeconds}, allowed are whole seconds from 1 to ${YEAR_SECONDS}`);
  }
  const fields = parameterFields(definition.parameters);
  if (!fields.ok) problems.push(fields.problem);
  if (!isSchema(definition.result)) {
    problems.push("result must be the zod schema of what the flow returns; for nothing it is z.null()");
  }
  if (runName !== undefined && fields.ok) {
    const problem = runNameProblem(runName, definition.parameters);
    if (problem !== undefined) problems.push(problem);
  }
  problems.push(...limitOptionProblems(definition));
  problems.push(...budgetProblems(definition.budget, cron));
  const { events = [], priority, retentionDays } = definition;
  if (new Set(events.map((event) => event.name)).size < events.length) {
    problems.push(`events has a name twice: ${events.map((event) => event.name).join(", ")}`);
  }
  if (priority !== undefined && !Object.values<string>(Priority).includes(priority)) {
    problems.push(`priority is ${JSON.stringify(priority)}, allowed are ${Object.values(Priority).join(", ")}`);
  }
  if (retentionDays !== undefined && !(Number.isInteger(retentionDays) && retentionDays >= 1)) {
    problems.push(`retentionDays is ${retentionDays}, allowed are whole days from 1`);
  }
  if (cron === undefined) {
    if (definition.unchanged !== undefined) problems.push("unchanged is given without cron: add cron or leave it out");
    if (timezone !== undefined) problems.push("timezone is given without cron: add cron or leave timezone out");
    if (cronParameters !== undefined) problems.push("cronParameters is given without cron: add cron or leave it out");
  } else {
    problems.push(...cronProblems(cron, timezone));
    const outcome = parse(definition.parameters, cronParameters ?? {});
    if (!outcome.ok)
      problems.push(`a run that the cron starts would fail its parameters (${outcome.problem}): give cronParameters`);
  }
  return problems;
}

/** The tags that every run of the workflow has. The namespace alone marks a run as visible to users, as in the original. */
export function staticTags(definition: WorkflowDefinition): string[] {
  return [
    ...(definition.type === WorkflowType.INTERNAL ? [] : [TAG_NAMESPACE]),
    renderTag(WorkflowTag.WORKFLOWTYPE, definition.type),
    ...definition.tags.map((tag) => renderTag(tag)),
  ];
}

/** The part of a definition that the compiler reads: plain JSON, so that it may run in a process of its own. */
export interface WorkflowSource {
  readonly name: string;
  readonly module: string;
  readonly function: string;
  readonly parameters: readonly ParameterField[];
  readonly timeoutSeconds?: number;
  /** Names of the events that it lists. */
  readonly events?: readonly string[];
}

export function sourceOf(definition: WorkflowDefinition): WorkflowSource {
  const fields = parameterFields(definition.parameters);
  return {
    name: definition.name,
    module: definition.module,
    function: definition.function,
    parameters: fields.ok ? fields.value : [],
    ...(definition.timeoutSeconds === undefined ? {} : { timeoutSeconds: definition.timeoutSeconds }),
    ...(definition.events === undefined ? {} : { events: definition.events.map(({ name: event }) => event) }),
  };
}

/** Checked parameters with defaults filled in. @throws MillraceError `InvalidParameters` */
export function checkParameters(definition: WorkflowDefinition, parameters: unknown): JsonObject {
  const outcome = parse(definition.parameters, parameters);
  if (!outcome.ok) {
    const message = refusedParameters(definition.name, outcome.problem, parameters);
    throw new MillraceError(ErrorName.INVALID_PARAMETERS, message);
  }
  return overTheWire(outcome.value) as { [key: string]: Json };
}

export function refusedParameters(workflow: string, problem: string, parameters: unknown): string {
  const text = JSON.stringify(parameters) ?? "nothing";
  const given = shorten(text.replace(/(\w:\/\/)[^\s/@"]*@/g, "$1…@")); // a URL's user and password
  return `Workflow "${workflow}" does not take these parameters: ${problem}. Given: ${given}.`;
}

function shorten(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
