import { createHash } from "node:crypto";
import jsonata from "jsonata";
import type { Chance } from "../machine/chance.ts";

/**
 * The functions that Step Functions adds to JSONata, and those that read the clock or chance. All readings of the clock
 * in one expression give the same moment. `$eval` is taken away, as there.
 */
export const ADDED_FUNCTIONS = [
  "hash",
  "millis",
  "now",
  "parse",
  "partition",
  "random",
  "range",
  "uuid",
  "eval",
] as const;
type Added = (typeof ADDED_FUNCTIONS)[number];
type Implementation = (...given: unknown[]) => unknown;

/** One of `ADDED_FUNCTIONS`, for one evaluation of one expression. */
export function addedFunction(name: Added, chance: Chance, moment: () => number): Implementation | undefined {
  switch (name) {
    case "now":
      return (...given) => now(moment(), given);
    case "millis":
      return (...given) => (expect("millis", given, []), moment());
    case "uuid":
      return (...given) => (expect("uuid", given, []), chance.uuid());
    case "random":
      return (...given) => {
        expect("random", given, ["number"]);
        return given[0] === undefined ? chance.random() : seededRandom(given[0] as number);
      };
    case "hash":
      return hash;
    case "parse":
      return parse;
    case "partition":
      return partition;
    case "range":
      return range;
    case "eval":
      return undefined;
  }
}

const FORMAT = jsonata("$fromMillis($moment, $picture, $zone)");

function now(moment: number, given: readonly unknown[]): unknown {
  expect("now", given, ["string", "string"]);
  if (given[0] === undefined) return new Date(moment).toISOString();
  return FORMAT.evaluate(undefined, { moment, picture: given[0], zone: given[1] });
}

/** The first double of java.util.Random with that seed, which is what Step Functions gives. */
function seededRandom(seed: number): number {
  const multiplier = 0x5deece66dn;
  let state = (BigInt(Math.trunc(seed)) ^ multiplier) & ((1n << 48n) - 1n);
  const next = (bits: bigint): bigint => {
    state = (state * multiplier + 0xbn) & ((1n << 48n) - 1n);
    return state >> (48n - bits);
  };
  return Number((next(26n) << 27n) + next(27n)) / 2 ** 53;
}

const ALGORITHMS: { readonly [name: string]: string } = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

function hash(...given: unknown[]): unknown {
  if (given.length === 0) mismatch("hash", 1);
  expect("hash", given, ["string", "string"]);
  const [text, algorithm] = given as [string | undefined, string | undefined];
  if (text === undefined || given.length === 1) return undefined;
  const known = algorithm === undefined ? undefined : ALGORITHMS[algorithm];
  if (known === undefined) {
    const allowed = Object.keys(ALGORITHMS).join(", ");
    throw new Error(`$hash does not know the algorithm ${JSON.stringify(algorithm)}; it knows ${allowed}`);
  }
  return createHash(known).update(text, "utf8").digest("hex");
}

function parse(...given: unknown[]): unknown {
  expect("parse", given, ["string"]);
  if (given[0] === undefined) return undefined;
  return JSON.parse(given[0] as string, (_, value: unknown) => {
    if (typeof value === "number" && !Number.isFinite(value)) throw new Error("$parse read a number out of range");
    return value;
  });
}

function partition(...given: unknown[]): unknown {
  const [items, size] = given;
  expect("partition", given, ["object", "number"]);
  if (items === undefined) return undefined;
  if (!Array.isArray(items)) throw new Error("T0412: argument 1 of $partition must be an array");
  const step = size === undefined ? Math.max(items.length, 1) : Math.trunc(size as number);
  if (step < 0) throw new Error(`argument 2 of $partition is ${step}, allowed are numbers from 0`);
  if (step === 0 || (items.length === 0 && size !== undefined)) return undefined;
  const parts: unknown[] = [];
  for (let start = 0; start === 0 || start < items.length; start += step) parts.push(items.slice(start, start + step));
  return parts;
}

/** As many numbers as JSONata's own `..` makes. */
const RANGE_LIMIT = 1e7;

function range(...given: unknown[]): unknown {
  expect("range", given, ["number", "number", "number"]);
  if (given.length < 3 || given.includes(undefined)) return undefined;
  const [first, last, step] = (given as [number, number, number]).map(Math.trunc) as [number, number, number];
  const count = step === 0 ? 0 : Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > RANGE_LIMIT) throw new Error(`$range would make ${count} numbers, allowed are ${RANGE_LIMIT}`);
  const numbers = Array.from({ length: count }, (_, index) => first + index * step);
  return count < 2 ? numbers[0] : numbers;
}

function expect(name: string, given: readonly unknown[], types: readonly string[]): void {
  given.forEach((value, index) => {
    const type = types[index];
    if (type === undefined || value === null || (value !== undefined && typeof value !== type))
      mismatch(name, index + 1);
  });
}

function mismatch(name: string, position: number): never {
  throw new Error(`T0410: argument ${position} of $${name} does not fit the function`);
}
