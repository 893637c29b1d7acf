import type { Run } from "../model/run.ts";
import type { Items } from "../store/items.ts";
import { childEdges, merged, openEdges, tagEdges, type Edge, type EdgeStream } from "./edge-stream.ts";
import { ALL_RUNS, idAt, runKey, UNCHANGED_RUNS, UNLISTED_SHARDS, workflowEdge } from "./keys.ts";
import { badEndOf, spanOf, tagsOfFilter, wantsOpen, type RunFilter } from "./run-query.ts";
import { readRun } from "./run-record.ts";

/** Edges that are read of all candidates together to see which of them is the sparsest. */
const PROBE = 256;
const MAX_CANDIDATES = 8;

export interface Source {
  /** Has an edge of every run that matches; whether one does is said by its record. */
  readonly stream: EdgeStream;
  /** Items that were read to choose it. */
  readonly read: number;
}

/**
 * The list to go through for a query: of the filters that have edges of their own, the one with the fewest. Which it is
 * shows in the first edges of each: the list whose edges reach furthest back is the sparsest. The other filters are held
 * against the record, which is read anyway: to merge the lists would read more edges than it saved records.
 */
export async function sourceOf(items: Items, filter: RunFilter, top: string, now: number): Promise<Source> {
  const candidates = candidatesOf(items, filter, now).slice(0, MAX_CANDIDATES);
  const { stream, read } = await sparsest(candidates, top);
  return { stream: merged([stream, ...hiddenOf(items, filter, now)]), read };
}

function candidatesOf(items: Items, filter: RunFilter, now: number): EdgeStream[] {
  const { from } = spanOf(filter, now);
  const { parent, workflow } = filter;
  const open = wantsOpen(filter);
  const tags = [...tagsOfFilter(filter), ...(workflow === undefined ? [] : [workflowEdge(workflow)])];
  const withTag = (tag: string): EdgeStream => {
    const edges = tagEdges(items, from, tag, badEndOf(filter));
    return open ? merged([edges, openEdges(items, from, UNLISTED_SHARDS)]) : edges;
  };
  const candidates = [
    ...(parent === undefined ? [] : [childEdges(items, from, parent)]),
    ...tags.map(withTag),
    ...(open ? [openEdges(items, from)] : []),
  ];
  return candidates.length === 0 ? [withTag(ALL_RUNS)] : candidates;
}

/** Where the runs are that have no edges of tags: those that changed nothing, and those that may yet turn out so. */
function hiddenOf(items: Items, filter: RunFilter, now: number): EdgeStream[] {
  const { state, includeUnchanged } = filter;
  if (includeUnchanged !== true || (state !== undefined && state !== "completed")) return [];
  const { from } = spanOf(filter, now);
  const unchanged = tagEdges(items, from, UNCHANGED_RUNS);
  return state === undefined ? [unchanged, openEdges(items, from, UNLISTED_SHARDS)] : [unchanged];
}

async function sparsest(candidates: readonly EdgeStream[], top: string): Promise<Source> {
  const [first] = candidates;
  if (first !== undefined && candidates.length === 1) return { stream: first, read: 0 };
  const share = Math.floor(PROBE / candidates.length);
  const probes = await Promise.all(candidates.map(async (stream) => ({ stream, chunk: await stream(top, share) })));
  const read = probes.reduce((sum, { chunk }) => sum + chunk.read, 0);
  const [best] = probes.sort(({ chunk: a }, { chunk: b }) =>
    a.next === b.next ? a.edges.length - b.edges.length : (a.next ?? "") < (b.next ?? "") ? -1 : 1,
  );
  if (best === undefined) throw new TypeError("A query has no list to go through.");
  return { stream: best.stream, read };
}

/** The runs behind edges, in their order; nothing for one that is gone. */
export async function runsAt(items: Items, edges: readonly Edge[], now: number): Promise<(Run | undefined)[]> {
  return Promise.all(
    edges.map(async ({ at }) => {
      const item = await items.get(runKey(idAt(at)), { consistent: true });
      return item === undefined || Number(item["ttl"] ?? Infinity) <= now / 1000 ? undefined : readRun(item);
    }),
  );
}
