import { describe, expect, it } from "vitest";
import { systemClock } from "../../../engine/local/system-clock.ts";
import { systemRandom } from "../../../engine/local/system-random.ts";

describe("the system's clock", () => {
  it("rejects a sleep with the reason of its signal, before or while it sleeps", async () => {
    const reason = new Error("enough");
    await expect(systemClock.sleep(1e6, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleeping = systemClock.sleep(1e6, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await systemClock.sleep(0);
  });
});

describe("the system's random bytes", () => {
  it("are as many as asked for and never the same", () => {
    const ids = Array.from({ length: 2_000 }, () => Buffer.from(systemRandom(10)).toString("hex"));
    expect(new Set(ids).size).toBe(2_000);
    expect(new Set(ids.map(({ length }) => length))).toEqual(new Set([20]));
  });
});
