import { memoryBlobs, memoryItems } from "millrace/testing";
import type { Blobs, Items, TaskScope } from "millrace";
import { describe, expect, it } from "vitest";
import { recordHead, removeRetired, RETENTION_MS } from "../../../../functions/git/heads.ts";
import type { RecordRepository } from "../../../../functions/git/models.ts";
import { readBranch, readRepository } from "../../../../functions/git/records.ts";

const silent = () => undefined;

function scopeOf(run: string, items: Items, blobs: Blobs, now = 0): TaskScope {
  return {
    log: { debug: silent, info: silent, warn: silent, error: silent },
    items,
    blobs: { ...blobs, read: async () => null },
    run: { id: run, workflow: "w", stack: "s", step: "record-repository", attempt: 1 },
    context: {},
    now: () => now,
    signal: new AbortController().signal,
  };
}

/** A run's clone at a head, stored, and what it asks to record. */
async function cloned(run: string, head: string, previousHead: string | null, blobs: Blobs): Promise<RecordRepository> {
  const blob = `repositories/r/${head}/${run}.tar`;
  await blobs.put(blob, new Uint8Array(1));
  const clone = { commit: head, author: "Ada", subject: "S", committedAt: 1, files: 1, entries: ["a"], blob, size: 1 };
  const repository = { repositoryId: "r", repositoryName: "net", branchName: "main", location: "/x" };
  return { ...repository, defaultBranch: "trunk", previousHead, clone };
}

describe("the head of a repository in a branch", () => {
  it("is moved by one of two runs; the other is told who was first and leaves nothing", async () => {
    const [items, blobs] = [memoryItems(), memoryBlobs()];
    const [first, second] = [await cloned("1", "aaa", null, blobs), await cloned("2", "bbb", null, blobs)];
    expect(await recordHead(first, scopeOf("1", items, blobs))).toBe("added");
    await expect(recordHead(second, scopeOf("2", items, blobs))).rejects.toMatchObject({
      name: "RepositoryChanged",
      message: expect.stringContaining('"net" in branch "main" was recorded by run 1') as string,
    });
    expect(await blobs.head(second.clone.blob)).toBeUndefined();
    expect(await readBranch(items, "main", "r")).toMatchObject({ commit: "aaa", run: "1", revision: 1 });
  });

  it("stays with the first of two runs that found the same one, and the second answers unchanged", async () => {
    const [items, blobs] = [memoryItems(), memoryBlobs()];
    const [first, second] = [await cloned("1", "aaa", null, blobs), await cloned("2", "aaa", null, blobs)];
    await recordHead(first, scopeOf("1", items, blobs));
    expect(await recordHead(second, scopeOf("2", items, blobs))).toBe("unchanged");
    expect(await blobs.head(second.clone.blob)).toBeUndefined();
    expect(await blobs.head(first.clone.blob)).toBeDefined();
  });

  it("loses to a write between its read and its own, and a further attempt tells why", async () => {
    const [items, blobs] = [memoryItems(), memoryBlobs()];
    const [first, second] = [await cloned("1", "aaa", null, blobs), await cloned("2", "bbb", null, blobs)];
    let raced = false;
    const racing: Items = {
      ...items,
      get: async (key, options) => {
        const item = await items.get(key, options);
        if (!raced) {
          raced = true;
          await recordHead(second, scopeOf("2", items, blobs));
        }
        return item;
      },
    };
    await expect(recordHead(first, scopeOf("1", racing, blobs))).rejects.toMatchObject({ name: "RepositoryChanged" });
    await expect(recordHead(first, scopeOf("1", racing, blobs))).rejects.toThrow(/recorded by run 2/);
    expect(await readBranch(items, "main", "r")).toMatchObject({ commit: "bbb", run: "2" });
  });

  it("is recorded once by a further attempt of the same run, which finishes what the first left", async () => {
    const [items, blobs] = [memoryItems(), memoryBlobs()];
    const request = await cloned("1", "aaa", null, blobs);
    const dying: Items = {
      ...items,
      put: async (item, options) => (item.pk === "repositories" ? crash() : items.put(item, options)),
    };
    await expect(recordHead(request, scopeOf("1", dying, blobs))).rejects.toThrow("killed");
    expect(await recordHead(request, scopeOf("1", items, blobs))).toBe("added");
    expect(await readBranch(items, "main", "r")).toMatchObject({ commit: "aaa", revision: 1, retired: [] });
    expect(await readRepository(items, "r")).toMatchObject({ name: "net" });
  });

  it("keeps each former blob for its own day, also where the head comes back", async () => {
    const [items, blobs] = [memoryItems(), memoryBlobs()];
    const a = await cloned("1", "aaa", null, blobs);
    const b = await cloned("2", "bbb", "aaa", blobs);
    const again = await cloned("3", "aaa", "bbb", blobs);
    await recordHead(a, scopeOf("1", items, blobs, 0));
    await recordHead(b, scopeOf("2", items, blobs, 10));
    await recordHead(again, scopeOf("3", items, blobs, 20));
    expect(await removeRetired("r", "main", scopeOf("4", items, blobs, RETENTION_MS + 9))).toBe(0);
    expect(await removeRetired("r", "main", scopeOf("4", items, blobs, RETENTION_MS + 10))).toBe(1);
    expect(await blobs.head(a.clone.blob)).toBeUndefined();
    expect(await removeRetired("r", "main", scopeOf("5", items, blobs, RETENTION_MS + 20))).toBe(1);
    expect(await Array.fromAsync(blobs.list(""))).toMatchObject([{ key: again.clone.blob }]);
    expect(await readBranch(items, "main", "r")).toMatchObject({ commit: "aaa", blob: again.clone.blob, retired: [] });
  });
});

function crash(): never {
  throw new Error("killed");
}
