import { randomFillSync } from "node:crypto";
import type { RandomBytes } from "../model/run-id.ts";

/** Asking the system for many bytes at once: for the ten of each run's id it would be the dearest part of a submit. */
const pool = Buffer.alloc(4_096);
let used = pool.length;

/** Random bytes of this machine, up to 4,096 at a time. */
export const systemRandom: RandomBytes = (length) => {
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += length;
  return Uint8Array.from(pool.subarray(used - length, used));
};
