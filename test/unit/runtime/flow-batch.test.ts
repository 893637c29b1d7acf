import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { batch, mapAll } from "../../../engine/runtime/flow-batch.ts";

const ITEMS = [3, 1, 2, 0, 4];

/** Work that takes as many turns of the event loop as the item says, and how many are at it at once. */
function work() {
  const begun: number[] = [];
  const ended: number[] = [];
  let most = 0;
  const fn = async (item: number, index: number): Promise<string> => {
    begun.push(index);
    most = Math.max(most, begun.length - ended.length);
    for (let turn = 0; turn < item; turn += 1) await setImmediate();
    ended.push(index);
    if (item === 1) throw new RangeError(`not ${item}`);
    return `${index}: ${item}`;
  };
  return { fn, begun, ended, most: () => most };
}

describe("batch", () => {
  it("gives an outcome for each item in the order of the items, so many at once", async () => {
    const { fn, most } = work();
    expect(await batch(ITEMS, fn, { maxConcurrency: 2 })).toEqual([
      { status: "ok", value: "0: 3" },
      { status: "error", error: { name: "RangeError", message: "not 1" } },
      { status: "ok", value: "2: 2" },
      { status: "ok", value: "3: 0" },
      { status: "ok", value: "4: 4" },
    ]);
    expect(most()).toBe(2);
  });

  it("fails with the error of an item when what has begun is done, and begins no more", async () => {
    const { fn, begun, ended } = work();
    await expect(batch(ITEMS, fn, { maxConcurrency: 2, onError: "fail" })).rejects.toThrow(new RangeError("not 1"));
    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([1, 0]);
  });

  it("has no outcome for no item", async () => {
    expect(await batch([], work().fn)).toEqual([]);
  });
});

describe("mapAll", () => {
  it("gives the values in the order of the items", async () => {
    const { fn, most } = work();
    expect(await mapAll([3, 2, 0], fn, { concurrency: 3 })).toEqual(["0: 3", "1: 2", "2: 0"]);
    expect(most()).toBe(3);
  });

  it.each([0, 1.5, 41, NaN])("takes no concurrency of %d", async (concurrency) => {
    await expect(mapAll(ITEMS, work().fn, { concurrency })).rejects.toThrow(`concurrency is ${concurrency}`);
  });
});
