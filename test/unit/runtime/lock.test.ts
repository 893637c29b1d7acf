import * as z from "zod";
import { describe, expect, it } from "vitest";
import { lockKey, lockLinePartition, runKey } from "../../../engine/coordination/keys.ts";
import { acquireForFlow, releaseForFlow } from "../../../engine/coordination/locks.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import type { Json } from "../../../engine/model/json.ts";
import { executionArn } from "../../../engine/model/wire.ts";
import { invokeTask, type TaskHost } from "../../../engine/runtime/invoke.ts";
import { acquireLock, fenced, withLock } from "../../../engine/runtime/lock.ts";
import type { TaskScope } from "../../../engine/runtime/task-scope.ts";
import { task } from "../../../engine/runtime/task.ts";
import { direct } from "../../../engine/testing/direct.ts";
import { memoryBlobs } from "../../../engine/testing/memory-blobs.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";
import { fakeWorld, type FakeWorld } from "../coordination/fake-world.ts";
import { acquire, answerTo, LOCK, release, runId, stored } from "../coordination/lock-world.ts";

const request = { namespace: "repository", name: "backbone" };

/** A laptop on which time passes only where somebody sleeps. */
class Bench {
  readonly clock = new VirtualClock();
  readonly world: FakeWorld = fakeWorld();
  readonly warnings: string[] = [];

  constructor() {
    this.world.time = this.clock.now();
  }

  /** Runs the body as the one attempt of a task of the n-th run. */
  start<T extends Json>(
    n: number,
    body: (scope: TaskScope) => Promise<T>,
    options: Partial<TaskHost> = {},
  ): Promise<Json> {
    const declared = task(
      { name: "work", input: z.unknown(), output: z.unknown(), timeoutSeconds: 100 },
      async (_: unknown, scope) => body(scope),
    );
    const { world, clock } = this;
    const none = (): void => undefined;
    const host: TaskHost = {
      items: world.items,
      blobs: memoryBlobs(),
      domain: "git",
      now: () => (world.time = clock.now()),
      log: () => ({ debug: none, info: none, error: none, warn: (line) => void this.warnings.push(line) }),
      sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
      submit: () => Promise.reject(new Error("nothing is submitted here")),
      answer: (token, answer) => world.machines.answer(token, answer),
      ...options,
    };
    const run = executionArn("test", "000000000000", "test", "w", runId(n));
    const payload = {
      task: "work",
      input: null,
      run,
      step: "work",
      at: "functions/git/flows.ts:1",
      attempt: 1,
      context: {},
    };
    return invokeTask(declared, payload, host);
  }
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

describe("withLock", () => {
  it("holds a lease until the end of the attempt and a little longer, for two writes", async () => {
    const bench = new Bench();
    const held = await bench.start(1, () =>
      withLock(
        request,
        async (lock) => ({ lock, seen: (await stored(bench.world)) as unknown as Json }) as unknown as Json,
      ),
    );
    expect(held).toMatchObject({
      lock: { name: LOCK, fence: 1 },
      seen: { owner: runId(1), expiresAt: bench.clock.now() + 105_000 },
    });
    expect(bench.world.writes).toEqual([`LOCK#${LOCK}`, `LOCK#${LOCK}`]);
    expect(await stored(bench.world)).not.toHaveProperty("owner");
  });

  it("frees the lock when the body throws, and when the attempt's time is over", async () => {
    const bench = new Bench();
    const fails = bench.start(1, () => withLock(request, () => Promise.reject(new RangeError("no"))));
    await expect(fails).rejects.toThrow(RangeError);
    expect(await stored(bench.world)).not.toHaveProperty("owner");
    const stop = new AbortController();
    const aborted = bench.start(
      2,
      ({ signal }) => withLock(request, async () => (stop.abort(new Error("over")), signal.throwIfAborted(), null)),
      { signal: stop.signal },
    );
    await expect(aborted).rejects.toThrow("over");
    expect(await stored(bench.world)).not.toHaveProperty("owner");
  });

  it("says so and goes on where the lock cannot be freed", async () => {
    const bench = new Bench();
    const result = bench.start(1, () => withLock(request, () => ((bench.world.failAt = 0), "done")));
    await expect(result).resolves.toBe("done");
    expect(bench.warnings).toEqual([`Lock "${LOCK}" was not released; it will expire.`]);
  });

  it("waits in line, in order, and sees when its turn has come", async () => {
    const bench = new Bench();
    const order: number[] = [];
    const first = gate();
    const all = [1, 2, 3].map((n) =>
      bench.start(n, () => withLock(request, async () => (n === 1 ? await first.opened : undefined, order.push(n)))),
    );
    await bench.clock.advance(20_000);
    expect(order).toEqual([]);
    first.open();
    await bench.clock.settle(Promise.all(all));
    expect(order).toEqual([1, 2, 3]);
    expect(await stored(bench.world)).toMatchObject({ fence: 3 });
    expect(await bench.world.items.query({ pk: lockLinePartition(LOCK) })).toEqual({ items: [] });
  });

  it("gives up after its timeout, names the holder, and leaves the line", async () => {
    const bench = new Bench();
    await acquireForFlow(bench.world, acquire(bench.world, 1));
    const waits = bench.start(2, () => withLock({ ...request, timeoutSeconds: 3 }, () => null));
    await expect(bench.clock.settle(waits)).rejects.toMatchObject({
      name: ErrorName.LOCK_TIMED_OUT,
      message: expect.stringContaining(`within 3 s: run ${runId(1)} (step "acquire lock") holds it`) as string,
    });
    expect(await bench.world.items.query({ pk: lockLinePartition(LOCK) })).toEqual({ items: [] });
  });

  it("passes a lock on to a flow that waits, and takes it from one that is done", async () => {
    const bench = new Bench();
    const first = gate();
    const task = bench.start(1, () => withLock(request, () => first.opened.then(() => null)));
    await bench.clock.advance(0);
    await acquireForFlow(bench.world, acquire(bench.world, 2));
    const next = bench.start(3, () => withLock(request, ({ fence }) => fence));
    await bench.clock.advance(5_000);
    first.open();
    await bench.clock.settle(task);
    expect(answerTo(bench.world, 2)).toEqual({ output: { name: LOCK, fence: 2 } });
    await releaseForFlow(bench.world, release(2));
    await expect(bench.clock.settle(next)).resolves.toBe(3);
  });

  it("takes over from a process that died, once its lease is over", async () => {
    const bench = new Bench();
    const died = bench.start(1, () => withLock(request, () => ((bench.world.failAt = 0), null)));
    await bench.clock.settle(died);
    bench.world.failAt = -1;
    await bench.clock.advance(90_000);
    await expect(bench.clock.settle(bench.start(2, () => withLock(request, ({ fence }) => fence)))).resolves.toBe(2);
  });

  it("takes several in the order of their names, and none where one of them is not to be had", async () => {
    const bench = new Bench();
    await acquireForFlow(bench.world, acquire(bench.world, 1, { acquire: { name: "b" } }));
    const both = [
      { name: "b", timeoutSeconds: 1 },
      { name: "a", timeoutSeconds: 1 },
    ];
    const waits = bench.start(2, () => withLock(both, () => null));
    await expect(bench.clock.settle(waits)).rejects.toMatchObject({ name: ErrorName.LOCK_TIMED_OUT });
    expect(await bench.world.items.get(lockKey("a"))).not.toHaveProperty("owner");
    await releaseForFlow(bench.world, release(1, { release: { name: "b" } }));
    const names = await bench.start(2, () => withLock(both, (held) => held.map(({ name }) => name)));
    expect(names).toEqual(["b", "a"]);
  });
});

describe("a nested lock", () => {
  it("of the same name is refused at once, and of another with what to do instead", async () => {
    const bench = new Bench();
    const nested = (name: string) =>
      bench.start(1, () => withLock({ name: "a" }, () => withLock({ name }, () => null)));
    await expect(nested("a")).rejects.toMatchObject({ name: ErrorName.LOCK_HELD });
    await expect(nested("b")).rejects.toThrow("Take all of them in one call");
    expect(bench.world.writes.filter((pk) => pk !== "LOCK#a")).toEqual([]);
  });

  it("under the flow's own lock is refused, and beside another is not nested", async () => {
    const bench = new Bench();
    await acquireForFlow(bench.world, acquire(bench.world, 1));
    const task = bench.start(1, () => withLock(request, () => null));
    await expect(task).rejects.toMatchObject({ name: ErrorName.LOCK_HELD });
    const side = bench.start(1, () =>
      Promise.all([
        withLock({ name: "a" }, () => 1),
        withLock({ name: "b" }, () => 2),
        withLock({ name: "a" }, () => 3),
      ]),
    );
    await expect(bench.clock.settle(side)).resolves.toEqual([1, 2, 3]);
  });
});

describe("acquireLock", () => {
  it("holds for the rest of the block, in a task and in a flow that is called directly", async () => {
    const bench = new Bench();
    await bench.start(1, async () => {
      {
        await using lock = await acquireLock(request);
        expect(lock.fence).toBe(1);
        await expect(acquireLock(request)).rejects.toMatchObject({ name: ErrorName.LOCK_HELD });
        await expect(acquireLock({ name: "other" })).rejects.toMatchObject({ name: ErrorName.INVALID_REQUEST });
      }
      await using again = await acquireLock([request]);
      return again.map(({ fence }) => fence);
    });
    expect(await stored(bench.world)).toMatchObject({ fence: 2 });
    const flow = async (): Promise<number> => {
      await using lock = await acquireLock(request);
      return lock.fence;
    };
    await expect(direct(flow, null)).resolves.toBe(1);
  });

  it.each([{ name: "" }, { name: "a#b" }, { name: "x".repeat(300) }])(
    "refuses a name that no lock has",
    async (bad) => {
      const bench = new Bench();
      await expect(bench.start(1, () => withLock(bad, () => null))).rejects.toMatchObject({
        name: ErrorName.INVALID_REQUEST,
      });
      expect(bench.world.writes).toEqual([]);
    },
  );
});

it("a fenced write of a former holder is refused", async () => {
  const { items } = fakeWorld();
  const key = runKey("object");
  const write = (fence: number) => items.update(key, { set: { fence } }, { when: fenced({ name: LOCK, fence }) });
  expect((await write(2)).ok).toBe(true);
  expect((await write(2)).ok).toBe(true);
  expect((await write(1)).ok).toBe(false);
  expect((await write(3)).ok).toBe(true);
});
