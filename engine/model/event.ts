import { ErrorName, MillraceError } from "./errors.ts";
import { overTheWire, type Json } from "./json.ts";
import { parse, type Schema } from "./schema.ts";
import { PAYLOAD_LIMIT_BYTES } from "./wire.ts";

/** Something that a flow waits for and that somebody answers: an approval, a webhook. */
export interface EventDefinition<S extends Schema = Schema> {
  readonly name: string;
  /** Of the value that answers it. */
  readonly schema: S;
}

/** What an event is answered with: a value, or the error that the flow sees. */
export type EventAnswer =
  { readonly value: Json } | { readonly error: { readonly name: string; readonly message: string } };

/** A state of a run that waits for its answer. Times are milliseconds since the epoch. */
export interface WaitingEvent {
  /** What it is answered by: the name of the step, in a loop with its index. */
  readonly step: string;
  readonly event: string;
  /** `functions/git/flows.ts:31` */
  readonly at: string;
  readonly since: number;
  readonly until: number;
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Declares an event. The workflows whose flows wait for it list it as `events: [APPROVAL]`, since an answer is held
 * against its schema before the run gets it. @throws MillraceError `InvalidDefinition`
 */
export function defineEvent<S extends Schema>(options: EventDefinition<S>): EventDefinition<S> {
  if (NAME.test(options.name) && options.name.length <= 60) return Object.freeze({ ...options });
  throw new MillraceError(
    ErrorName.INVALID_DEFINITION,
    `An event cannot have the name ${JSON.stringify(options.name)}: use lower-case words joined by "-", at most 60 characters, such as "approval".`,
  );
}

/** The answer as the flow gets it, with defaults filled in. @throws MillraceError `InvalidAnswer` */
export function checkAnswer({ name, schema }: EventDefinition, answer: EventAnswer): EventAnswer {
  const checked = "error" in answer ? checkError(name, answer) : checkValue(name, schema, answer.value);
  const size = Buffer.byteLength(JSON.stringify(checked), "utf8");
  if (size <= PAYLOAD_LIMIT_BYTES) return checked;
  throw refused(name, `it has ${size} bytes, allowed are ${PAYLOAD_LIMIT_BYTES}`);
}

function checkValue(name: string, schema: Schema, value: Json): EventAnswer {
  const parsed = parse(schema, value);
  if (parsed.ok) return { value: overTheWire(parsed.value) };
  throw refused(name, parsed.problem);
}

function checkError(name: string, answer: EventAnswer & { readonly error: { readonly name: string } }): EventAnswer {
  const error = answer.error.name;
  if (error !== "" && error.length <= 256 && !error.startsWith("States.")) return answer;
  throw refused(
    name,
    `the error's name is ${JSON.stringify(error)}, allowed are names that do not begin with "States."`,
  );
}

function refused(name: string, problem: string): MillraceError {
  return new MillraceError(ErrorName.INVALID_ANSWER, `Event "${name}" does not take this answer: ${problem}.`);
}

export function eventTimedOut(name: string, seconds: number): MillraceError {
  return new MillraceError(ErrorName.EVENT_TIMED_OUT, `Event "${name}" was not answered within ${seconds} s.`);
}
