import { describe, expect, it } from "vitest";
import { explore } from "./explorer.ts";
import { LockModel } from "./locks.ts";
import { SlotModel } from "./slots.ts";
import { seeded, walkAtRandom } from "./walks.ts";

describe("the procedures of a limit, in every order", () => {
  it.each([
    ["two runs and any fault", { runs: 2, limits: [1], faults: 1 }],
    ["two runs, any fault, and a limit that changes", { runs: 2, limits: [1, 2], faults: 1 }],
    ["two runs of CANCEL_NEW and any fault", { runs: 2, limits: [1], faults: 1, strategy: "CANCEL_NEW" }],
    ["two runs, a crash, with hints", { runs: 2, limits: [1], faults: { crash: 1 }, hint: true }],
    ["three runs, and nobody sweeps", { runs: 3, limits: [1], sweep: false, overtaking: true }],
  ] as const)("leave nothing behind: %s", (_, given) => {
    const { violation, states } = explore(new SlotModel(given));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(100);
  });

  it("leave nothing behind: five runs and many faults, at random", () => {
    const faults = { crash: 2, submit: 1, event: 1, lost: 2, cancel: 1, sweep: 1, change: 2, expire: 1 };
    const given = { runs: 5, limits: [2, 1], faults };
    expect(walkAtRandom(() => new SlotModel(given), 500, seeded(1)).violation).toBeUndefined();
  });
});

describe("the procedures of a lock, in every order", () => {
  it.each([
    ["two flows and any fault", { flows: 2, faults: 1 }],
    ["two flows and any fault, with a lock that drains", { flows: 2, faults: 1, drains: true }],
    ["two flows that take two locks at once", { flows: 2, locks: 2, faults: { crash: 1 } }],
  ] as const)("leave nothing behind: %s", (_, given) => {
    expect(explore(new LockModel(given)).violation).toBeUndefined();
  });
});
