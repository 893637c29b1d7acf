import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { readCause } from "../model/cause.ts";
import type { SourceMap } from "../model/compiled.ts";
import type { RunError } from "../model/errors.ts";
import type { Step } from "../model/run.ts";
import { LOCK_FUNCTION } from "../model/wire.ts";
import { itemIndexOf, type MapRuns } from "./history-items.ts";
import {
  close,
  enclosing,
  isInFrame,
  isWithin,
  newDraft,
  stepOf,
  type Draft,
  type Frame,
  type Place,
} from "./history-place.ts";

/**
 * The timeline in a history: one step for each state that was entered, and one for each further attempt of a task.
 * Events of branches and iterations are interleaved; each names the event before it in its own branch.
 *
 * | event                                | what it tells                                                    |
 * |--------------------------------------|------------------------------------------------------------------|
 * | …StateEntered, …StateExited          | a step begins, a step ends; one that failed before stays failed   |
 * | TaskScheduled                        | an attempt of a task, or a wait; the second and later are steps of their own |
 * | MapIterationStarted                  | what follows it is in that iteration                              |
 * | MapIterationFailed, …Aborted         | the state that the iteration was in failed                        |
 * | MapRunStarted                        | the histories of its items are those of iterations               |
 * | MapState…, ParallelState… + outcome  | back in that state; a failure ends what still ran in it           |
 * | ExecutionFailed, …Aborted, …TimedOut | what still ran failed                                             |
 * | any other …Failed, …TimedOut, …Aborted | the step failed, with the event's error                         |
 */
export function stepsOf(
  events: readonly HistoryEvent[],
  positions: SourceMap,
  mapRuns: MapRuns = new Map<string, never>(),
): Step[] {
  const drafts: Draft[] = [];
  read(events, { drafts, mapRuns, root: undefined });
  return drafts.map((draft) => stepOf(draft, positions)).sort((left, right) => left.startedAt - right.startedAt);
}

/** One history, and what its events are written into. */
interface Reading {
  readonly drafts: Draft[];
  readonly mapRuns: MapRuns;
  /** The iteration that the execution is, where it is an item. */
  readonly root: Frame | undefined;
}

function read(events: readonly HistoryEvent[], reading: Reading): void {
  const places = new Map<number | undefined, Place>();
  for (const event of events) {
    places.set(event.id, follow(event, places.get(event.previousEventId) ?? { frame: reading.root }, reading));
  }
}

/** Writes what an event tells into the drafts; answers where the events after it are. */
function follow(event: HistoryEvent, place: Place, reading: Reading): Place {
  const { type = "" } = event;
  const { drafts, root } = reading;
  const at = event.timestamp?.getTime() ?? 0;
  if (type.endsWith("StateEntered")) return enter(event, place, drafts, at);
  if (type.endsWith("StateExited")) {
    const draft = enclosing(place, (one) => one.state === event.stateExitedEventDetails?.name);
    close(draft, at, false);
    return { frame: draft?.frame };
  }
  if (type === "TaskScheduled" && place.draft !== undefined) return schedule(event, place.draft, drafts, at);
  if (type.startsWith("MapIteration")) return iterate(event, place, at);
  if (type === "MapRunStarted" && place.draft !== undefined) readItems(event, place.draft, reading);
  const container = CONTAINER.exec(type);
  if (container !== null) {
    const kind = container[1] === "Map" ? "map" : "parallel";
    const owner = enclosing(place, (one) => one.kind === kind && one.end === undefined);
    const within = owner === undefined ? drafts : drafts.filter((draft) => isWithin(draft, owner));
    if (container[2] !== "Succeeded") endAll(within, at, errorOf(event));
    return { draft: owner };
  }
  if (/^Execution(?:Failed|Aborted|TimedOut)$/.test(type)) {
    const own = root === undefined ? drafts : drafts.filter((draft) => isInFrame(draft, root));
    endAll(own, at, errorOf(event));
  } else if (/(?:Failed|Aborted|TimedOut)$/.test(type)) close(place.draft, at, true, errorOf(event));
  return place;
}

const CONTAINER = /^(Map|Parallel)State(Succeeded|Failed|Aborted)$/;

const KINDS: { readonly [type: string]: Step["kind"] } = {
  TaskStateEntered: "task",
  WaitStateEntered: "wait",
  ChoiceStateEntered: "choice",
  PassStateEntered: "pass",
  MapStateEntered: "map",
  ParallelStateEntered: "parallel",
  SucceedStateEntered: "end",
  FailStateEntered: "end",
};

/** A state entered from within another is in a branch of it. */
function enter(event: HistoryEvent, place: Place, drafts: Draft[], at: number): Place {
  const frame = place.draft === undefined ? place.frame : { owner: place.draft };
  const kind = KINDS[event.type ?? ""] ?? "pass";
  const draft = newDraft(event.stateEnteredEventDetails?.name ?? "", kind, frame, at);
  drafts.push(draft);
  return { draft };
}

function schedule(event: HistoryEvent, entered: Draft, drafts: Draft[], at: number): Place {
  const { state, kind, frame, attempt } = entered;
  const draft = entered.scheduled ? newDraft(state, kind, frame, at, attempt + 1) : entered;
  if (draft !== entered) drafts.push(draft);
  draft.scheduled = true;
  const { resource = "", parameters } = event.taskScheduledEventDetails ?? {};
  const { step, calls, event: awaited } = parametersOf(parameters);
  draft.name = step ?? draft.name;
  // A state that waits for a token waits for a lock or an event, or else for a child.
  if (resource.endsWith(".waitForTaskToken"))
    draft.kind = awaited !== undefined || calls?.endsWith(`_${LOCK_FUNCTION}`) === true ? "wait" : "child";
  return { draft };
}

/** The name of the step that the machine itself sent with a task, since only that has the index of a loop, and to whom. */
function parametersOf(text = "{}"): { readonly step?: string; readonly calls?: string; readonly event?: unknown } {
  try {
    const sent = JSON.parse(text) as {
      readonly Payload?: { readonly step?: unknown; readonly event?: unknown };
      readonly FunctionName?: string;
    };
    const { Payload: payload, FunctionName: calls } = sent;
    return {
      ...(typeof payload?.step === "string" && { step: payload.step }),
      ...(calls !== undefined && { calls }),
      ...(payload?.event !== undefined && { event: payload.event }),
    };
  } catch {
    return {}; // cut by the service
  }
}

function iterate(event: HistoryEvent, place: Place, at: number): Place {
  if (event.type === "MapIterationStarted") {
    const { name, index = 0 } = event.mapIterationStartedEventDetails ?? {};
    const owner = enclosing(place, (one) => one.state === name);
    return owner === undefined ? place : { frame: { owner, index } };
  }
  if (event.type !== "MapIterationSucceeded") close(place.draft, at, true);
  return { frame: place.draft?.frame ?? place.frame };
}

function endAll(drafts: readonly Draft[], at: number, error: RunError | undefined): void {
  for (const draft of drafts) close(draft, at, true, error);
}

function readItems({ mapRunStartedEventDetails: started }: HistoryEvent, owner: Draft, reading: Reading): void {
  const mapRun = reading.mapRuns.get(started?.mapRunArn ?? "");
  if (mapRun === undefined) return;
  owner.omittedItems = mapRun.omitted;
  for (const history of mapRun.histories) {
    const index = itemIndexOf(history);
    read(history, { ...reading, root: { owner, ...(index !== undefined && { index }) } });
  }
}

/** Each kind of failure has its details in a member of its own, all of one form. */
function errorOf(event: HistoryEvent): RunError | undefined {
  const details = Object.entries(event).find(([key]) => /(?:Failed|Aborted|TimedOut)EventDetails$/.test(key));
  const { error, cause } = (details?.[1] ?? {}) as { readonly error?: string; readonly cause?: string };
  return error === undefined ? undefined : readCause(error, cause);
}
