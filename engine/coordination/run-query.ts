import { createHash } from "node:crypto";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { isEnded, RunState, type BadEndState, type Run } from "../model/run.ts";
import { renderTag, tagProblem, WorkflowTag } from "../model/tags.ts";

/**
 * All filters together; newest runs first. `{ branch: "main", tags: ["infrahub.app/database-change"], state: "open" }`
 * asks whether anything is still changing that branch.
 */
export interface RunFilter {
  /** Runs that have all of these. */
  readonly tags?: readonly string[];
  /** Runs tagged with this branch. */
  readonly branch?: string;
  /** Runs tagged as related to the node of this id. */
  readonly node?: string;
  /** `open`: scheduled, queued or running. */
  readonly state?: RunState | "open";
  readonly workflow?: string;
  /** Id of the run that submitted them. */
  readonly parent?: string;
  /** Text in the name of the run, in upper or lower case. */
  readonly name?: string;
  /** Created at or after, in milliseconds since the epoch; 400 days back where it is left out. */
  readonly from?: number;
  /** Created at or before. */
  readonly to?: number;
  /** Also the runs of a cron that changed nothing, which are kept for a day, and those that have not ended yet. */
  readonly includeUnchanged?: boolean;
}

/** A filter, and which page of what it finds. */
export interface RunQuery extends RunFilter {
  /** Runs in a page, 1 to 200; 50 where it is left out. */
  readonly limit?: number;
  /** From the page before, for the same filters. */
  readonly cursor?: string;
}

const DAY = 86_400_000;
const DEFAULT_SPAN = 400 * DAY;

/** The time that a query spans; clocks may differ, but not by a day. */
export function spanOf(filter: RunFilter, now: number): { readonly from: number; readonly to: number } {
  const to = Math.min(filter.to ?? Infinity, now + DAY);
  return { from: Math.max(0, Math.ceil(filter.from ?? to - DEFAULT_SPAN)), to: Math.floor(to) };
}

export function tagsOfFilter({ tags = [], branch, node }: RunFilter): string[] {
  return [
    ...(node === undefined ? [] : [renderTag(WorkflowTag.RELATED_NODE, node)]),
    ...(branch === undefined ? [] : [renderTag(WorkflowTag.BRANCH, branch)]),
    ...tags,
  ];
}

/** Whether the state is one that only open runs have. */
export function wantsOpen({ state }: RunFilter): boolean {
  return state !== undefined && (state === "open" || !isEnded(state));
}

export function badEndOf({ state }: RunFilter): BadEndState | undefined {
  return state === undefined || state === "open" || !isEnded(state) || state === "completed" ? undefined : state;
}

export function matches(run: Run, filter: RunFilter): boolean {
  const { state, workflow, parent, name = "", includeUnchanged } = filter;
  return (
    (state === undefined || run.state === state || (state === "open" && !isEnded(run.state))) &&
    (workflow === undefined || run.workflow === workflow) &&
    (parent === undefined || run.parent === parent) &&
    (includeUnchanged === true || run.unchanged !== true) &&
    run.name.toLowerCase().includes(name.toLowerCase()) &&
    tagsOfFilter(filter).every((tag) => run.tags.includes(tag))
  );
}

const STATES: readonly string[] = [...Object.values(RunState), "open"];

/** @throws MillraceError `InvalidRequest` */
export function checkFilter(filter: RunFilter): void {
  const { state, workflow, from, to } = filter;
  if (state !== undefined && !STATES.includes(state)) {
    throw refused(`state is ${JSON.stringify(state)}, allowed are ${STATES.join(", ")}.`);
  }
  const named = workflow === undefined ? tagsOfFilter(filter) : [...tagsOfFilter(filter), workflow];
  const problem = named.map(tagProblem).find((found) => found !== undefined);
  if (problem !== undefined) throw refused(`No run can match these filters: ${problem}.`);
  for (const [name, time] of Object.entries({ from, to })) {
    if (time !== undefined && !(time >= 0 && time < Infinity)) {
      throw refused(`${name} is ${time}, allowed are milliseconds since the epoch, 0 or more.`);
    }
  }
}

/** The place where the next page begins, under a mark of the filters, so that a cursor of another query is told apart. */
export function writeCursor(filter: RunFilter, place: string): string {
  return Buffer.from(`${markOf(filter)} ${place}`).toString("base64url");
}

/** @throws MillraceError `InvalidRequest` */
export function readCursor(filter: RunFilter, cursor: string): string {
  const [mark, place = ""] = Buffer.from(cursor, "base64url").toString("utf8").split(" ");
  if (mark === markOf(filter) && /^\d{13}#/.test(place)) return place;
  throw refused(
    `The cursor ${JSON.stringify(cursor)} does not belong to this query. Use the cursor of the page before, with the same filters.`,
  );
}

function markOf(filter: RunFilter): string {
  const { state, workflow, parent, name, from, to, includeUnchanged = false } = filter;
  const filters = [tagsOfFilter(filter).sort(), state, workflow, parent, name, from, to, includeUnchanged];
  return createHash("sha256").update(JSON.stringify(filters)).digest("hex").slice(0, 12);
}

export function refused(message: string): MillraceError {
  return new MillraceError(ErrorName.INVALID_REQUEST, message);
}
