import { describe, expect, it } from "vitest";
import { and, compare, not, or } from "../../../engine/store/condition.ts";
import { prefixBlobs, prefixItems } from "../../../engine/store/prefix.ts";
import { memoryBlobs } from "../../../engine/testing/memory-blobs.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { blobsContract, itemsContract } from "./contract.ts";

itemsContract("below a prefix", async () => ({
  items: prefixItems(memoryItems(), "DOMAIN#a#"),
  close: async () => {},
}));
blobsContract("below a prefix", async () => ({ blobs: prefixBlobs(memoryBlobs(), "a/"), close: async () => {} }));

describe("two prefixes of one store", () => {
  it("never see each other's items, in the table or in the index", async () => {
    const whole = memoryItems();
    const [mine, yours] = [prefixItems(whole, "DOMAIN#a#"), prefixItems(whole, "DOMAIN#b#")];
    const item = { pk: "p", sk: "s", gk: "OPEN#1", gs: "1" };
    await mine.put(item);
    await mine.update({ pk: "p", sk: "t" }, { set: { gk: "OPEN#1" }, setIfAbsent: { gs: "2" } });
    expect(await yours.get(item)).toBeUndefined();
    for (const other of [yours, whole]) {
      expect((await other.query({ pk: "OPEN#1", index: "open" })).items).toEqual([]);
      expect((await other.query({ pk: "p" })).items).toEqual([]);
    }
    expect((await mine.query({ pk: "OPEN#1", index: "open" })).items).toEqual([
      item,
      { pk: "p", sk: "t", gk: "OPEN#1", gs: "2" },
    ]);
  });

  it("compare keys as their owner wrote them", async () => {
    const items = prefixItems(memoryItems(), "DOMAIN#a#");
    const item = { pk: "p", sk: "s", gk: "OPEN#1", gs: "1" };
    await items.put(item);
    const when = and(or(compare("gk", "=", "OPEN#1")), not(compare("gk", "<", "OPEN#0")), compare("pk", "=", "p"));
    expect(await items.delete(item, { when })).toEqual({ ok: true, item });
  });
});
