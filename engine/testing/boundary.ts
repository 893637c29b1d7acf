import { copyWithinLimit } from "../local/machine/limit.ts";
import { overTheWire, type Json } from "../model/json.ts";
import { PAYLOAD_LIMIT_BYTES } from "../model/wire.ts";

/**
 * What a flow hands out. An error in it, such as why a promise was rejected, is its name and message there, as it is in a
 * machine from the beginning.
 */
export function fromFlow(value: unknown): Json {
  const ofError = (_: string, part: unknown): unknown =>
    part instanceof Error ? { name: part.name, message: part.message } : part;
  return value === undefined ? null : (JSON.parse(JSON.stringify(value, ofError) ?? "null") as Json);
}

/**
 * What a value is behind a boundary of a flow: JSON of at most 256 KiB, of which nothing can be changed.
 * @throws an error `States.DataLimitExceeded`
 */
export function across<T = Json>(value: unknown, what: string): T {
  const cause = (size: number): string => `${what} has ${size} bytes of JSON, allowed are ${PAYLOAD_LIMIT_BYTES}`;
  return frozen(copyWithinLimit(overTheWire(value), cause)) as T;
}

function frozen(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  Object.values(value).forEach(frozen);
  Object.freeze(value);
  return value;
}
