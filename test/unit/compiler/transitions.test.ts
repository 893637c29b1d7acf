import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../engine/model/json.ts";
import { counted } from "./counted.ts";
import { goldenMachine } from "./flows.ts";

const order = { id: "a", amount: 0, urgent: false, coupon: null, lines: [] };
const input = (turns: number): JsonObject => ({
  id: "a",
  depth: turns,
  big: false,
  orders: Array.from({ length: turns }, () => order),
});

const ANSWERS: { readonly [task: string]: Json } = {
  "load-order": order,
  "list-orders": [order],
  charge: { receipt: "r", approved: false },
  ship: "shipped",
};

/** States of `turns` turns: a choice before each and one after the last, the states of the body, and the return. */
const LOOPS: readonly (readonly [flow: string, states: (turns: number) => number, why: string])[] = [
  ["lastOf", (turns) => turns * 2 + 2, "a task and the choice; what is assigned under a condition is a value"],
  ["counts", (turns) => turns * 2 + 2, "a task, and one choice for the break and for the next turn"],
  ["polls", (turns) => turns * 2 + 2, "a task, and one choice for the return and for the next turn"],
  ["atLeastOnce", (turns) => turns * 2 + 1, "a task and the choice behind it, and the return"],
  ["sums", () => 1, "two loops over lists that only compute"],
  ["sumsTogether", () => 2, "and one of several variables, with another one in it"],
  ["onlyComputes", (turns) => turns + 2, "the choice alone"],
];

describe("A loop takes one state a turn besides its body, and none where it only computes over a list", () => {
  it.each(LOOPS)("%s: %s, %s", async (flow, states) => {
    for (const turns of [1, 2, 5]) {
      const { transitions } = await counted(goldenMachine(flow), input(turns), (task) => ANSWERS[task] ?? null);
      expect([turns, transitions]).toEqual([turns, states(turns)]);
    }
  });
});
