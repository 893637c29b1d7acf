import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { fileBlobs } from "../../../engine/local/file-blobs.ts";
import { IN_MEMORY } from "../../../engine/local/sqlite/open-database.ts";
import { sqliteItems } from "../../../engine/local/sqlite/items.ts";
import { blobsContract, itemsContract } from "../store/contract.ts";

itemsContract("SQLite in memory", async () => {
  const database = new Database(IN_MEMORY);
  return { items: sqliteItems(database), close: async () => database.close() };
});

itemsContract("SQLite in a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-"));
  const database = new Database(join(folder, "millrace.db"));
  return {
    items: sqliteItems(database),
    close: async () => {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
});

blobsContract("files", async () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-"));
  return { blobs: fileBlobs(join(folder, "blobs")), close: async () => rmSync(folder, { recursive: true }) };
});
