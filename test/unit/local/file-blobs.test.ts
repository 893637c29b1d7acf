import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deleteHalfWritten, fileBlobs } from "../../../engine/local/file-blobs.ts";
import { temporaryFolder } from "./temporary.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("blobs in files", () => {
  it.each(["../outside", "a/../../outside", "/absolute", "a//b", "a/./b", "nul\u0000"])(
    "refuses the key %j",
    async (key) => {
      const folder = join(temporaryFolder(), "blobs");
      await expect(fileBlobs(folder).put(key, bytes("x"))).rejects.toThrow(/Blob key .* is not allowed/);
      expect(existsSync(folder)).toBe(false);
    },
  );

  it("keeps a key apart from the folder of the same name, and odd characters as they are", async () => {
    const blobs = fileBlobs(temporaryFolder());
    const keys = ["a", "a+/b", "a/b", "a/b/c", "a-b", "~x", "%41", "ä/ö ü", "\u{1F600}"];
    for (const key of keys) await blobs.put(key, bytes(key));
    const listed = await Array.fromAsync(blobs.list(""));
    const sorted = keys.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    expect(listed.map(({ key }) => key)).toEqual(sorted);
    for (const key of keys) expect(new TextDecoder().decode(await blobs.get(key))).toBe(key);
    expect((await Array.fromAsync(blobs.list("a/"))).map(({ key }) => key)).toEqual(["a/b", "a/b/c"]);
    expect(await Array.fromAsync(blobs.list("../"))).toEqual([]);
  });

  it("shows nothing half written, and deletes what a killed process left of that", async () => {
    const folder = temporaryFolder();
    const blobs = fileBlobs(folder, "power-loss");
    await blobs.put("whole", bytes("1"));
    writeFileSync(join(folder, "~half"), "2");
    expect((await Array.fromAsync(blobs.list(""))).map(({ key }) => key)).toEqual(["whole"]);
    await deleteHalfWritten(folder);
    expect(readdirSync(folder)).toEqual(["whole"]);
    await deleteHalfWritten(join(folder, "absent"));
  });

  it("lets one of many writers put a key that is absent, and leaves no trace of the others", async () => {
    const folder = temporaryFolder();
    const blobs = fileBlobs(folder);
    const won = await Promise.all(Array.from({ length: 20 }, (_, n) => blobs.putIfAbsent("key", bytes(`${n}`))));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(new TextDecoder().decode(await blobs.get("key"))).toBe(`${won.indexOf(true)}`);
    expect(readdirSync(folder)).toEqual(["key"]);
  });
});
