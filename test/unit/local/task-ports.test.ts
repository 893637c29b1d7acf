import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fileBlobs } from "../../../engine/local/file-blobs.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { sqliteItems } from "../../../engine/local/sqlite/items.ts";
import { IN_MEMORY } from "../../../engine/local/sqlite/open-database.ts";
import { portsUntil } from "../../../engine/local/task-ports.ts";
import { temporaryFolder } from "./temporary.ts";

describe("the ports of a call", () => {
  it("refuse every write once its signal aborts, and read still", async () => {
    const controller = new AbortController();
    const whole = sqliteItems(new Database(IN_MEMORY));
    const { items, blobs } = portsUntil(controller.signal, whole, fileBlobs(join(temporaryFolder(), "blobs")));
    const key = { pk: "a", sk: "b" };
    const bytes = Uint8Array.of(1);
    const writes = [
      () => items.put({ ...key, n: 1 }),
      () => items.update(key, { add: { n: 1 } }),
      () => items.delete({ pk: "absent", sk: "" }),
      () => blobs.put("one", bytes),
      () => blobs.putIfAbsent("two", bytes),
      () => blobs.delete("absent"),
    ];
    for (const write of writes) await write();
    controller.abort(new Error("enough"));
    for (const write of writes) await expect(write()).rejects.toThrow("enough");
    expect(await items.get(key)).toEqual({ ...key, n: 2 });
    expect(await blobs.get("one")).toEqual(bytes);
  });
});
