import { setTimeout as sleep } from "node:timers/promises";

/** Resolves after so many milliseconds. @throws the signal's reason when it aborts first */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
