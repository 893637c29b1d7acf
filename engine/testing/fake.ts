import { ErrorName, MillraceError } from "../model/errors.ts";
import { BlobReference } from "../model/blob-reference.ts";
import { Anything, parse, type Input, type Output, type Schema } from "../model/schema.ts";
import { putResult } from "../runtime/blob-result.ts";
import { currentScope, inScope } from "../runtime/scope.ts";
import type { TaskScope } from "../runtime/task-scope.ts";
import type { Task } from "../runtime/task.ts";
import type { Blobs } from "../store/blobs.ts";
import { isRecording } from "./recorded.ts";

type Body<I, O> = (input: I, scope: TaskScope) => O | Promise<O>;

/** What stands in for a task: a function, or what its calls come to in turn, where an error is thrown. */
export type Answers<I = never, O = unknown> = Body<I, O> | readonly (O | Error)[];

/**
 * A task that is not run. What stands in for it is held against the task's schemas, unless it is recorded, and is retried
 * as the task would be.
 */
export interface Fake {
  /** Name of the task. */
  readonly task: string;
  readonly answers: Answers;
}

/** A fake of a task, typed by its schemas, or of the one of that name. */
export function fake<I extends Schema, O extends Schema, R>(
  task: Task<I, O, R>,
  answers: Answers<Output<I>, Input<O>>,
): Fake;
export function fake(task: string, answers: Answers): Fake;
export function fake(task: string | { readonly options: { readonly name: string } }, answers: Answers): Fake {
  return { task: typeof task === "string" ? task : task.options.name, answers };
}

/** Puts the fakes in the place of the tasks, of those too that a task calls within its own step. */
export function standIns(fakes: readonly Fake[], blobs: Blobs): (task: Task) => Task {
  const bodies = new Map(fakes.map(({ task, answers }) => [task, bodyOf(task, answers)]));
  const inStep = (task: Task): Task => {
    const body = bodies.get(task.options.name);
    return body === undefined ? task : changed(task, isRecording(body) ? RAW : {}, body);
  };
  return (task) => {
    const body = bodies.get(task.options.name);
    return body === undefined ? calling(task, inStep) : standIn(task, body, blobs);
  };
}

/** What is recorded has crossed the wire already. */
const RAW = { input: Anything, output: Anything };

/** May answer with the reference of a blob where the task's result becomes one. */
function standIn(task: Task, body: Body<unknown, unknown>, blobs: Blobs): Task {
  if (isRecording(body)) return changed(task, RAW, body);
  if (task.options.resultAs === undefined) return changed(task, {}, body);
  return changed(task, { output: BlobReference }, async (input, scope) => {
    const result = await body(input, scope);
    if (parse(BlobReference, result).ok) return result;
    const { name, output } = task.options;
    const checked = parse(output, result);
    if (checked.ok) return putResult(blobs, scope.run.id, JSON.stringify(checked.value));
    throw new MillraceError(
      ErrorName.INVALID_OUTPUT,
      `The fake of task "${name}" returned what the task's output schema refuses: ${checked.problem}.`,
    );
  });
}

/** The task with another body, whose result is neither cached nor made a blob. */
function changed(task: Task, options: Partial<Task["options"]>, handler: Body<unknown, unknown>): Task {
  const { cache, resultAs, ...kept } = task.options;
  return { options: { ...kept, ...options }, handler } as unknown as Task;
}

/** The task, with others in the place of those that it calls. */
function calling(task: Task, inStep: (task: Task) => Task): Task {
  const handler: Task["handler"] = (input, given) => {
    const scope = currentScope("A task");
    const call: typeof scope.call = (called, value) => scope.call(inStep(called), value);
    return inScope({ ...scope, call }, () => task.handler(input, given));
  };
  return { options: task.options, handler } as unknown as Task;
}

function bodyOf(task: string, answers: Answers): Body<unknown, unknown> {
  if (typeof answers === "function") return answers as Body<unknown, unknown>;
  let calls = 0;
  return () => {
    const answer = answers[calls];
    calls += 1;
    if (answer instanceof Error) throw answer;
    if (calls <= answers.length) return answer;
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `The fake of task "${task}" has ${answers.length} answers, and this is call ${calls}. Give it another one, or a function.`,
    );
  };
}
