import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { checkBlobKey } from "../store/blob-key.ts";
import type { BlobInfo, Blobs } from "../store/blobs.ts";
import { inTheWay } from "./sqlite/database-errors.ts";
import type { Durability } from "./sqlite/open-database.ts";

/**
 * The blob port in files. A part of a key that is a folder ends with `+` on disk, so that the keys `a` and `a/b` are
 * apart; characters that a file's name should not have are `%`-escaped. A file that starts with `~` is half written.
 */
export function fileBlobs(folder: string, durability: Durability = "process"): Blobs {
  const pathOf = (key: string): string => {
    checkBlobKey(key);
    return join(folder, ...diskParts(key));
  };

  /** Writes the bytes beside their place, then lets `publish` move them there. */
  const place = async <T>(path: string, bytes: Uint8Array, publish: (half: string) => Promise<T>): Promise<T> => {
    const half = join(folder, `~${randomUUID()}`);
    await mkdir(dirname(path), { recursive: true });
    try {
      await using file = await open(half, "wx");
      await file.writeFile(bytes);
      if (durability === "power-loss") await file.sync();
      return await publish(half);
    } finally {
      await rm(half, { force: true });
    }
  };

  return {
    put: async (key, bytes) => {
      const path = pathOf(key);
      await place(path, bytes, (half) => rename(half, path));
    },
    putIfAbsent: async (key, bytes) => {
      const path = pathOf(key);
      return place(
        path,
        bytes,
        async (half) =>
          (await unless(
            "EEXIST",
            link(half, path).then(() => true),
          )) ?? false,
      );
    },
    get: async (key) => {
      const bytes = await unless("ENOENT", readFile(pathOf(key)));
      return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    head: async (key) => info(pathOf(key), key),
    list: (prefix) => walk(folder, "", prefix),
    delete: async (key) => rm(pathOf(key), { force: true }),
  };
}

/**
 * Deletes what a killed process left half written; for the process that alone writes blobs.
 * @throws MillraceError `PlatformUnavailable` where the folder is a file
 */
export async function deleteHalfWritten(folder: string): Promise<void> {
  const names =
    (await unless("ENOENT", readdir(folder)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOTDIR" ? inTheWay(folder) : error;
    })) ?? [];
  await Promise.all(
    names.filter((name) => name.startsWith("~")).map((name) => rm(join(folder, name), { force: true })),
  );
}

/** Every blob below a folder whose key starts with the prefix, in order of the keys' bytes. */
async function* walk(folder: string, above: string, prefix: string): AsyncIterable<BlobInfo> {
  const names = (await unless("ENOENT", readdir(folder))) ?? [];
  const keys = names.filter((name) => !name.startsWith("~")).map((name) => ({ name, key: above + keyPart(name) }));
  keys.sort((left, right) => Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)));
  for (const { name, key } of keys) {
    if (key.endsWith("/")) {
      if (key.startsWith(prefix) || prefix.startsWith(key)) yield* walk(join(folder, name), key, prefix);
    } else if (key.startsWith(prefix)) {
      const found = await info(join(folder, name), key);
      if (found !== undefined) yield found;
    }
  }
}

async function info(path: string, key: string): Promise<BlobInfo | undefined> {
  const found = await unless("ENOENT", stat(path));
  return found && { key, size: found.size };
}

function diskParts(key: string): string[] {
  const parts = key.split("/").map((part) => part.replace(/[^\w.-]/gu, escape));
  return parts.map((part, index) => (index < parts.length - 1 ? `${part}+` : part));
}

function escape(character: string): string {
  return Buffer.from(character).toString("hex").replace(/../g, "%$&");
}

/** The part of the key that a file or folder stands for; a folder's ends with `/`. */
function keyPart(name: string): string {
  return name.endsWith("+") ? `${decodeURIComponent(name.slice(0, -1))}/` : decodeURIComponent(name);
}

async function unless<T>(code: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}
