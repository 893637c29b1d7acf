import type { HistoryEvent } from "@aws-sdk/client-sfn";
import type { Json } from "../model/json.ts";
import { recordedCall, type RecordedCall } from "../model/recorded-call.ts";

/**
 * What the execution of a history called, in order of start.
 *
 * | event                                                         | what it tells                                  |
 * |---------------------------------------------------------------|------------------------------------------------|
 * | TaskScheduled                                                 | what is sent                                   |
 * | TaskStarted, TaskSubmitted                                    | its end is told after this one                 |
 * | TaskSucceeded                                                 | what came back                                 |
 * | TaskFailed, TaskStartFailed, TaskSubmitFailed, TaskTimedOut   | the error                                      |
 */
export function callsOf(events: readonly HistoryEvent[]): RecordedCall[] {
  const sent = new Map<number | undefined, HistoryEvent>();
  const calls: { readonly id: number; readonly call: RecordedCall }[] = [];
  for (const event of events) {
    const { id, type = "", previousEventId } = event;
    const scheduled = type === "TaskScheduled" ? event : sent.get(previousEventId);
    if (scheduled === undefined || !type.startsWith("Task")) continue;
    if (/^Task(?:Scheduled|Started|Submitted)$/.test(type)) {
      sent.set(id, scheduled);
      continue;
    }
    const given = read(scheduled.taskScheduledEventDetails?.parameters);
    const call = recordedCall(given, endOf(event));
    if (call !== undefined) calls.push({ id: scheduled.id ?? 0, call });
  }
  return calls.sort((left, right) => left.id - right.id).map(({ call }) => call);
}

function endOf(event: HistoryEvent): Parameters<typeof recordedCall>[1] {
  const { taskSucceededEventDetails: succeeded } = event;
  if (succeeded !== undefined) return { result: read(succeeded.output) };
  const failed =
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.taskStartFailedEventDetails ??
    event.taskSubmitFailedEventDetails;
  return { error: failed?.error ?? "Error", cause: failed?.cause };
}

/** Nothing where the service has cut it. */
function read(text: string | undefined): Json | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}
