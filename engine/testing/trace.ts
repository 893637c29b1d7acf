import type { Json, JsonObject } from "../model/json.ts";
import type { LogLine } from "../model/run.ts";

/** What a flow did: its task calls in order (each attempt), its tags, its log lines, its child runs. */
export interface Trace {
  readonly calls: TaskCall[];
  readonly tags: Set<string>;
  readonly logs: LogLine[];
  /** Those of its tasks and of its children too, in the order of their ends. */
  readonly children: ChildRun[];
}

export interface TaskCall {
  readonly task: string;
  readonly input: Json;
  /** 1 for the first. */
  readonly attempt: number;
  readonly result?: Json;
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
  return { calls: [], tags: new Set(), logs: [], children: [] };
}
