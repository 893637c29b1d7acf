import type { Json } from "../../model/json.ts";
import { recordedCall, type CallEnd, type RecordedCall } from "../../model/recorded-call.ts";
import type { JournalEntry } from "./journal.ts";
import { exitsOf, type FailedAttempt } from "./past.ts";

interface Began {
  readonly from: number;
  readonly call: RecordedCall;
}

/** What an execution called, in order of start. What a state sent that waits for an answer stands where it began. */
export function callsOf(entries: readonly JournalEntry[]): RecordedCall[] {
  const sent = new Map<string, Json>();
  const calls: Began[] = [];
  const tell = (place: string, from: number, called: Json | undefined, end: CallEnd): void => {
    const call = recordedCall(called ?? sent.get(place), end);
    if (call !== undefined) calls.push({ from, call });
  };
  for (const { frame, kind, state = "", data } of entries) {
    const place = (name: string): string => `${frame}/${name}`;
    for (const exit of exitsOf({ frame, kind, at: 0, data })) {
      const { called, output, result = output, error, cause } = exit;
      tell(place(exit.state), exit.from, called, { result, error, cause });
      sent.delete(place(exit.state));
    }
    if (kind === "started" && "given" in data) sent.set(place(state), data["given"]);
    if (kind !== "failed") continue;
    const { from, called, error = "Error", cause } = data as FailedAttempt;
    tell(place(state), from, called, { error, cause });
  }
  return calls.sort((left, right) => left.from - right.from).map(({ call }) => call);
}
