import { ErrorName, MillraceError } from "../model/errors.ts";
import { canonicalJson, overTheWire, type Json } from "../model/json.ts";

/** A call that a run made, and what it came to. */
export interface Recorded {
  readonly input: Json;
  readonly result?: Json;
  readonly error?: RecordedError;
}

export interface RecordedError {
  readonly name: string;
  readonly message: string;
  /** What it is an instance of, where the flow asks for that; `Error` where it is left out. */
  readonly class?: { readonly prototype: Error };
}

/** Answers as a run went: in the place of a task or of a child's flow, `fake("charge", recorded([…]))`. */
export interface Recording {
  (input: unknown): Promise<Json>;
  readonly calls: readonly Recorded[];
}

/**
 * Each call is answered by the recorded one with the same input, the first of those that are left. One that differs in
 * times and UUIDs alone is the same, since those are others in each run.
 */
export function recorded(calls: readonly Recorded[]): Recording {
  const left = [...calls];
  const answer = async (given: unknown): Promise<Json> => {
    const input = overTheWire(given);
    const call = take(left, input, canonicalJson) ?? take(left, input, timeless);
    if (call === undefined) throw unknownCall(input, left);
    if (call.error !== undefined) throw recordedError(call.error);
    return call.result ?? null;
  };
  return Object.assign(answer, { calls });
}

export function isRecording(value: unknown): value is Recording {
  return typeof value === "function" && "calls" in value;
}

function take(left: Recorded[], input: Json, shown: (value: Json) => string): Recorded | undefined {
  const text = shown(input);
  const at = left.findIndex((call) => shown(call.input) === text);
  return at < 0 ? undefined : left.splice(at, 1)[0];
}

function timeless(value: Json): string {
  return canonicalJson(value).replace(UUID, "<uuid>").replace(TIME, "<time>");
}

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g;

/** The error as the flow gets it; no constructor of its class is called. */
export function recordedError({ name, message, class: { prototype } = Error }: RecordedError): Error {
  return Object.defineProperty(Object.setPrototypeOf(new Error(message), prototype) as Error, "name", { value: name });
}

/** Is not tried again: no further attempt is recorded either. */
function unknownCall(input: Json, left: readonly Recorded[]): MillraceError {
  const rest = left.length === 0 ? "no call" : left.map((call) => canonicalJson(call.input)).join(", ");
  return new MillraceError(
    ErrorName.INVALID_INPUT,
    `The recorded run made no call with ${canonicalJson(input)}; of those that it made, ${rest} is left. Where the flow is meant to have changed, record a run once more.`,
  );
}
