import { addTags } from "../coordination/run-tags.ts";
import { NOTHING_SWEPT } from "../model/sweep.ts";
import type { RunContext } from "../model/wire.ts";
import type { TaskHost } from "../runtime/invoke.ts";
import { checkTags, type Scope } from "../runtime/scope.ts";
import { taskChildren } from "../runtime/task-children.ts";
import { taskLocks } from "../runtime/task-locks.ts";
import { across, fromFlow } from "./boundary.ts";
import type { FlowEvents } from "./flow-events.ts";
import type { FlowTime } from "./flow-time.ts";
import type { TaskCalls } from "./task-calls.ts";
import type { Trace } from "./trace.ts";
import type { Watch } from "./watched.ts";

/** The run of a flow that is called directly. */
export interface DirectRun {
  readonly id: string;
  readonly workflow: string;
  /** ARN of its execution. */
  readonly execution: string;
  readonly context: RunContext;
}

interface Given {
  readonly host: TaskHost;
  readonly tasks: TaskCalls;
  readonly events: FlowEvents;
  readonly time: FlowTime;
  readonly trace: Trace;
  readonly watch: Watch;
  readonly uuid: () => string;
}

/** What a flow that is called directly stands in. What it gets is frozen, and what it begins is watched. */
export function flowScope({ id, workflow, execution, context }: DirectRun, given: Given): Scope {
  const { host, tasks, events, time, trace, watch, uuid } = given;
  const run = { id, workflow, stack: "direct", step: workflow, attempt: 1 };
  const log = host.log(run);
  const parent = { run, context, signal: NEVER, log };
  const { executeWorkflow, submitWorkflow } = taskChildren(parent, host);
  return {
    call: (task, input) => {
      const { name } = task.options;
      return watch.add(`task "${name}"`, tasks.call(task, { input: fromFlow(input), run: execution, context }));
    },
    addTags: async (tags) => {
      checkTags(tags);
      trace.events.push({ at: time.now(), tags });
      await addTags(host.items, id, tags);
    },
    log,
    now: () => time.now(),
    uuid,
    sleep: (milliseconds) => {
      trace.events.push({ at: time.now(), sleepSeconds: milliseconds / 1000 });
      return watch.add("sleep", time.sleep(milliseconds));
    },
    waitForEvent: (event, timeoutSeconds) => {
      const answered = events
        .wait(event, timeoutSeconds)
        .then((value) => across(value, `Answer to event "${event.name}"`));
      return watch.add(`event "${event.name}"`, answered);
    },
    executeWorkflow: (child) => {
      const { name } = child.workflow;
      const ended = executeWorkflow(child).then((result) => across(result, `Result of workflow "${name}"`));
      return watch.add(`workflow "${name}"`, ended);
    },
    submitWorkflow: (child) => watch.add(`workflow "${child.workflow.name}"`, submitWorkflow(child)),
    ...taskLocks(parent, host, Number.MAX_SAFE_INTEGER),
    sideBySide: true,
    sweep: () => watch.add("sweep", Promise.resolve(NOTHING_SWEPT)),
  };
}

const NEVER = new AbortController().signal;
