import { queryFailure, shown } from "./failure.ts";
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
  await sleepUntil(frame.execution.host.clock, visit.until, frame.signal);
}

const LONGEST_WAIT_SECONDS = 99_999_999;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

async function waitsUntil(visit: Visit): Promise<number> {
  const { fields, name } = visit.state;
  const where = `of state ${JSON.stringify(name)}`;
  if (fields.Seconds !== undefined) {
    const seconds = await visit.evaluate(fields.Seconds);
    if (!Number.isInteger(seconds) || (seconds as number) < 0 || (seconds as number) > LONGEST_WAIT_SECONDS) {
      throw queryFailure(
        `Seconds ${where} is ${shown(seconds)}, allowed are whole numbers from 0 to ${LONGEST_WAIT_SECONDS}`,
      );
    }
    return visit.entered + (seconds as number) * 1000;
  }
  const timestamp = await visit.evaluate(fields.Timestamp);
  const moment = typeof timestamp === "string" ? readTimestamp(timestamp) : NaN;
  if (Number.isNaN(moment)) {
    throw queryFailure(`Timestamp ${where} is ${shown(timestamp)}, allowed is a time such as 2026-01-31T09:30:00Z`);
  }
  return moment;
}

/** Milliseconds since the epoch; NaN for what is no timestamp, a 30 February too. */
function readTimestamp(text: string): number {
  if (!TIMESTAMP.test(text)) return NaN;
  const date = text.slice(0, 10);
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const exists = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
  return exists ? Date.parse(text.toUpperCase()) : NaN;
}
