import { submitChild } from "../coordination/children.ts";
import { waitForEvent } from "../coordination/events.ts";
import { acquireForFlow, releaseForFlow } from "../coordination/locks.ts";
import { submit } from "../coordination/submit.ts";
import { sweep } from "../coordination/sweep.ts";
import { findWorkflow, type World } from "../coordination/world.ts";
import type { CompiledWorkflow } from "../model/compiled.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { runIdOf } from "../model/run-id.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import {
  ADD_TAGS_TASK,
  LOCK_FUNCTION,
  SUBMIT_FUNCTION,
  SWEEP_FUNCTION,
  type AcquireLocks,
  type ChildSubmit,
  type ReleaseLocks,
  type Submitted,
  type SubmitRequest,
  type TaskPayload,
  type WaitEvent,
} from "../model/wire.ts";
import { addTagsTask } from "../runtime/add-tags-task.ts";
import { invokeTask, type TaskHost } from "../runtime/invoke.ts";
import { loadTask } from "../runtime/load.ts";
import type { Task } from "../runtime/task.ts";

/** What a state machine asks of Lambda, answered in the process: Millrace's own functions, and the tasks of a project. */
export class TaskRunner {
  readonly #root: string;
  readonly #world: World;
  readonly #loaded = new Map<string, Promise<Task>>();
  constructor(root: string, world: World) {
    this.#root = root;
    this.#world = world;
  }

  /** Calls what a state's evaluated `Arguments` name; answers as `lambda:invoke` does. `generation`: of the tasks. */
  async call(
    workflow: CompiledWorkflow,
    generation: number,
    resource: string,
    given: Json,
    host: Omit<TaskHost, "domain" | "submit" | "answer">,
  ): Promise<Json> {
    const { name, payload } = invocation(resource, given);
    const own = OWN.get(name);
    const result =
      own === undefined ? this.#invoke(workflow, generation, name, payload, host) : own(this.#world, payload, host);
    return { StatusCode: 200, Payload: ((await result) ?? null) as Json };
  }

  async #invoke(
    workflow: CompiledWorkflow,
    generation: number,
    domain: string,
    given: JsonObject,
    host: Omit<TaskHost, "domain" | "submit" | "answer">,
  ): Promise<Json> {
    const payload = given as unknown as TaskPayload;
    const task = await this.#task(workflow, generation, domain, payload.task);
    return invokeTask(task, payload, {
      ...host,
      domain,
      submit: (request) => this.#submit(request, host.signal),
      answer: (token, answer) => this.#world.machines.answer(token, answer),
    });
  }

  /** Like every write of a task, none once its signal aborts. */
  async #submit(request: SubmitRequest, signal?: AbortSignal): Promise<Submitted> {
    signal?.throwIfAborted();
    const definition = findWorkflow(this.#world, request.workflow);
    if (definition !== undefined) return submit(this.#world, definition, request);
    throw new MillraceError(
      ErrorName.WORKFLOW_NOT_FOUND,
      `The catalogue has no workflow ${JSON.stringify(request.workflow)}. Add it there.`,
    );
  }

  #task(workflow: CompiledWorkflow, generation: number, domain: string, name: string): Task | Promise<Task> {
    if (name === ADD_TAGS_TASK) return addTagsTask;
    const key = `${generation}/${domain}/${name}`;
    let task = this.#loaded.get(key);
    if (task === undefined) this.#loaded.set(key, (task = this.#load(workflow, generation, domain, name)));
    return task;
  }

  async #load(workflow: CompiledWorkflow, generation: number, domain: string, name: string): Promise<Task> {
    const reference = workflow.tasks.find((task) => task.domain === domain && task.name === name);
    if (reference !== undefined) return loadTask(this.#root, reference, generation);
    throw new MillraceError(
      ErrorName.TASK_NOT_FOUND,
      `Workflow "${workflow.name}" calls no task "${name}" in functions/${domain}.`,
    );
  }
}

const RESOURCES = ["arn:aws:states:::lambda:invoke", "arn:aws:states:::lambda:invoke.waitForTaskToken"];

/** A substitution stands where a Lambda function is named: `${git}`, `${submit}`. */
function invocation(resource: string, given: Json): { readonly name: string; readonly payload: JsonObject } {
  const { FunctionName: called, Payload: payload } = isJsonObject(given) ? given : {};
  const name = typeof called === "string" ? /^\$\{(.+)\}$/.exec(called)?.[1] : undefined;
  if (RESOURCES.includes(resource) && name !== undefined && isJsonObject(payload)) return { name, payload };
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `The local platform answers ${RESOURCES.join(" and ")} of a domain's function or Millrace's own, not "${resource}" of ${JSON.stringify(called ?? null)}.`,
  );
}

type Own = (world: World, payload: JsonObject, host: Pick<TaskHost, "sleep" | "signal">) => Promise<unknown>;

/** Millrace's own functions by their substitutions. */
const OWN: ReadonlyMap<string, Own> = new Map<string, Own>([
  [
    SUBMIT_FUNCTION,
    (world, payload) =>
      "event" in payload
        ? waitForEvent(world, payload as unknown as WaitEvent)
        : submitChild(world, payload as unknown as ChildSubmit),
  ],
  [
    LOCK_FUNCTION,
    (world, payload) =>
      "acquire" in payload
        ? acquireForFlow(world, payload as unknown as AcquireLocks)
        : releaseForFlow(world, payload as unknown as ReleaseLocks),
  ],
  [
    SWEEP_FUNCTION,
    (world, payload, host) =>
      sweep(world, {
        run: runIdOf((payload as unknown as TaskPayload).run),
        sleep: (milliseconds) => host.sleep(milliseconds, host.signal),
      }),
  ],
]);
