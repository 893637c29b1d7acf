import type { Run } from "../model/run.ts";
import type { Items } from "../store/items.ts";
import { highest } from "./edge-stream.ts";
import { checkFilter, matches, readCursor, refused, spanOf, writeCursor, type RunQuery } from "./run-query.ts";
import { runsAt, sourceOf } from "./run-source.ts";

export interface RunPage {
  readonly runs: readonly Run[];
  /** Present where more may follow; a page may be short, even empty, and still have one. */
  readonly cursor?: string;
}

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
/** Edges that one page reads at the most: what a page costs does not grow with the number of runs. */
export const MAX_EDGES = 1_000;
/** Edges that are read at once. */
const CHUNK = 128;
/** Records that are read at once at the least: where few match, a page is not read one by one. */
const TOGETHER = 32;

/**
 * One page of the runs that match all filters. No scan: the edges of one list are read, and each run by its key.
 * @throws MillraceError `InvalidRequest`
 */
export async function queryRuns(items: Items, query: RunQuery, now: number): Promise<RunPage> {
  const { limit = DEFAULT_PAGE, cursor } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw refused(`limit is ${limit}, allowed are whole numbers from 1 to ${MAX_PAGE}.`);
  }
  checkFilter(query);
  const highestPlace = highest(spanOf(query, now).to);
  const start = cursor === undefined ? highestPlace : readCursor(query, cursor);
  let top = start < highestPlace ? start : highestPlace;
  const source = await sourceOf(items, query, top, now);
  const runs: Run[] = [];
  const page = (place: string | undefined): RunPage =>
    place === undefined ? { runs } : { runs, cursor: writeCursor(query, place) };
  for (let { read } = source; read + CHUNK <= MAX_EDGES;) {
    const chunk = await source.stream(top, CHUNK);
    read += chunk.read;
    for (let index = 0; index < chunk.edges.length;) {
      const edges = chunk.edges.slice(index, index + Math.max(limit - runs.length, TOGETHER));
      for (const run of await runsAt(items, edges, now)) {
        index += 1;
        if (run === undefined || !matches(run, query)) continue;
        if (runs.push(run) === limit) return page(chunk.edges[index]?.at ?? chunk.next);
      }
    }
    if (chunk.next === undefined) return page(undefined);
    top = chunk.next;
  }
  return page(top);
}
