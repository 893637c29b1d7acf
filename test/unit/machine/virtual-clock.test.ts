import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";

describe("the virtual clock", () => {
  it("stands still until it advances, and wakes sleepers in the order of their times", async () => {
    const clock = new VirtualClock(1000);
    const woken: string[] = [];
    const sleep = (name: string, milliseconds: number): void =>
      void clock.sleep(milliseconds).then(() => woken.push(`${name} at ${clock.now()}`));
    sleep("late", 30);
    sleep("early", 10);
    await clock.advance(9);
    expect(woken).toEqual([]);
    await clock.advance(21);
    expect(woken).toEqual(["early at 1010", "late at 1030"]);
  });

  it("jumps from sleeper to sleeper until a promise settles, and no further", async () => {
    const clock = new VirtualClock(0);
    void clock.sleep(1_000_000);
    const work = async (): Promise<number> => {
      await clock.sleep(10);
      await clock.sleep(20);
      return clock.now();
    };
    expect(await clock.settle(work())).toBe(30);
    expect(clock.now()).toBe(30);
    await expect(clock.settle(Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  it("rejects a sleep with the reason of its signal", async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const sleep = clock.sleep(10, controller.signal);
    controller.abort(new Error("enough"));
    await expect(sleep).rejects.toThrow("enough");
    await expect(clock.sleep(10, controller.signal)).rejects.toThrow("enough");
  });
});
