import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { batchOf, type Batch, type BatchOptions } from "../../../engine/client/batch.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", onUnhandled);
});
afterEach(async () => {
  await turns(3);
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});

function newBatch<R = unknown, N = unknown>(options: BatchOptions = {}): Batch<R, N> {
  return batchOf<R, N>(() => Promise.reject(new Error("no workflow here")), options);
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

/** A function that ends when the test says so. */
function held<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const begun: unknown[] = [];
  return { task: (input: unknown) => (begun.push(input), promise), begun, resolve, reject };
}

describe("a batch", () => {
  it("gives results as they come, with the entry that each belongs to", async () => {
    const [slow, quick] = [held<string>(), held<string>()];
    const batch = newBatch<string, string>();
    batch.add({ task: slow.task, input: 1, node: "first" });
    batch.add({ task: quick.task, input: 2, node: "second" });
    expect([batch.numTasks, slow.begun]).toEqual([2, []]);
    const outcomes = batch.execute();
    const first = outcomes.next();
    quick.resolve("quick");
    expect((await first).value).toMatchObject(["quick", undefined, { node: "second", input: 2 }]);
    slow.resolve("slow");
    expect((await outcomes.next()).value).toMatchObject(["slow", undefined, { node: "first", input: 1 }]);
    expect(await outcomes.next()).toEqual({ value: undefined, done: true });
    expect(batch.numTasks).toBe(0);
  });

  it("never loses an entry's siblings: each gives its result or its error, at most so many at once", async () => {
    const entries = fc.array(fc.record({ fails: fc.boolean(), turns: fc.nat(3), throws: fc.boolean() }), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 6 }), async (given, maxConcurrency) => {
        const batch = newBatch<number, number>({ maxConcurrency });
        let [running, most] = [0, 0];
        for (const [index, { fails, turns: wait, throws }] of given.entries()) {
          const task = async (): Promise<number> => {
            most = Math.max(most, (running += 1));
            await turns(wait);
            running -= 1;
            if (fails) throw new TypeError(`${index}`);
            return index;
          };
          const thrower = (): number => {
            throw new TypeError(`${index}`);
          };
          batch.add({ task: throws && fails ? thrower : task, node: index });
        }
        const seen: unknown[] = [];
        for await (const [result, error, { node }] of batch.execute()) {
          const { fails } = given[node ?? -1] ?? {};
          expect([result, error?.message]).toEqual(fails === true ? [undefined, `${node}`] : [node, undefined]);
          seen.push(node);
        }
        expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(given.map((_, index) => index));
        expect(most).toBeLessThanOrEqual(maxConcurrency);
      }),
      { numRuns: 60 },
    );
  });

  it("runs five at once where nothing else is said, and goes on while the loop is busy", async () => {
    const all = Array.from({ length: 12 }, () => held<number>());
    const batch = newBatch<number>();
    for (const { task } of all) batch.add({ task, input: 0 });
    const outcomes = batch.execute();
    const first = outcomes.next();
    const begun = (): number => all.filter((one) => one.begun.length > 0).length;
    await turns(1);
    expect(begun()).toBe(5);
    all[0]?.resolve(0);
    await first;
    all[1]?.resolve(1);
    await turns(1);
    expect(begun()).toBe(7);
    for (const { resolve } of all) resolve(2);
    expect(await Array.fromAsync(outcomes)).toHaveLength(11);
  });

  it("takes what is added in the loop, and each entry once", async () => {
    const batch = newBatch<number>();
    const count = (input: number): number => input;
    batch.add({ task: count, input: 3 });
    const seen: unknown[] = [];
    for await (const [result] of batch.execute()) {
      seen.push(result);
      if (result !== undefined && result > 0) batch.add({ task: count, input: result - 1 });
    }
    expect(seen).toEqual([3, 2, 1, 0]);
    expect(await Array.fromAsync(batch.execute())).toEqual([]);
  });

  it.each(["break", "throw"])("waits for what has begun, and begins no more, on a %s in the loop", async (exit) => {
    const [running, never] = [held<number>(), held<number>()];
    const batch = newBatch<number>({ maxConcurrency: 2 });
    batch.add({ task: () => 1 });
    batch.add({ task: running.task, input: 0 });
    batch.add({ task: running.task, input: 0 });
    batch.add({ task: never.task, input: 0 });
    let left = false;
    const loop = (async () => {
      for await (const [result] of batch.execute()) {
        expect(result).toBe(1);
        if (exit === "throw") throw new Error("enough");
        break;
      }
    })().then(
      () => (left = true),
      (error: Error) => (left = error.message === "enough"),
    );
    await turns(3);
    expect(left).toBe(false);
    running.reject(new Error("too late to be seen"));
    await loop;
    expect([left, never.begun, batch.numTasks]).toEqual([true, [], 1]);
  });

  it("throws the first error where it shall not return them, after what has begun has ended", async () => {
    const batch = newBatch<number>({ returnExceptions: false, maxConcurrency: 2 });
    let ended = false;
    batch.add({ task: () => Promise.reject(new TypeError("bad")) });
    batch.add({ task: () => turns(2).then(() => ((ended = true), 1)) });
    batch.add({ task: () => 2 });
    await expect(Array.fromAsync(batch.execute())).rejects.toMatchObject({ name: "TypeError", message: "bad" });
    expect(ended).toBe(true);
  });

  it("executes workflows with their parameters, and stops waiting for them when the loop is left", async () => {
    const COUNT = { name: "count", parameters: z.object({ count: z.number() }) } as unknown as WorkflowDefinition;
    const calls: unknown[] = [];
    const batch = batchOf<number, string>((workflow, options, signal) => {
      calls.push([workflow.name, options]);
      if (calls.length === 1) return Promise.resolve(7);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    }, {});
    batch.add({ task: COUNT, parameters: { count: 1 }, tags: ["t"], priority: "high", node: "n" });
    batch.add({ task: COUNT, parameters: { count: 2 } });
    for await (const [result, , { node }] of batch.execute()) {
      expect([result, node]).toEqual([7, "n"]);
      break;
    }
    expect(calls).toEqual([
      ["count", { parameters: { count: 1 }, tags: ["t"], priority: "high" }],
      ["count", { parameters: { count: 2 } }],
    ]);
  });

  it.each([0, -1, 1.5, NaN])("refuses %d at once", (maxConcurrency) => {
    expect(() => newBatch({ maxConcurrency })).toThrow(/maxConcurrency is .*, allowed are whole numbers from 1/);
  });

  it("holds an input against the task that it is for", () => {
    const batch = newBatch<number>();
    // @ts-expect-error: a text is no number
    batch.add({ task: (input: number) => input, input: "1" });
    // @ts-expect-error: the input is missing
    batch.add({ task: (input: number) => input });
    expect(batch.numTasks).toBe(2);
  });
});
