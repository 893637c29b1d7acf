import { createHash } from "node:crypto";
import { getRun } from "../coordination/run-record.ts";
import { ErrorName, MillraceError, RunFailed } from "../model/errors.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import { isEnded, type Run } from "../model/run.ts";
import { parse } from "../model/schema.ts";
import type { Submitted, SubmitRequest } from "../model/wire.ts";
import type { TaskHost } from "./invoke.ts";
import type { Child, Scope } from "./scope.ts";
import type { TaskScope } from "./task-scope.ts";

const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

type ParentHost = Pick<TaskHost, "items" | "submit" | "sleep">;
type ParentScope = Pick<TaskScope, "run" | "context" | "signal">;

/**
 * The child runs of one attempt of a task. The next attempt finds the same children: their idempotency keys count the
 * submits of equal workflow and parameters in the order of the calls.
 */
export function taskChildren(scope: ParentScope, host: ParentHost): Pick<Scope, "submitWorkflow" | "executeWorkflow"> {
  const counts = new Map<string, number>();
  const submit = (child: Child, executes: boolean): Promise<Submitted> => {
    const { workflow, parameters, tags, priority } = child;
    const hash = createHash("sha256")
      .update(canonicalJson([workflow.name, parameters]))
      .digest("hex");
    const count = counts.get(hash) ?? 0;
    counts.set(hash, count + 1);
    const { id, step } = scope.run;
    const request: SubmitRequest = {
      workflow: workflow.name,
      parameters,
      parent: id,
      executes,
      context: { ...scope.context, ...(priority === undefined ? {} : { priority }) },
      idempotencyKey: `${id}\n${step}\n${hash}\n${count}`,
      ...(tags === undefined ? {} : { tags }),
    };
    return host.submit(request, workflow);
  };
  return {
    submitWorkflow: async (child) => ({ id: (await submit(child, false)).id }),
    executeWorkflow: async (child) => {
      const { id } = await submit(child, true);
      return resultOf(child, await ended(id, scope, host));
    },
  };
}

/** Looks at the child's record until it has ended. @throws the reason of the attempt's signal */
async function ended(id: string, { signal }: ParentScope, host: ParentHost): Promise<Run> {
  for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    const run = await getRun(host.items, id);
    if (run !== undefined && isEnded(run.state)) return run;
    await host.sleep(pause, signal);
  }
}

function resultOf({ workflow }: Child, run: Run): Json {
  if (run.state !== "completed") throw errorOf(run);
  if (run.result === undefined) {
    throw new MillraceError(
      ErrorName.RESULT_TOO_LARGE,
      `The result of run ${run.id} of "${workflow.name}" is above 32 KiB, which a task cannot read. Execute the workflow from a flow, or let it return a reference to a blob.`,
    );
  }
  const parsed = parse(workflow.result, run.result);
  if (parsed.ok) return parsed.value as Json;
  throw new MillraceError(
    ErrorName.INVALID_OUTPUT,
    `Run ${run.id} of "${workflow.name}" returned what the workflow's result schema refuses: ${parsed.problem}.`,
  );
}

/** As a flow sees it: under the name of the error that the record has. */
function errorOf(run: Run): Error {
  return new RunFailed(run.id, "error" in run ? run.error : { name: "Error", message: "It ended without an error." });
}
