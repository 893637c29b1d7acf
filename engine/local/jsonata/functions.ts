import { createHash } from "node:crypto";
import jsonata from "jsonata";
import { string, type } from "./dialect.ts";
import { javaRandom } from "./java-random.ts";
import { expectArguments, failed, JsonataError, memoryPassed, mismatch } from "./jsonata-error.ts";
import { parseJson } from "./parse.ts";
import type { Chance } from "../machine/chance.ts";

/**
 * The functions that Step Functions adds to JSONata or computes otherwise, and those that read the clock or chance. All readings of the clock
 * in one expression give the same moment. `$eval` is taken away, as there.
 */
export const ADDED_FUNCTIONS = [
  "base64decode",
  "base64encode",
  "decodeUrlComponent",
  "hash",
  "millis",
  "now",
  "parse",
  "partition",
  "random",
  "range",
  "string",
  "type",
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
      return (...given) => (expectArguments("millis", given, []), moment());
    case "uuid":
      return (...given) => (expectArguments("uuid", given, []), chance.uuid());
    case "random":
      return (...given) => {
        expectArguments("random", given, ["number"]);
        return given[0] === undefined ? chance.random() : javaRandom(given[0] as number)();
      };
    case "base64decode":
      return oneText(name, decodeBase64);
    case "base64encode":
      return oneText(name, (text) => Buffer.from(text, "utf8").toString("base64"));
    case "decodeUrlComponent":
      return oneText(name, decodeUrlComponent);
    case "hash":
      return hash;
    case "parse":
      return parse;
    case "partition":
      return partition;
    case "range":
      return range;
    case "string":
      return string;
    case "type":
      return type;
    case "eval":
      return undefined;
  }
}

const FORMAT = jsonata("$fromMillis($moment, $picture, $zone)");

function now(moment: number, given: readonly unknown[]): unknown {
  expectArguments("now", given, ["string", "string"]);
  if (given[0] === undefined) return new Date(moment).toISOString();
  const zone = /^[+-]\d{4}$/.test(String(given[1])) ? given[1] : undefined;
  return FORMAT.evaluate(undefined, { moment, picture: given[0], zone });
}

/** Functions of JSONata that Step Functions computes otherwise than `jsonata` does. */
function oneText(name: string, compute: (text: string) => string): Implementation {
  return (...given) => {
    expectArguments(name, given, ["string"]);
    return given[0] === undefined ? undefined : compute(given[0] as string);
  };
}

function decodeBase64(text: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw failed("the text has a character that base64 does not have");
  return Buffer.from(text, "base64").toString("utf8");
}

function decodeUrlComponent(text: string): string {
  if (/%(?![0-9a-f]{2})/i.test(text)) {
    throw new JsonataError("D3140", { functionName: "decodeUrlComponent", value: text });
  }
  const bytes = text.replaceAll("+", " ").split(/((?:%[0-9a-f]{2})+)/i);
  const plain = (part: string): string => Buffer.from(part.replaceAll("%", ""), "hex").toString("utf8");
  return bytes.map((part, index) => (index % 2 === 1 ? plain(part) : part)).join("");
}

const ALGORITHMS: { readonly [name: string]: string } = {
  "SHA-1": "sha1",
  "SHA-384": "sha384",
  "SHA-256": "sha256",
  "SHA-512": "sha512",
  MD5: "md5",
};

function hash(...given: unknown[]): unknown {
  if (given.length === 0) throw mismatch("hash", 1);
  expectArguments("hash", given, ["string", "string"]);
  const [text, algorithm = "null"] = given as [string | undefined, string | undefined];
  if (text === undefined || given.length === 1) return undefined;
  const known = ALGORITHMS[algorithm];
  if (known === undefined) {
    throw failed(`Hash algorithm '${algorithm}' must be one of ${Object.keys(ALGORITHMS).join(", ")}`);
  }
  return createHash(known).update(text, "utf8").digest("hex");
}

function parse(...given: unknown[]): unknown {
  expectArguments("parse", given, ["string"]);
  if (given[0] === undefined) return undefined;
  try {
    return parseJson(given[0] as string);
  } catch {
    throw failed("Invalid JSON");
  }
}

function partition(...given: unknown[]): unknown {
  const [items, size] = given;
  expectArguments("partition", [undefined, ...given.slice(1)], ["any", "number"]);
  if (items === undefined) return undefined;
  if (!Array.isArray(items)) throw new JsonataError("T0412", { index: 1, token: "partition" });
  const step = size === undefined ? Math.max(items.length, 1) : Math.trunc(size as number);
  if (step < 0) throw failed("Second argument must be zero or greater");
  if (step === 0 || (items.length === 0 && size !== undefined)) return undefined;
  const parts: unknown[] = [];
  for (let start = 0; start === 0 || start < items.length; start += step) parts.push(items.slice(start, start + step));
  return parts;
}

/** So many numbers and no more fit into what Step Functions gives an expression. */
const RANGE_LIMIT = 360_145;

function range(...given: unknown[]): unknown {
  expectArguments("range", given, ["number", "number", "number"]);
  if (given.length < 3 || given.includes(undefined)) return undefined;
  const [first, last, step] = (given as [number, number, number]).map(Math.trunc) as [number, number, number];
  const count = step === 0 ? 0 : Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > RANGE_LIMIT) throw memoryPassed();
  const numbers = Array.from({ length: count }, (_, index) => first + index * step);
  return count < 2 ? numbers[0] : numbers;
}
