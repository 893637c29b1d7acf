import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import type { Json } from "../../../engine/model/json.ts";
import { invokeTask, type TaskHost } from "../../../engine/runtime/invoke.ts";
import { task, type Task } from "../../../engine/runtime/task.ts";
import type { Items } from "../../../engine/store/items.ts";
import { memoryBlobs } from "../../../engine/testing/memory-blobs.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";

const CACHE = { ttlSeconds: 60 };
const input = z.object({ repository: z.string(), commit: z.string().default("head"), noise: z.number().optional() });
const ID = (run: number) => `0193a0b1-0000-7000-8000-${String(run).padStart(12, "0")}`;

/** One platform: what it is asked for is counted. */
class Platform {
  readonly clock = new VirtualClock();
  readonly lines: string[] = [];
  readonly asked = { reads: 0, writes: 0, puts: 0 };
  readonly blobs = memoryBlobs();
  readonly #items = memoryItems();
  #runs = 0;

  /** Fails every write of an entry from here on. */
  broken = false;

  get items(): Items {
    const { asked } = this;
    const { get, update, put } = this.#items;
    return {
      ...this.#items,
      get: (...request) => ((asked.reads += 1), get(...request)),
      put: (...request) => ((asked.writes += 1), put(...request)),
      update: async (...request) => {
        if (this.broken) throw new Error("throttled");
        asked.writes += 1;
        return update(...request);
      },
    };
  }

  /** One attempt of a task in a run of its own. */
  call(called: unknown, given: Json, domain = "git", attempt = 1): Promise<Json> {
    const { items, blobs, clock, lines, asked } = this;
    const log = (message: string): void => void lines.push(message);
    const host: TaskHost = {
      items,
      blobs: { ...blobs, put: (...request) => ((asked.puts += 1), blobs.put(...request)) },
      domain,
      now: () => clock.now(),
      sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
      submit: () => Promise.reject(new Error("nothing is submitted here")),
      answer: () => Promise.reject(new Error("nothing is answered here")),
      log: () => ({ debug: log, info: log, warn: log, error: log }),
    };
    if (attempt === 1) this.#runs += 1;
    const run = `arn:aws:states:local:000000000000:execution:local_w:${ID(this.#runs)}`;
    const payload = {
      task: "t",
      input: given,
      run,
      step: "t",
      at: "functions/git/flows.ts:1",
      attempt,
      context: {},
    };
    return invokeTask(called as Task, payload, host);
  }

  /** What was asked of the stores since the last time. */
  costs(): Platform["asked"] {
    const costs = { ...this.asked };
    Object.assign(this.asked, { reads: 0, writes: 0, puts: 0 });
    return costs;
  }
}

function counting(options: object = {}, result: (run: number) => unknown = (run) => run): Task & { runs: number } {
  const counted = task({ name: "t", input, output: z.any(), cache: CACHE, ...options }, () => {
    counted.runs += 1;
    return result(counted.runs);
  }) as unknown as Task & { runs: number };
  counted.runs = 0;
  return counted;
}

describe("a task with a cache", () => {
  it("runs once for one input: two writes and a read, then a read a call", async () => {
    const platform = new Platform();
    const counted = counting();
    expect(await platform.call(counted, { repository: "r" })).toBe(1);
    expect(platform.costs()).toEqual({ reads: 1, writes: 2, puts: 0 });
    expect(await platform.call(counted, { commit: "head", repository: "r", unknown: 1 })).toBe(1);
    expect(platform.costs()).toEqual({ reads: 1, writes: 0, puts: 0 });
    expect(platform.lines).toEqual([`"t" is answered from the cache: run ${ID(1)} worked it out`]);
  });

  it("tells apart other inputs, tasks, domains and forms of the result", async () => {
    const platform = new Platform();
    const given = { repository: "r" };
    const counted = counting();
    await platform.call(counted, given);
    await platform.call(counted, { ...given, commit: "c" });
    await platform.call(counted, given, "mail");
    await platform.call(counting({ name: "other" }), given);
    expect(await platform.call(counting({ resultAs: "blob" }), given)).toMatchObject({ size: 1 });
    expect(counted.runs).toBe(3);
    expect(platform.costs()).toEqual({ reads: 5, writes: 10, puts: 1 });
  });

  it("goes by its key alone, whose fields never run into each other", async () => {
    const platform = new Platform();
    const counted = counting({ cache: { ...CACHE, key: "{repository}-{commit}" } });
    expect(await platform.call(counted, { repository: "a-b", commit: "c", noise: 1 })).toBe(1);
    expect(await platform.call(counted, { repository: "a-b", commit: "c", noise: 2 })).toBe(1);
    expect(await platform.call(counted, { repository: "a", commit: "b-c" })).toBe(2);
    expect(await platform.call(counted, { repository: "x".repeat(300), commit: "1" })).toBe(3);
    expect(await platform.call(counted, { repository: "x".repeat(300), commit: "2" })).toBe(4);
    expect(
      await platform.call(counting({ cache: { ...CACHE, key: "v2 {repository}-{commit}" } }), {
        repository: "a-b",
        commit: "c",
      }),
    ).toBe(1);
  });

  it("keeps a result for its time to live", async () => {
    const platform = new Platform();
    const counted = counting();
    await platform.call(counted, { repository: "r" });
    await platform.clock.advance(59_999);
    expect(await platform.call(counted, { repository: "r" })).toBe(1);
    await platform.clock.advance(1);
    platform.costs();
    expect(await platform.call(counted, { repository: "r" })).toBe(2);
    expect(platform.costs()).toEqual({ reads: 1, writes: 2, puts: 0 });
  });

  it("never keeps an error, and frees the entry at once", async () => {
    const platform = new Platform();
    const counted = counting({}, (run) => {
      if (run === 1) throw new TypeError("not yet");
      return run === 2 ? "x".repeat(300_000) : run;
    });
    await expect(platform.call(counted, { repository: "r" })).rejects.toThrow("not yet");
    await expect(platform.call(counted, { repository: "r" })).rejects.toMatchObject({ name: "ResultTooLarge" });
    platform.costs();
    expect(await platform.call(counted, { repository: "r" })).toBe(3);
    expect(platform.costs()).toEqual({ reads: 1, writes: 2, puts: 0 });
  });

  it("checks its input before it answers", async () => {
    const platform = new Platform();
    await platform.call(counting(), { repository: "r" });
    platform.costs();
    await expect(platform.call(counting(), { repository: 1 })).rejects.toMatchObject({ name: "InvalidInput" });
    expect(platform.costs()).toEqual({ reads: 0, writes: 0, puts: 0 });
  });

  it("works out again what a changed output schema refuses", async () => {
    const platform = new Platform();
    await platform.call(counting(), { repository: "r" });
    const changed = counting({ output: z.string() }, (run) => `new ${run}`);
    platform.costs();
    expect(await platform.call(changed, { repository: "r" })).toBe("new 1");
    expect(platform.costs()).toEqual({ reads: 2, writes: 2, puts: 0 });
    expect(await platform.call(changed, { repository: "r" })).toBe("new 1");
  });

  it.each<[string, object, number]>([
    ["as itself", {}, 100_000],
    ["as a blob", { resultAs: "blob" }, 500_000],
  ])("puts a large result into the blob store and answers with it %s", async (_, options, size) => {
    const platform = new Platform();
    const counted = counting(options, (run) => String(run).repeat(size));
    const first = await platform.call(counted, { repository: "r" });
    expect(platform.costs()).toEqual({ reads: 1, writes: 2, puts: 1 });
    expect(await platform.call(counted, { repository: "r" })).toEqual(first);
    expect(platform.costs()).toEqual({ reads: 1, writes: 0, puts: 0 });
    for await (const { key } of platform.blobs.list("runs/")) await platform.blobs.delete(key);
    expect(await platform.call(counted, { repository: "r" })).not.toEqual(first);
  });

  it("keeps every result that JSON can hold", async () => {
    const platform = new Platform();
    let nested: unknown = 1e-200;
    for (let depth = 0; depth < 100; depth += 1) nested = [nested];
    for (const [index, result] of [null, "", [], {}, 0, false, nested, { a: undefined }].entries()) {
      const counted = counting({}, () => result);
      const first = await platform.call(counted, { repository: String(index) });
      expect(await platform.call(counted, { repository: String(index) })).toEqual(first);
      expect(counted.runs).toBe(1);
    }
  });

  it("is worked out by one of those who ask at the same time; the others wait for it", async () => {
    const platform = new Platform();
    const slow = counting({}, async (run) => (await platform.clock.sleep(10_000), run));
    const calls = Array.from({ length: 20 }, () => platform.call(slow, { repository: "r" }));
    expect(await platform.clock.settle(Promise.all(calls))).toEqual(Array.from({ length: 20 }, () => 1));
    expect(slow.runs).toBe(1);
    const waiting = platform.lines.filter((line) => line.startsWith("Waits"));
    expect(waiting).toEqual(
      Array.from({ length: 19 }, () => `Waits for the result of "t" that run ${ID(1)} works out`),
    );
    // Looks after 0.1, 0.3, 0.7, 1.5, 3.1 s and every 2 s from there; only those of the first moment tried to begin.
    expect(platform.costs()).toMatchObject({ reads: 20 + 19 * 9, puts: 0 });
  });

  it("is taken over at once by the next attempt of the step whose process died", async () => {
    const owners: ((value: string) => void)[] = [];
    const slow = counting({}, () => new Promise((resolve) => owners.push(resolve)));
    const platform = new Platform();
    const died = platform.call(slow, { repository: "r" });
    await vi.waitFor(() => expect(owners).toHaveLength(1));
    const second = platform.call(slow, { repository: "r" }, "git", 2);
    await vi.waitFor(() => expect(owners).toHaveLength(2));
    owners[0]?.("late");
    expect(await died).toBe("late");
    owners[1]?.("in time");
    expect(await second).toBe("in time");
    expect(await platform.call(slow, { repository: "r" })).toBe("in time");
    expect(platform.clock.now()).toBe(new Platform().clock.now());
  });

  it("is taken over when its owner is gone, and the owner's late result is refused", async () => {
    const platform = new Platform();
    const owners: ((value: string) => void)[] = [];
    const slow = counting({ timeoutSeconds: 30 }, () => new Promise((resolve) => owners.push(resolve)));
    const first = platform.call(slow, { repository: "r" });
    await platform.clock.advance(0);
    const second = platform.call(slow, { repository: "r" });
    await platform.clock.advance(34_000);
    expect(slow.runs).toBe(1);
    await platform.clock.advance(4_000);
    expect(slow.runs).toBe(2);
    owners[0]?.("late");
    expect(await first).toBe("late");
    owners[1]?.("in time");
    expect(await second).toBe("in time");
    expect(await platform.call(slow, { repository: "r" })).toBe("in time");
  });

  it("does not fail where its result cannot be kept", async () => {
    const platform = new Platform();
    const counted = counting({}, (run) => ((platform.broken = true), run));
    expect(await platform.call(counted, { repository: "r" })).toBe(1);
    expect(platform.lines).toEqual(["The cache could not be written"]);
  });

  it("answers other tasks that call it within their step, each of them alone", async () => {
    const platform = new Platform();
    const inner = counting();
    const call = inner as unknown as (given: Json) => Promise<Json>;
    const outer = task({ name: "outer", input: z.any(), output: z.any() }, () =>
      Promise.all([call({ repository: "r" }), call({ repository: "r" })]),
    );
    expect(await platform.clock.settle(platform.call(outer, {}))).toEqual([1, 1]);
    expect(inner.runs).toBe(1);
  });
});

describe("the cache of a task's declaration", () => {
  it.each<[string, object, RegExp]>([
    [
      "a broken time to live",
      { cache: { ttlSeconds: 1.5 } },
      /cache\.ttlSeconds is 1.5, allowed are whole numbers from 1 to 5184000/,
    ],
    ["a time to live of 0", { cache: { ttlSeconds: 0 } }, /cache\.ttlSeconds is 0/],
    ["one above 60 days", { cache: { ttlSeconds: 5_184_001 } }, /cache\.ttlSeconds is 5184001/],
    ["an unknown field", { cache: { ...CACHE, key: "{nope}" } }, /cache\.key: .*\{nope\}.*it has \{repository\}/],
    ["a key without a field", { cache: { ...CACHE, key: "all" } }, /cache\.key "all" names no field of the input/],
    ["an input that is transformed", { input: z.object({ n: z.coerce.number() }) }, /the input .* "n" transforms/],
    ["an output that is no JSON", { output: z.object({ at: z.date() }) }, /the output .* not plain JSON/],
  ])("refuses %s", (_, changes, message) => {
    expect(() => task({ name: "t", input, output: z.any(), cache: CACHE, ...changes }, () => 1)).toThrow(message);
  });
});
