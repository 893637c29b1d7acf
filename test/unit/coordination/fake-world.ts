import { Contended } from "../../../engine/coordination/contended.ts";
import type { Answer, Machines, StartRequest, StatusEvent, World } from "../../../engine/coordination/world.ts";
import { newRunId } from "../../../engine/model/run-id.ts";
import { executionArn, workflowOf } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import type { Items } from "../../../engine/store/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";

/** A world in memory that counts item writes and remembers what was started and stopped. */
export interface FakeWorld extends World {
  readonly machines: { -readonly [member in keyof Machines]: Machines[member] };
  readonly started: StartRequest[];
  /** The last status of every execution; `start` and `stop` write it, tests may. */
  readonly executions: Map<string, StatusEvent>;
  readonly answered: { token: string; answer: Answer }[];
  /** Runs that a timer is set for. */
  readonly timed: Map<string, number>;
  readonly stopped: { execution: string; error: { name: string; cause: string } }[];
  /** Partition keys of successful and refused writes, in order. */
  readonly writes: string[];
  time: number;
  /** Throws instead of making the n-th write from now, counted from 0; -1 for never. */
  failAt: number;
}

export function fakeWorld(inner: Items = memoryItems(), workflows: readonly WorkflowDefinition[] = []): FakeWorld {
  let ids = 0;
  const writes: string[] = [];
  const counted =
    <A extends readonly unknown[], R>(operation: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const { pk } = args[0] as { pk: string };
      if (world.failAt === 0) throw new Error("the process died here");
      world.failAt -= 1;
      writes.push(pk);
      return operation(...args);
    };
  const items: Items = {
    ...inner,
    put: counted(inner.put),
    update: counted(inner.update),
    delete: counted(inner.delete),
  };
  const started: StartRequest[] = [];
  const stopped: FakeWorld["stopped"] = [];
  const executions: FakeWorld["executions"] = new Map();
  const answered: FakeWorld["answered"] = [];
  const timed: FakeWorld["timed"] = new Map();
  const world: FakeWorld = {
    items,
    writes,
    started,
    stopped,
    executions,
    answered,
    timed,
    time: Date.UTC(2026, 10, 24),
    failAt: -1,
    machines: {
      start: async (request) => {
        const { execution, input } = request;
        if (executions.has(execution)) return;
        started.push(request);
        executions.set(execution, { execution, status: "RUNNING", startedAt: world.time, input });
      },
      stop: async (execution, error) => {
        stopped.push({ execution, error });
        const running = executions.get(execution);
        if (running?.status !== "RUNNING") return;
        const { name, cause } = error;
        executions.set(execution, { ...running, status: "ABORTED", endedAt: world.time, error: name, cause });
      },
      answer: async (token, answer) => {
        if (answered.some((one) => one.token === token)) return "gone";
        answered.push({ token, answer });
        return "answered";
      },
      describe: async (execution) => executions.get(execution),
      list: async function* (workflow, which) {
        for (const event of executions.values()) {
          if (workflowOf(event.execution) !== workflow) continue;
          const wanted =
            which === "RUNNING"
              ? event.status === "RUNNING"
              : event.status !== "RUNNING" && (event.endedAt ?? 0) >= which.endedSince;
          if (wanted) yield event;
        }
      },
    },
    timers: {
      at: async (run, _, time) => void timed.set(run, time),
      cancel: async (run) => void timed.delete(run),
    },
    contended: new Contended(() => world.time),
    workflows: () => workflows,
    now: () => world.time,
    newId: () => newRunId(world.time, (length) => new Uint8Array(length).fill(++ids)),
    executionOf: (workflow, run) => executionArn("test", "000000000000", "test", workflow, run),
  };
  return world;
}
