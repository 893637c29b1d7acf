import type { Json, JsonObject } from "../model/json.ts";
import type { LogLevel, LogLine } from "../model/run.ts";
import type { Log } from "../runtime/task-scope.ts";

/** What a flow did, with its tasks and children: everything in order in `events`, and each kind of it by itself. */
export interface Trace {
  readonly events: TraceEvent[];
  /** Each attempt, in the order of their ends. */
  readonly calls: readonly TaskCall[];
  readonly logs: readonly LogLine[];
  /** In the order of their ends. */
  readonly children: readonly ChildRun[];
  /** Of the flow's own run, when it has ended. */
  readonly tags: Set<string>;
}

/** `at`: milliseconds since the epoch. */
export type TraceEvent =
  | { readonly at: number; readonly call: TaskCall }
  | { readonly at: number; readonly log: LogLine }
  | { readonly at: number; readonly child: ChildRun }
  | { readonly at: number; readonly tags: readonly string[] }
  | { readonly at: number; readonly event: EventWait }
  | { readonly at: number; readonly sleepSeconds: number };

export interface TaskCall {
  readonly task: string;
  readonly input: Json;
  /** 1 for the first. */
  readonly attempt: number;
  readonly result?: Json;
  /** The error's name. */
  readonly error?: string;
}

export interface EventWait {
  readonly name: string;
  readonly value?: Json;
  /** The error's name. */
  readonly error?: string;
}

export interface ChildRun {
  readonly id: string;
  readonly workflow: string;
  /** With their defaults. */
  readonly parameters: JsonObject;
  readonly result?: Json;
  /** The error's name. */
  readonly error?: string;
}

export function newTrace(): Trace {
  const events: TraceEvent[] = [];
  return {
    events,
    tags: new Set(),
    get calls() {
      return events.flatMap((event) => ("call" in event ? [event.call] : []));
    },
    get logs() {
      return events.flatMap((event) => ("log" in event ? [event.log] : []));
    },
    get children() {
      return events.flatMap((event) => ("child" in event ? [event.child] : []));
    },
  };
}

/** A log whose lines are in the trace. */
export function traceLog(trace: Trace, step: string, now: () => number): Log {
  const line = (level: LogLevel) => (message: string, fields?: JsonObject) => {
    const at = now();
    const log = { time: at, level, message, step, ...(fields === undefined ? {} : { fields }) };
    trace.events.push({ at, log });
  };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
