import { describe, expect, it } from "vitest";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { isOver, LEASE_MS, releaseLease, takeLease } from "../../../engine/local/lease.ts";
import { IN_MEMORY } from "../../../engine/local/sqlite/open-database.ts";

describe("the lease", () => {
  it("goes to the first, is renewed by it, and refused to the second with its holder's name", async () => {
    const database = new Database(IN_MEMORY);
    expect(await takeLease(database, "a", 1_000)).toEqual({ held: true, renewed: false });
    expect(await takeLease(database, "a", 2_000)).toMatchObject({ held: true, renewed: true });
    expect(await takeLease(database, "b", 3_000)).toMatchObject({
      held: false,
      by: { owner: "a", pid: process.pid, expires: 2_000 + LEASE_MS },
    });
    database.close();
  });

  it("goes over when it has expired, and says until when it was held", async () => {
    const database = new Database(IN_MEMORY);
    await takeLease(database, "a", 0);
    expect(await takeLease(database, "b", LEASE_MS)).toEqual({ held: true, renewed: false, before: LEASE_MS });
    expect(await takeLease(database, "a", LEASE_MS)).toMatchObject({ held: false, by: { owner: "b" } });
    database.close();
  });

  it("goes over at once when it was released, and only its owner can release it", async () => {
    const database = new Database(IN_MEMORY);
    await takeLease(database, "a", 0);
    await releaseLease(database, "b", 10);
    expect(await takeLease(database, "b", 20)).toMatchObject({ held: false });
    await releaseLease(database, "a", 30);
    expect(await takeLease(database, "b", 40)).toEqual({ held: true, renewed: false, before: 30 });
    database.close();
  });

  it("is over when its process is dead, if that is on this host", () => {
    const row = { owner: "a", pid: 7, host: "here", expires: 100 };
    const dead = (): boolean => false;
    expect(isOver(row, 99, "here", dead)).toBe(true);
    expect(isOver(row, 99, "there", dead)).toBe(false);
    expect(isOver(row, 99, "here", () => true)).toBe(false);
    expect(isOver(row, 100, "there", () => true)).toBe(true);
  });
});
