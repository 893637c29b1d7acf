import type { BlobReference } from "../model/blob-reference.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { hasPlaces, runNameProblem } from "../model/run-name.ts";
import { callOptionProblems, LONGEST_TIMEOUT_SECONDS, type CallOptions } from "../model/task-options.ts";
import { lastingProblem, type Input, type Output, type Schema } from "../model/schema.ts";
import { callTask } from "./scope.ts";
import type { TaskScope } from "./task-scope.ts";

/** What a task declares. The compiler reads these options from the source, so each is a literal. */
export interface TaskOptions<I extends Schema, O extends Schema> extends CallOptions {
  /** Unique in its domain; the name on the wire, in the timeline and in logs. */
  readonly name: string;
  /** Title of one call; `{displayLabel}` stands for a field of the input. */
  readonly runName?: string;
  readonly input: I;
  readonly output: O;
  /** `"blob"`: the result goes to the blob store, and the flow carries a reference that other tasks read. */
  readonly resultAs?: "blob";
  /** A call with the same key as an earlier one gets that one's result, and the task does not run; errors never do. */
  readonly cache?: CacheOptions;
}

export interface CacheOptions {
  /**
   * What tells two calls apart, by fields of the input: `"{repositoryId} {commit}"`; the whole input where it is left
   * out. Another text around the fields leaves what is kept so far behind: `"v2 {repositoryId} {commit}"`.
   */
  readonly key?: string;
  /** How long a result is kept; 1 to 5,184,000 (60 days). */
  readonly ttlSeconds: number;
}

/** A result above 32 KiB lies in the blob store, which keeps it 90 days: whoever gets it last has it for 30 more. */
const LONGEST_TTL_SECONDS = 5_184_000;

export function timeoutSecondsOf(task: Task): number {
  return task.options.timeoutSeconds ?? LONGEST_TIMEOUT_SECONDS;
}

type Result<Options, O extends Schema> = Options extends { readonly resultAs: "blob" } ? BlobReference : Output<O>;

/** A task: called in a flow it is one step of the run; called outside of one it just runs. */
export interface Task<I extends Schema = Schema, O extends Schema = Schema, R = Output<O>> {
  (input: Input<I>): Promise<R>;
  /** The same task with other retries or another timeout, for one call: `charge.with({ retries: 3 })(input)`. */
  with(options: CallOptions): Task<I, O, R>;
  readonly options: TaskOptions<I, O>;
  readonly handler: TaskHandler<I, O>;
}

export type TaskHandler<I extends Schema, O extends Schema> = (
  input: Output<I>,
  scope: TaskScope,
) => Promise<Input<O>> | Input<O>;

/**
 * Declares a unit of work that runs in the Lambda function of its domain, or in the process on a laptop.
 * @throws MillraceError `InvalidDefinition`, with everything that is wrong in the options
 */
export function task<I extends Schema, O extends Schema, const Options extends TaskOptions<I, O>>(
  options: Options & TaskOptions<I, O>,
  handler: TaskHandler<I, O>,
): Task<I, O, Result<Options, O>> {
  const problems = optionProblems(options);
  if (problems.length > 0) {
    const name = JSON.stringify(options.name);
    throw new MillraceError(ErrorName.INVALID_DEFINITION, `Task ${name} cannot be declared: ${problems.join("; ")}.`);
  }
  return callable(options, handler);
}

function callable<I extends Schema, O extends Schema, R>(
  options: TaskOptions<I, O>,
  handler: TaskHandler<I, O>,
): Task<I, O, R> {
  const made: Task<I, O, R> = Object.assign(
    (input: Input<I>) => callTask(made as unknown as Task, input) as Promise<R>,
    { options, handler, with: (more: CallOptions) => callable<I, O, R>(optionsWith(options, more), handler) },
  );
  return made;
}

function optionsWith<O extends TaskOptions<Schema, Schema>>(options: O, more: CallOptions): O {
  const problems = callOptionProblems(more);
  if (problems.length === 0) return { ...options, ...more };
  throw new MillraceError(
    ErrorName.INVALID_DEFINITION,
    `Task ${JSON.stringify(options.name)} cannot be called with these options: ${problems.join("; ")}.`,
  );
}

const NAME = /^[a-z][a-z0-9]*(?:[-_/][a-z0-9]+)*$/;

function optionProblems(options: TaskOptions<Schema, Schema>): string[] {
  const { name, runName, input } = options;
  const problems = callOptionProblems(options);
  if (!NAME.test(name) || name.length > 60) {
    problems.push('its name must be lower-case words joined by "-", at most 60 characters, such as "clone-repository"');
  }
  const runNameMistake = runName === undefined ? undefined : runNameProblem(runName, input);
  if (runNameMistake !== undefined) problems.push(runNameMistake);
  if (options.cache !== undefined) {
    problems.push(...cacheProblems(options.cache, options));
  }
  return problems;
}

function cacheProblems({ key, ttlSeconds }: CacheOptions, { input, output }: TaskOptions<Schema, Schema>): string[] {
  const problems: string[] = [];
  if (!(Number.isInteger(ttlSeconds) && ttlSeconds >= 1 && ttlSeconds <= LONGEST_TTL_SECONDS)) {
    const allowed = `whole numbers from 1 to ${LONGEST_TTL_SECONDS}`;
    problems.push(`cache.ttlSeconds is ${ttlSeconds}, allowed are ${allowed}`);
  }
  if (key !== undefined) {
    const problem = runNameProblem(key, input);
    if (problem !== undefined) problems.push(`cache.key: ${problem}`);
    else if (!hasPlaces(key))
      problems.push(`cache.key ${JSON.stringify(key)} names no field of the input, such as "{commit}"`);
  }
  for (const [option, schema] of Object.entries({ input, output })) {
    const problem = lastingProblem(schema);
    if (problem !== undefined)
      problems.push(`a result is not kept where the ${option} does not stay as it is over a wire: ${problem}`);
  }
  return problems;
}

export function isTask(value: unknown): value is Task {
  return typeof value === "function" && "options" in value && "handler" in value;
}
