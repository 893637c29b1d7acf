import type { Items } from "../store/items.ts";
import { highest } from "./edge-stream.ts";
import { badEndOf, checkFilter, matches, spanOf, tagsOfFilter, type RunFilter } from "./run-query.ts";
import { runsAt, sourceOf } from "./run-source.ts";

export interface RunCount {
  readonly count: number;
  /** There may be more: the count stopped at 1,000, or where it had read too much for filters that match few runs. */
  readonly more: boolean;
}

const MAX_COUNT = 1_000;
const MAX_EDGES = 10_000;
const CHUNK = 500;

/**
 * How many runs match: exact to 1,000. Where one list of edges is all that is asked for it is counted by itself;
 * otherwise the record of each run on it is read.
 * @throws MillraceError `InvalidRequest`
 */
export async function countRuns(items: Items, filter: RunFilter, now: number): Promise<RunCount> {
  checkFilter(filter);
  let top = highest(spanOf(filter, now).to);
  const source = await sourceOf(items, filter, top, now);
  const whole = isOneList(filter);
  let count = 0;
  for (let { read } = source; read < MAX_EDGES;) {
    const chunk = await source.stream(top, CHUNK);
    read += chunk.read;
    const certain = whole ? chunk.edges.filter(({ kept }) => kept > now / 1000) : [];
    const others = whole ? chunk.edges.filter(({ kept }) => kept <= now / 1000) : chunk.edges;
    const runs = await runsAt(items, others, now);
    count += certain.length + runs.filter((run) => run !== undefined && matches(run, filter)).length;
    if (count > MAX_COUNT) return { count: MAX_COUNT, more: true };
    if (chunk.next === undefined) return { count, more: false };
    top = chunk.next;
  }
  return { count, more: true };
}

/** Whether the runs of one list are all that match. */
function isOneList(filter: RunFilter): boolean {
  const { state, workflow, parent, name, includeUnchanged } = filter;
  const lists = [...tagsOfFilter(filter), workflow, parent].filter((list) => list !== undefined);
  if (name !== undefined || includeUnchanged === true || lists.length > 1) return false;
  return state === undefined || (parent === undefined && badEndOf(filter) !== undefined);
}
