import { readCause } from "../../model/cause.ts";
import type { Branch, State, StateMachine, TaskState } from "../../model/machine.ts";
import type { Step } from "../../model/run.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { LOCK_FUNCTION } from "../../model/wire.ts";
import type { JournalEntry } from "./journal.ts";
import { CALLBACK } from "./definition.ts";
import { exitsOf, framePathParts, type Callback, type Exit, type FailedAttempt } from "./past.ts";

/** When an execution began and, where it has, ended; milliseconds since the epoch. */
export interface Span {
  readonly startedAt: number;
  readonly endedAt?: number;
}

/** Steps of one frame, and what it does now. Those of the branches that a state began come behind its own. */
interface Lane {
  readonly done: Step[];
  running?: Step;
}

/**
 * The timeline of an execution in the order of beginning: every state left, every attempt that failed, and what runs
 * now. What ran when its execution ended, or when its Map or Parallel failed, counts as failed then.
 */
export function steps(entries: readonly JournalEntry[], definition: StateMachine, span: Span): Step[] {
  const states = statesOf(definition);
  const known = (name: string): State => states.get(name) ?? { Type: "Pass" };
  const start = runningStep(known(definition.StartAt), definition.StartAt, 1, span.startedAt);
  const lanes = new Map<string, Lane>([["", { done: [], running: start }]]);
  for (const entry of entries) {
    const done = [
      ...(lanes.get(entry.frame)?.done ?? []),
      ...exitsOf(entry).map((exit) => exitStep(known(exit.state), exit)),
    ];
    if (entry.kind === "failed" && entry.state !== undefined) {
      done.push(attemptStep(known(entry.state), entry.state, entry.data as FailedAttempt, entry.at));
    }
    for (const [frame, lane] of lanes) {
      if (!isBelow(frame, entry.frame)) continue;
      done.push(...flat(lane, entry.at));
      lanes.delete(frame);
    }
    const running = nextStep(entry, known, states);
    lanes.set(entry.frame, running === undefined ? { done } : { done, running });
  }
  const all = [...lanes.values()].flatMap((lane) => flat(lane, span.endedAt));
  return all.sort((left, right) => left.startedAt - right.startedAt);
}

function isBelow(frame: string, outer: string): boolean {
  return frame !== outer && (outer === "" || frame.startsWith(`${outer}/`));
}

/** The steps of a frame, whose last one stopped at that moment where one is given. */
function flat({ done, running }: Lane, stoppedAt: number | undefined): Step[] {
  if (running === undefined || stoppedAt === undefined) return [...done, ...(running === undefined ? [] : [running])];
  return [...done, { ...running, state: "failed", endedAt: Math.max(stoppedAt, running.startedAt) }];
}

/** What a frame does after an entry, as far as the entry tells. */
function nextStep(
  entry: JournalEntry,
  known: (name: string) => State,
  states: ReadonlyMap<string, State>,
): Step | undefined {
  const maps = framePathParts(entry.frame).filter(({ state }) => states.get(state)?.Type === "Map");
  const suffix = maps.map(({ index }) => `[${index}]`).join("");
  const { state = "" } = entry;
  switch (entry.kind) {
    case "ended":
      return undefined;
    case "exited": {
      const exit = exitsOf(entry).at(-1);
      return exit?.next === undefined ? undefined : runningStep(known(exit.next), exit.next + suffix, 1, exit.to);
    }
    case "failed": {
      const { attempt, until, step } = entry.data as FailedAttempt;
      return runningStep(known(state), step ?? state, attempt + 1, until);
    }
    case "started":
    case "waiting": {
      const { attempt = 1, callback } = entry.data as { readonly attempt?: number; readonly callback?: Callback };
      return runningStep(known(state), callback?.step ?? state + suffix, attempt, callback?.from ?? entry.at);
    }
  }
}

export function runningStep(state: State, name: string, attempt: number, startedAt: number): Step {
  return { name, ...described(state), state: "running", attempt, startedAt };
}

/** The step of a state that was left. */
export function exitStep(state: State, { state: name, step, attempt, from, to, error, cause }: Exit): Step {
  const failed = error === undefined ? {} : { error: readCause(error, cause) };
  const ended = { attempt: attempt ?? 1, startedAt: from, endedAt: to, ...failed };
  return { name: step ?? name, ...described(state), state: error === undefined ? "completed" : "failed", ...ended };
}

/** The step of an attempt that failed at that moment and is made again. */
export function attemptStep(state: State, name: string, failed: FailedAttempt, endedAt: number): Step {
  const { step, attempt, from, error, cause } = failed;
  const ended = { attempt, startedAt: from, endedAt, error: readCause(error, cause) };
  return { name: step ?? name, ...described(state), state: "failed", ...ended };
}

function described(state: State): Pick<Step, "kind" | "at"> {
  const at = state.Comment;
  return { kind: kindOf(state), ...(at !== undefined && SOURCE_POSITION.test(at) ? { at } : {}) };
}

const SOURCE_POSITION = /^\S+:\d+$/;

function kindOf(state: State): Step["kind"] {
  switch (state.Type) {
    case "Task":
      if (!state.Resource.endsWith(CALLBACK)) return "task";
      return isLock(state) || isEvent(state) ? "wait" : "child";
    case "Succeed":
    case "Fail":
      return "end";
    case "Pass":
      return "pass";
    case "Wait":
      return "wait";
    case "Choice":
      return "choice";
    case "Map":
      return "map";
    case "Parallel":
      return "parallel";
  }
}

function isLock({ Arguments: given = null }: TaskState): boolean {
  return isJsonObject(given) && given["FunctionName"] === `\${${LOCK_FUNCTION}}`;
}

function isEvent({ Arguments: given = null }: TaskState): boolean {
  const payload = isJsonObject(given) ? given["Payload"] : null;
  return isJsonObject(payload ?? null) && "event" in (payload as JsonObject);
}

/** All states by name, which is unique over the whole definition. */
function statesOf({ States }: Branch, states = new Map<string, State>()): Map<string, State> {
  for (const [name, state] of Object.entries(States)) {
    states.set(name, state);
    if (state.Type === "Map") statesOf(state.ItemProcessor, states);
    if (state.Type === "Parallel") state.Branches.forEach((branch) => statesOf(branch, states));
  }
  return states;
}
