import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { expect, it } from "vitest";
import { callsOf } from "../../../engine/aws/history-calls.ts";
import type { Json } from "../../../engine/model/json.ts";

let ids = 0;

/** An event after that one. */
function event(type: string, before: HistoryEvent | undefined, details: Partial<HistoryEvent> = {}): HistoryEvent {
  return { id: ++ids, previousEventId: before?.id ?? 0, type, timestamp: new Date(ids), ...details } as HistoryEvent;
}

function scheduled(before: HistoryEvent | undefined, payload: Json): HistoryEvent {
  const parameters = JSON.stringify({ FunctionName: "f", Payload: payload });
  return event("TaskScheduled", before, { taskScheduledEventDetails: { parameters } } as Partial<HistoryEvent>);
}

function succeeded(before: HistoryEvent, output: Json): HistoryEvent {
  const details = { taskSucceededEventDetails: { output: JSON.stringify(output), resource: "", resourceType: "" } };
  return event("TaskSucceeded", before, details);
}

it("tells each call of a history in order of start, those side by side too", () => {
  const entered = event("ParallelStateStarted", undefined);
  const charge = scheduled(entered, { task: "charge", input: { n: 1 } });
  const child = scheduled(entered, { workflow: "ship", parameters: { id: "a" }, token: "t" });
  const charging = event("TaskStarted", charge);
  const sending = event("TaskStarted", child);
  const sent = event("TaskSubmitted", sending);
  const cause = JSON.stringify({ errorType: "Declined", errorMessage: "no", trace: [] });
  const details = { error: "Declined", cause, resource: "", resourceType: "" };
  const declined = event("TaskFailed", charging, { taskFailedEventDetails: details });
  const again = scheduled(declined, { task: "charge", input: { n: 1 } });
  const tags = scheduled(declined, { task: "millrace/add-tags", input: [] });
  const submitted = scheduled(declined, { workflow: "tell", parameters: {} });
  const approval = scheduled(declined, { event: "approval", token: "t" });
  const late = { error: "States.Timeout", resource: "", resourceType: "" };
  const events = [entered, charge, child, charging, sending, sent, declined, again, tags, submitted, approval];
  const ends = [
    succeeded(sent, "sent"),
    succeeded(again, { Payload: "receipt" }),
    succeeded(tags, { Payload: null }),
    succeeded(submitted, { Payload: { id: "run-2" } }),
    event("TaskTimedOut", approval, { taskTimedOutEventDetails: late }),
  ];
  expect(callsOf([...events, ...ends])).toEqual([
    { kind: "task", name: "charge", input: { n: 1 }, error: { name: "Declined", message: "no" } },
    { kind: "child", name: "ship", input: { id: "a" }, result: "sent" },
    { kind: "task", name: "charge", input: { n: 1 }, result: "receipt" },
    { kind: "child", name: "tell", input: {}, result: { id: "run-2" } },
    { kind: "event", name: "approval", input: null, error: { name: "States.Timeout", message: "States.Timeout" } },
  ]);
});

it("tells of what the service has cut only that it was called", () => {
  const charge = scheduled(undefined, { task: "charge", input: 1 });
  const cut = event("TaskSucceeded", charge, {
    taskSucceededEventDetails: { output: '{"Pay', resource: "", resourceType: "" },
  });
  expect(callsOf([charge, cut])).toEqual([{ kind: "task", name: "charge", input: 1, result: null }]);
});
