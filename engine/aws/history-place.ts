import type { SourceMap } from "../model/compiled.ts";
import type { RunError } from "../model/errors.ts";
import type { Step } from "../model/run.ts";

/** A step while its events are read. */
export interface Draft {
  readonly state: string;
  kind: Step["kind"];
  readonly frame: Frame | undefined;
  readonly attempt: number;
  readonly startedAt: number;
  name: string;
  /** The attempt was handed to its worker. */
  scheduled: boolean;
  omittedItems?: number;
  end?: { readonly at: number; readonly failed: boolean; readonly error?: RunError };
}

/** A branch of a Parallel state, or an iteration of a Map state. */
export interface Frame {
  readonly owner: Draft;
  readonly index?: number;
}

/** Where an event happened: in a state, or in a frame between its states. */
export interface Place {
  readonly draft?: Draft | undefined;
  readonly frame?: Frame | undefined;
}

export function newDraft(
  state: string,
  kind: Step["kind"],
  frame: Frame | undefined,
  startedAt: number,
  attempt = 1,
): Draft {
  return { state, kind, frame, attempt, startedAt, name: `${state}${indicesOf(frame)}`, scheduled: false };
}

/** Of the iterations around a state, outermost first: `[3][0]`. */
function indicesOf(frame: Frame | undefined): string {
  if (frame === undefined) return "";
  return `${indicesOf(frame.owner.frame)}${frame.index === undefined ? "" : `[${frame.index}]`}`;
}

/** The innermost state around a place that is meant, its own before all. */
export function enclosing({ draft, frame }: Place, meant: (draft: Draft) => boolean): Draft | undefined {
  if (draft !== undefined && meant(draft)) return draft;
  const around = draft === undefined ? frame : draft.frame;
  return around && enclosing({ draft: around.owner }, meant);
}

export function isWithin(draft: Draft, owner: Draft): boolean {
  return draft === owner || (draft.frame !== undefined && isWithin(draft.frame.owner, owner));
}

export function isInFrame({ frame: own }: Draft, frame: Frame): boolean {
  return own !== undefined && (own === frame || isInFrame(own.owner, frame));
}

/** The first end that is told of a step stands. */
export function close(draft: Draft | undefined, at: number, failed: boolean, error?: RunError): void {
  if (draft !== undefined) draft.end ??= { at, failed, ...(error && { error }) };
}

export function stepOf(draft: Draft, positions: SourceMap): Step {
  const { name, state, kind, attempt, startedAt, end, omittedItems = 0 } = draft;
  const at = positions[state];
  return {
    name,
    kind,
    ...(at !== undefined && { at }),
    state: end === undefined ? "running" : end.failed ? "failed" : "completed",
    attempt,
    startedAt,
    ...(end && { endedAt: end.at, ...(end.error && { error: end.error }) }),
    ...(omittedItems > 0 && { omittedItems }),
  };
}
