import { describe, expect, it } from "vitest";
import { explore } from "./explorer.ts";
import { LockModel } from "./locks.ts";
import { LOCK_MUTANTS, LOCK_SURVIVORS, SLOT_MUTANTS, SLOT_SURVIVORS } from "./mutants.ts";
import { SlotModel } from "./slots.ts";

describe("the model of a limit", () => {
  it.each(SLOT_MUTANTS)("finds out that $name", ({ given }) => {
    expect(explore(new SlotModel(given)).violation?.problem).toBeDefined();
  });

  it.each(SLOT_SURVIVORS)("has nothing against it that $name", ({ given }) => {
    expect(explore(new SlotModel(given)).violation).toBeUndefined();
  });
});

describe("the model of a lock", () => {
  it.each(LOCK_MUTANTS)("finds out that $name", ({ given }) => {
    expect(explore(new LockModel(given)).violation?.problem).toBeDefined();
  });

  it.each(LOCK_SURVIVORS)("has nothing against it that $name", ({ given }) => {
    expect(explore(new LockModel(given)).violation).toBeUndefined();
  });
});
