import { checkBlobKey } from "../store/blob-key.ts";
import type { Blobs } from "../store/blobs.ts";

/** The blob port in memory, for tests. */
export function memoryBlobs(): Blobs {
  const stored = new Map<string, Uint8Array>();
  const checked = (key: string): string => (checkBlobKey(key), key);
  return {
    put: async (key, bytes) => void stored.set(checked(key), bytes.slice()),
    putIfAbsent: async (key, bytes) => {
      const free = !stored.has(checked(key));
      if (free) stored.set(key, bytes.slice());
      return free;
    },
    get: async (key) => stored.get(checked(key))?.slice(),
    head: async (key) => {
      const bytes = stored.get(checked(key));
      return bytes && { key, size: bytes.length };
    },
    list: async function* (prefix) {
      const found = [...stored].filter(([key]) => key.startsWith(prefix));
      found.sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
      for (const [key, bytes] of found) yield { key, size: bytes.length };
    },
    delete: async (key) => void stored.delete(checked(key)),
  };
}
