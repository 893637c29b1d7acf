import type { Json, JsonObject } from "../../model/json.ts";
import type { JournalEntry } from "./journal.ts";

/** A state that was left. `next` leads on; without it the frame is over: with `error` failed, else with its output. */
export type Exit = {
  readonly state: string;
  /** When its last attempt began, and when it was left. */
  readonly from: number;
  readonly to: number;
  readonly next?: string;
  /** Variables that it assigned. */
  readonly assign?: JsonObject;
  /** Where it is left out, the state's input is handed on. */
  readonly output?: Json;
  /** What its last attempt failed with: taken by a catcher where `next` is there. */
  readonly error?: string;
  readonly cause?: string;
  /** What its last attempt sent, where it is a Task, and what came back where that is not the output. */
  readonly called?: Json;
  readonly result?: Json;
  /** Above 1 only. */
  readonly attempt?: number;
  /** The step's name, where it is not the state's: in a loop with its index. */
  readonly step?: string;
};

/** The part of an entry's `data` that every kind may have: states left since the entry before in the same frame. */
export function exitsOf(entry: JournalEntry): readonly Exit[] {
  const { exits = [] } = entry.data as { readonly exits?: readonly Exit[] };
  return exits;
}

/** `data` of a `failed` entry: one attempt, by its number, that a retrier took. */
export type FailedAttempt = {
  readonly entered: number;
  readonly from: number;
  readonly attempt: number;
  readonly retrier: number;
  /** The end of the pause. */
  readonly until: number;
  readonly error?: string;
  readonly cause?: string;
  readonly called?: Json;
  readonly step?: string;
};

/** The token that one attempt of a Task waits under. */
export type Callback = {
  readonly token: string;
  /** When the attempt began, and until when it may take. */
  readonly from: number;
  readonly until?: number;
  readonly isHeartbeat?: true;
  /** The call was made, and is not made again. */
  readonly called?: true;
  readonly step?: string;
};

/** What is known of a visit to a state that has not been left. */
export interface Progress {
  /** When the state was entered. */
  readonly entered?: number;
  /** The retriers that took its failures so far. */
  readonly retriers: readonly number[];
  /** The end of a wait, or of the pause before the next attempt. */
  readonly until?: number;
  /** The next attempt's arguments, or inputs of branches. */
  readonly given?: Json;
  readonly callback?: Callback;
}

export const NO_PROGRESS: Progress = { retriers: [] };

/** Where a frame is. */
export interface Position {
  /** Absent where the frame is over. */
  readonly state?: string;
  /** Input of that state; the frame's output where it is over. */
  readonly input: Json;
  /** Set where the frame is over because this state failed. */
  readonly failed?: Exit;
  readonly progress: Progress;
}

export function leave(position: Position, exit: Exit): Position {
  const input = "output" in exit ? exit.output : position.input;
  if (exit.next !== undefined) return { state: exit.next, input, progress: NO_PROGRESS };
  return exit.error === undefined ? { input, progress: NO_PROGRESS } : { input, failed: exit, progress: NO_PROGRESS };
}

/** The position after the states that an entry carries, and what it tells of the state then reached. */
export function follow(position: Position, entry: JournalEntry): Position {
  const reached = exitsOf(entry).reduce(leave, position);
  if (entry.kind === "exited" || entry.kind === "ended") return reached;
  const { entered, until, given, retrier, callback } = entry.data as {
    readonly entered: number;
    readonly until?: number;
    readonly given?: Json;
    readonly retrier?: number;
    readonly callback?: Callback;
  };
  const { retriers } = reached.progress;
  const progress: Progress = {
    entered,
    retriers: retrier === undefined ? retriers : [...retriers, retrier],
    ...(until === undefined ? {} : { until }),
    ...(given === undefined ? {} : { given }),
    ...(callback === undefined ? {} : { callback }),
  };
  return { ...reached, progress };
}

/** The entries of one frame, and those of the branches that its current state had begun. */
export interface Past {
  readonly entries: JournalEntry[];
  /** By state and by number of the branch or item. */
  readonly branches: Map<string, Map<number, Past>>;
}

export function noPast(): Past {
  return { entries: [], branches: new Map() };
}

/** Sorts entries by frame. What the branches of a Map or Parallel did is over where that state was left or is retried. */
export function readPast(entries: readonly JournalEntry[]): Past {
  const root = noPast();
  for (const entry of entries) {
    const past = pastOf(root, entry.frame);
    past.entries.push(entry);
    for (const exit of exitsOf(entry)) past.branches.delete(exit.state);
    if (entry.kind === "failed" && entry.state !== undefined) past.branches.delete(entry.state);
  }
  return root;
}

/** `each object[3]/branches[0]` */
const SEGMENT = /([^/[\]]+)\[(\d+)\]/g;

export function framePath(outer: string, state: string, index: number): string {
  const segment = `${state.replace(/[%/[\]]/g, encodeURIComponent)}[${index}]`;
  return outer === "" ? segment : `${outer}/${segment}`;
}

/** The branches and items that a path leads through. */
export function framePathParts(path: string): { readonly state: string; readonly index: number }[] {
  const segments = path.matchAll(SEGMENT);
  return Array.from(segments, ([, state = "", index]) => ({ state: decodeURIComponent(state), index: Number(index) }));
}

function pastOf(root: Past, path: string): Past {
  let past = root;
  for (const { state, index } of framePathParts(path)) {
    let branches = past.branches.get(state);
    if (branches === undefined) past.branches.set(state, (branches = new Map<number, Past>()));
    let branch = branches.get(index);
    if (branch === undefined) branches.set(index, (branch = noPast()));
    past = branch;
  }
  return past;
}
