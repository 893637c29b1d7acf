const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/** The doubles of java.util.Random with that seed, one after another, which is what Step Functions gives. */
export function javaRandom(seed: number): () => number {
  let state = (BigInt(Math.trunc(seed)) ^ MULTIPLIER) & MASK;
  const next = (bits: bigint): bigint => {
    state = (state * MULTIPLIER + 0xbn) & MASK;
    return state >> (48n - bits);
  };
  return () => Number((next(26n) << 27n) + next(27n)) / 2 ** 53;
}
