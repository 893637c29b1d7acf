import type { Json } from "../../model/json.ts";
import { isJsonObject } from "../../model/json.ts";
import { PAYLOAD_LIMIT_BYTES } from "../../model/wire.ts";
import { StateFailed, StatesError } from "./failure.ts";

/** The value, where Step Functions would carry it. @throws StateFailed `States.DataLimitExceeded` */
export function withinLimit<T extends Json>(value: T, what: string): T {
  if (!isSmall(value)) check(JSON.stringify(value), what);
  return value;
}

/** A copy of the value. @throws StateFailed `States.DataLimitExceeded` */
export function copyWithinLimit(value: Json, what: string): Json {
  const text = JSON.stringify(value);
  check(text, what);
  return JSON.parse(text) as Json;
}

/** A value whose size needs no counting. */
function isSmall(value: Json): boolean {
  if (typeof value === "string") return value.length < 1_000;
  return !Array.isArray(value) && !isJsonObject(value);
}

function check(text: string, what: string): void {
  if (text.length <= PAYLOAD_LIMIT_BYTES / 3) return; // UTF-8 has at most 3 bytes for a unit of UTF-16
  const size = Buffer.byteLength(text, "utf8");
  if (size <= PAYLOAD_LIMIT_BYTES) return;
  const cause = `${what} has ${size} bytes of JSON, allowed are ${PAYLOAD_LIMIT_BYTES}`;
  throw new StateFailed({ error: StatesError.DATA_LIMIT, cause });
}
