import type { EventAnswer, WaitingEvent } from "../model/event.ts";
import type { WaitEvent } from "../model/wire.ts";
import type { Item } from "../store/items.ts";

/**
 * What a run's record has of one of its steps that waits for an event, as JSON in an attribute of its own, so that one
 * conditional write changes it against what was read.
 */
export interface StoredEvent extends Pick<WaitEvent, "event" | "at" | "entered" | "attempt"> {
  /** Absent where its answer has been taken. */
  readonly token?: string;
  readonly until: number;
  readonly answer?: EventAnswer;
  /** An id of the request that brought the answer, which knows its own write by it where it did not hear of that. */
  readonly answered?: string;
}

const PREFIX = "e:";

export function eventAttribute(step: string): string {
  return `${PREFIX}${step}`;
}

/** The attributes of a record that are events. */
export function eventAttributes(record: Item): string[] {
  return Object.keys(record).filter((name) => name.startsWith(PREFIX));
}

export function readEvent(text: string): StoredEvent {
  return JSON.parse(text) as StoredEvent;
}

/** What a step that begins to wait makes of what stands; nothing where it comes late. An answer goes on to a later attempt. */
export function eventAfter(
  before: StoredEvent | undefined,
  request: WaitEvent,
  until: number,
): StoredEvent | undefined {
  const { event, at, entered, attempt, token } = request;
  const stands: StoredEvent = { event, at, entered, attempt, token, until };
  if (before === undefined || before.entered < entered) return stands;
  if (before.entered > entered || before.attempt >= attempt) return undefined;
  return before.answer === undefined ? stands : { ...stands, answer: before.answer };
}

/** The steps of a run that wait for their answers, first first. */
export function waitingEvents(record: Item, now: number): WaitingEvent[] {
  return eventAttributes(record)
    .map((name) => ({ step: name.slice(PREFIX.length), ...readEvent(record[name] as string) }))
    .filter(({ answer, until }) => answer === undefined && until > now)
    .map(({ step, event, at, entered, until }) => ({ step, event, at, since: Date.parse(entered), until }))
    .sort((left, right) => left.since - right.since);
}
