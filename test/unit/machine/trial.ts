import type { Journal, JournalEntry } from "../../../engine/local/machine/journal.ts";
import type { Answer } from "../../../engine/coordination/world.ts";
import type { Callbacks } from "../../../engine/local/machine/frame.ts";
import { unlessAborted } from "../../../engine/local/machine/stop.ts";
import { runMachine, type Outcome, type TaskCall } from "../../../engine/local/machine/machine.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../engine/model/json.ts";
import type { State, StateMachine, States, TaskState } from "../../../engine/model/machine.ts";
import type { Step } from "../../../engine/model/run.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";

export const LAMBDA = "arn:aws:states:::lambda:invoke";
export const EXECUTION = "arn:aws:states:local:000000000000:execution:local_trial:run-1";
export const START = Date.UTC(2026, 0, 1);

/** Answers a call of the Task state of that name; what it throws is the task's failure. */
export type Tasks = {
  readonly [state: string]: (
    input: Json,
    call: TaskCall,
    clock: VirtualClock,
    callbacks: MemoryCallbacks,
  ) => Json | Promise<Json>;
};

export interface TrialOptions {
  readonly input?: JsonObject;
  readonly tasks?: Tasks;
  /** The journal's entries: those there are the past, new ones join them. */
  readonly entries?: JournalEntry[];
  /** The process dies after so many new entries. */
  readonly killAfter?: number;
  /** What an entry takes to become durable; nothing where it is left out. */
  readonly commit?: () => Promise<unknown>;
  readonly random?: () => number;
  readonly signal?: AbortSignal;
  readonly clock?: VirtualClock;
  /** What outlives the process, as the journal does. */
  readonly callbacks?: MemoryCallbacks;
  /** Gets the events of the execution, in the words of Step Functions. */
  readonly history?: string[];
}

export interface Trial {
  readonly outcome: Outcome;
  readonly calls: readonly TaskCall[];
  readonly entries: readonly JournalEntry[];
  readonly events: readonly Step[];
  readonly clock: VirtualClock;
}

export class Killed extends Error {}

/** Tokens in memory. */
export class MemoryCallbacks implements Callbacks {
  readonly #open = new Map<string, { answer?: Answer; wake?: (answer: Answer) => void }>();
  /** Every token that was opened, in order. */
  readonly tokens: string[] = [];

  answer(token: string, answer: Answer): "answered" | "gone" {
    const row = this.#open.get(token);
    if (row === undefined || row.answer !== undefined) return "gone";
    row.answer = answer;
    row.wake?.(answer);
    return "answered";
  }

  async open(token: string): Promise<void> {
    if (!this.tokens.includes(token)) this.tokens.push(token);
    if (!this.#open.has(token)) this.#open.set(token, {});
  }

  answerTo(token: string): Answer | undefined {
    return this.#open.get(token)?.answer;
  }

  wait(token: string, signal: AbortSignal): Promise<Answer> {
    const row = this.#open.get(token) ?? {};
    if (row.answer !== undefined) return Promise.resolve(row.answer);
    return unlessAborted(new Promise((resolve) => (row.wake = resolve)), signal);
  }

  async close(token: string): Promise<Answer | undefined> {
    const answer = this.answerTo(token);
    if (answer === undefined) this.#open.delete(token);
    return answer;
  }

  forget(token: string): void {
    this.#open.delete(token);
  }

  /** Tokens that may be answered, or whose answers are kept. */
  get kept(): readonly string[] {
    return [...this.#open.keys()];
  }
}

export function machine(states: States, more?: Partial<StateMachine>): StateMachine {
  return { QueryLanguage: "JSONata", StartAt: Object.keys(states)[0] ?? "", States: states, ...more };
}

/** A Task that sends this payload and ends with its result. */
export function task(payload: Json, more?: Partial<TaskState>): TaskState {
  const Arguments = { FunctionName: "${git}", Payload: payload };
  const exits: Partial<TaskState> = more?.Next === undefined ? { End: true } : {};
  return { Type: "Task", Resource: LAMBDA, Arguments, Output: "{% $states.result.Payload %}", ...exits, ...more };
}

export const END: State = { Type: "Succeed" };

/** An error with that name. */
export function named(name: string, message = `${name} happened`): Error {
  return Object.assign(new Error(message), { name });
}

let uuids = 0;

/** Runs a machine over a journal in memory, with time that passes only by sleeping. */
export async function trial(definition: StateMachine, options: TrialOptions = {}): Promise<Trial> {
  const {
    input = {},
    tasks = {},
    entries = [],
    killAfter = Infinity,
    random = Math.random,
    commit,
    signal,
    clock,
    callbacks = new MemoryCallbacks(),
    history,
  } = options;
  const time = clock ?? new VirtualClock(START);
  const calls: TaskCall[] = [];
  const past = [...entries];
  const events: Step[] = [];
  const journal: Journal = {
    past,
    append: async (entry) => {
      await commit?.();
      if (entries.length - past.length >= killAfter) throw new Killed();
      entries.push(overTheWire(entry));
    },
  };
  const host = {
    clock: time,
    random,
    uuid: () => `uuid-${++uuids}`,
    callbacks,
    call: async (call: TaskCall): Promise<Json> => {
      calls.push(call);
      const payload = isJsonObject(call.arguments) ? (call.arguments["Payload"] ?? null) : null;
      const answer = await (tasks[call.state] ?? ((value) => value))(payload, call, time, callbacks);
      return { Payload: answer, StatusCode: 200 };
    },
    ...(history && { lane: () => Object.assign(time, { tell: (event: string) => history.push(event) }) }),
  };
  const start = {
    execution: EXECUTION,
    name: "run-1",
    machine: { name: "local_trial", definition },
    input,
    startedAt: START,
  };
  const outcome = await time.settle(runMachine(start, journal, host, signal, (event) => events.push(event)));
  return { outcome, calls, entries, events, clock: time };
}

/** The output of a run that must succeed. */
export async function outputOf(definition: StateMachine, options?: TrialOptions): Promise<Json> {
  const { outcome } = await trial(definition, options);
  if (outcome.status !== "SUCCEEDED") throw new Error(JSON.stringify(outcome));
  return outcome.output;
}

function overTheWire(entry: JournalEntry): JournalEntry {
  return JSON.parse(JSON.stringify(entry)) as JournalEntry;
}
