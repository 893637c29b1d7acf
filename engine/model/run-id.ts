import { createHash } from "node:crypto";

/** 16 random bytes, or fewer to come; passed in, so that tests choose. */
export type RandomBytes = (length: number) => Uint8Array;

/** A run's id: a UUIDv7, or a UUIDv8 hashed from an idempotency key or from the ARN of an execution nobody submitted. */
const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** UUIDv7 of RFC 9562: milliseconds since the epoch, then 74 random bits. */
export function newRunId(now: number, random: RandomBytes): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.set(random(10), 6);
  return format(bytes, 0x70);
}

/** UUIDv8 of RFC 9562 with the first 122 free bits of the SHA-256 of the text. */
export function hashedRunId(text: string): string {
  return format(createHash("sha256").update(text).digest().subarray(0, 16), 0x80);
}

export function idempotentRunId(workflow: string, key: string): string {
  return hashedRunId(`key\n${workflow}\n${key}`);
}

/** The id of the run that an execution is: its name where that is a run's id, else hashed from its ARN. */
export function runIdOf(executionArn: string): string {
  const name = executionArn.slice(executionArn.lastIndexOf(":") + 1);
  return isRunId(name) ? name : hashedRunId(executionArn);
}

function format(source: Uint8Array, version: number): string {
  const bytes = Buffer.from(source);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | version;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
