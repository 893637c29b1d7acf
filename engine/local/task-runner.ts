import type { CompiledWorkflow } from "../model/compiled.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { ADD_TAGS_TASK, type TaskPayload } from "../model/wire.ts";
import { addTagsTask } from "../runtime/add-tags-task.ts";
import { invokeTask, type TaskHost } from "../runtime/invoke.ts";
import { loadTask } from "../runtime/load.ts";
import type { Task } from "../runtime/task.ts";

const LAMBDA_INVOKE = "arn:aws:states:::lambda:invoke";

/** What a state machine asks of Lambda, answered in the process: the tasks of a project by domain and name. */
export class TaskRunner {
  readonly #root: string;
  readonly #loaded = new Map<string, Promise<Task>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Calls the task that a state's evaluated `Arguments` name; answers as `lambda:invoke` does. */
  async call(workflow: CompiledWorkflow, resource: string, given: Json, host: Omit<TaskHost, "domain">): Promise<Json> {
    const { domain, payload } = invocation(resource, given);
    const task = await this.#task(workflow, domain, payload.task);
    return { StatusCode: 200, Payload: await invokeTask(task, payload, { ...host, domain }) };
  }

  #task(workflow: CompiledWorkflow, domain: string, name: string): Task | Promise<Task> {
    if (name === ADD_TAGS_TASK) return addTagsTask;
    const key = `${domain}/${name}`;
    let task = this.#loaded.get(key);
    if (task === undefined) this.#loaded.set(key, (task = this.#load(workflow, domain, name)));
    return task;
  }

  async #load(workflow: CompiledWorkflow, domain: string, name: string): Promise<Task> {
    const reference = workflow.tasks.find((task) => task.domain === domain && task.name === name);
    if (reference !== undefined) return loadTask(this.#root, reference);
    throw new MillraceError(
      ErrorName.TASK_NOT_FOUND,
      `Workflow "${workflow.name}" calls no task "${name}" in functions/${domain}.`,
    );
  }
}

/** The domain is the substitution that stands where a Lambda function is named: `${git}`. */
function invocation(resource: string, given: Json): { readonly domain: string; readonly payload: TaskPayload } {
  const { FunctionName: name, Payload: payload } = isJsonObject(given) ? given : {};
  const domain = typeof name === "string" ? /^\$\{(.+)\}$/.exec(name)?.[1] : undefined;
  if (resource === LAMBDA_INVOKE && domain !== undefined && isJsonObject(payload)) {
    return { domain, payload: payload as unknown as TaskPayload };
  }
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `The local platform answers "${LAMBDA_INVOKE}" of a domain's function, not "${resource}" of ${JSON.stringify(name ?? null)}.`,
  );
}
