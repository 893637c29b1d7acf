import type { Json } from "../../model/json.ts";
import { isJsonObject } from "../../model/json.ts";
import { PAYLOAD_LIMIT_BYTES } from "../../model/wire.ts";
import { StateFailed, StatesError } from "./failure.ts";

/** The value of that state or resource, where Step Functions would carry it. @throws StateFailed `States.DataLimitExceeded` */
export function withinLimit<T extends Json>(value: T, of: string): T {
  if (!isSmall(value)) check(JSON.stringify(value), () => tooLarge(of));
  return value;
}

/** A copy of the value. `cause` is told how many bytes are too many. @throws StateFailed `States.DataLimitExceeded` */
export function copyWithinLimit(value: Json, cause: (size: number) => string): Json {
  const text = JSON.stringify(value);
  check(text, cause);
  return JSON.parse(text) as Json;
}

/** What Step Functions says of what a state or a resource gave. */
export function tooLarge(of: string): string {
  return `The state/task '${of}' returned a result with a size exceeding the maximum number of bytes service limit.`;
}

/** A value whose size needs no counting. */
function isSmall(value: Json): boolean {
  if (typeof value === "string") return value.length < 1_000;
  return !Array.isArray(value) && !isJsonObject(value);
}

function check(text: string, cause: (size: number) => string): void {
  if (text.length <= PAYLOAD_LIMIT_BYTES / 3) return; // UTF-8 has at most 3 bytes for a unit of UTF-16
  const size = Buffer.byteLength(text, "utf8");
  if (size > PAYLOAD_LIMIT_BYTES) throw new StateFailed({ error: StatesError.DATA_LIMIT, cause: cause(size) });
}
