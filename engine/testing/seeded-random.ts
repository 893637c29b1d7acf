import { createHash } from "node:crypto";

/** Numbers from 0 up to 1, the same ones for the same seed. */
export function seededRandom(seed: number): () => number {
  let drawn = 0;
  return () => hash(`${seed} ${(drawn += 1)}`).readUInt32BE() / 2 ** 32;
}

/** UUIDs of version 4, the same ones for the same seed. */
export function seededUuids(seed: number): () => string {
  let made = 0;
  return () => {
    const hex = hash(`uuid ${seed} ${(made += 1)}`).toString("hex");
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `8${hex.slice(17, 20)}`,
      hex.slice(20, 32),
    ].join("-");
  };
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
