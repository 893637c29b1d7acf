import type { Blobs } from "../store/blobs.ts";
import type { Items } from "../store/items.ts";

/**
 * The ports of one call of a task. Once its signal aborts, for whatever reason (its time is over, its run was stopped,
 * this process stops driving), every write rejects with the signal's reason: the next attempt may be at work already, in
 * another process too. On AWS the call would have lost its Lambda function.
 */
export function portsUntil(
  signal: AbortSignal,
  items: Items,
  blobs: Blobs,
): { readonly items: Items; readonly blobs: Blobs } {
  const unlessLate = async <T>(write: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    return write();
  };
  return {
    items: {
      ...items,
      put: (item, options) => unlessLate(() => items.put(item, options)),
      update: (key, update, options) => unlessLate(() => items.update(key, update, options)),
      delete: (key, options) => unlessLate(() => items.delete(key, options)),
    },
    blobs: {
      ...blobs,
      put: (key, bytes) => unlessLate(() => blobs.put(key, bytes)),
      putIfAbsent: (key, bytes) => unlessLate(() => blobs.putIfAbsent(key, bytes)),
      delete: (key) => unlessLate(() => blobs.delete(key)),
    },
  };
}
