import type { Outcome } from "../../../engine/local/machine/machine.ts";
import { type Json, type JsonObject, isJsonObject } from "../../../engine/model/json.ts";
import type { StateMachine } from "../../../engine/model/machine.ts";
import { MemoryCallbacks, trial } from "../machine/trial.ts";

/** What a run counted on the local machine. */
export interface Counted {
  /** States entered. */
  readonly transitions: number;
  /** Attempts but the first of each call, which are billed as well. */
  readonly retries: number;
  /** Of the history, those of retries apart. */
  readonly events: number;
  readonly succeeded: boolean;
  readonly outcome: Outcome;
  /** What was called, attempt by attempt: a task, a workflow or an event by its name, with what it was given. */
  readonly calls: readonly (readonly [name: string, input: Json])[];
  /** Names of the states that it entered. */
  readonly states: ReadonlySet<string>;
}

/** What a call gives; what waits for a token gets it through that, and nothing where it is undefined. */
export type Answer = (name: string, input: Json) => Json | undefined;

/** Started, and succeeded or failed. */
const EXECUTION_EVENTS = 2;

/** Scheduled, started and failed. */
const EVENTS_OF_RETRY = 3;

export async function counted(machine: StateMachine, input: JsonObject, answer: Answer): Promise<Counted> {
  const callbacks = new MemoryCallbacks();
  const history: string[] = [];
  const calls: (readonly [string, Json])[] = [];
  const call = (payload: Json): Json => {
    if (!isJsonObject(payload)) throw new Error("A payload is an object.");
    const { task, workflow, event, token } = payload;
    const name = [task, workflow, event].find((one) => typeof one === "string") ?? "";
    const given = payload["input"] ?? payload["parameters"] ?? null;
    calls.push([name, given]);
    if (typeof token === "string") answerLater(callbacks, token, () => answer(name, given));
    else return answer(name, given) ?? null;
    return null;
  };
  const tasks = new Proxy({}, { get: () => call });
  const { outcome, events } = await trial(machine, { input, tasks, callbacks, history });
  const count = (event: RegExp): number => history.filter((name) => event.test(name)).length;
  /** Histories keep a place for this event, and do not show it. */
  const unseen = count(/^ParallelStateExited$/) - count(/^ParallelStateFailed$/);
  const retries = calls.length - count(/^TaskStateEntered$/);
  return {
    transitions: count(/StateEntered$/),
    retries,
    events: history.length + unseen + EXECUTION_EVENTS - retries * EVENTS_OF_RETRY,
    succeeded: outcome.status === "SUCCEEDED",
    outcome,
    calls,
    states: new Set(events.map(({ name }) => name.replace(/[[]\d+[\]].*$/, ""))),
  };
}

function answerLater(callbacks: MemoryCallbacks, token: string, work: () => Json | undefined): void {
  try {
    const output = work();
    if (output !== undefined) callbacks.answer(token, { output });
  } catch (thrown) {
    const { name, message } = thrown as Error;
    callbacks.answer(token, { error: { name, cause: JSON.stringify({ errorType: name, errorMessage: message }) } });
  }
}
