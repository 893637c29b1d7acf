import { queryFailure } from "./failure.ts";
import { textIn } from "./states.ts";
import { numberIn } from "./numbers.ts";
import { sleepUntil } from "./stop.ts";
import type { Visit } from "./visit.ts";

/** Waits to the end that is recorded, or is found now. A wait for no time is not recorded. @throws StateFailed */
export async function performWait(visit: Visit): Promise<void> {
  const { frame, state, entered } = visit;
  if (visit.until === undefined) {
    const until = await waitsUntil(visit);
    if (until <= frame.now()) return;
    frame.record("waiting", state.name, { entered, until });
    visit.until = until;
  }
  visit.begin();
  await sleepUntil(frame.clock, visit.until, frame.signal);
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

async function waitsUntil(visit: Visit): Promise<number> {
  const seconds = await numberIn(visit, "Seconds");
  if (seconds !== undefined) return visit.entered + seconds * 1000;
  const timestamp = (await textIn(visit, "Timestamp")) ?? "";
  const moment = readTimestamp(timestamp);
  if (!Number.isNaN(moment)) return moment;
  const form = "an ISO-8601 extended offset date-time format string";
  throw queryFailure(`The Timestamp field cannot be parsed as ${form}: ${timestamp}`);
}

/** Milliseconds since the epoch; NaN for what is no timestamp, a 30 February too. */
function readTimestamp(text: string): number {
  if (!TIMESTAMP.test(text)) return NaN;
  const date = text.slice(0, 10);
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const exists = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
  return exists ? Date.parse(text.toUpperCase()) : NaN;
}
