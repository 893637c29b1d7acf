import type { Machines, StartRequest, World } from "../../../engine/coordination/world.ts";
import { newRunId } from "../../../engine/model/run-id.ts";
import { executionArn } from "../../../engine/model/wire.ts";
import type { Items } from "../../../engine/store/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";

/** A world in memory that counts item writes and remembers what was started and stopped. */
export interface FakeWorld extends World {
  readonly machines: { -readonly [member in keyof Machines]: Machines[member] };
  readonly started: StartRequest[];
  readonly stopped: { execution: string; error: { name: string; cause: string } }[];
  /** Partition keys of successful and refused writes, in order. */
  readonly writes: string[];
  time: number;
  /** Throws instead of making the n-th write from now, counted from 0; -1 for never. */
  failAt: number;
}

export function fakeWorld(inner: Items = memoryItems()): FakeWorld {
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
  const world: FakeWorld = {
    items,
    writes,
    started,
    stopped,
    time: Date.UTC(2026, 10, 24),
    failAt: -1,
    machines: {
      start: async (request) => {
        if (!started.some((one) => one.execution === request.execution)) started.push(request);
      },
      stop: async (execution, error) => void stopped.push({ execution, error }),
    },
    now: () => world.time,
    newId: () => newRunId(world.time, (length) => new Uint8Array(length).fill(++ids)),
    executionOf: (workflow, run) => executionArn("test", "000000000000", "test", workflow, run),
  };
  return world;
}
