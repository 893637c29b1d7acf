import type { BadEndState } from "../model/run.ts";
import type { Items, Query } from "../store/items.ts";
import { CHILD, edgePartition, monthOf, OPEN_SHARDS, openPartition, position, runKey } from "./keys.ts";

/** Where a run stands in every index, by time of creation. */
export interface Edge {
  /** `<created>#<id>` */
  readonly at: string;
  /** Seconds since the epoch until which the run's record is there for certain; 0 where nothing says so. */
  readonly kept: number;
}

export interface Chunk {
  /** Newest first. */
  readonly edges: readonly Edge[];
  /** Where the next chunk begins; nothing after the last. A chunk may be empty and not the last. */
  readonly next?: string;
  /** Items that were read for it, and 1 where none was found. */
  readonly read: number;
}

/** Reads edges at or below a place, newest first, at the cost of so many items at the most. It keeps no state. */
export type EdgeStream = (top: string, most: number) => Promise<Chunk>;

/** Runs with a tag, or those of them that ended badly: one partition a month. `from` in milliseconds since the epoch. */
export function tagEdges(items: Items, from: number, tag: string, badEnd?: BadEndState): EdgeStream {
  return async (top, most) => {
    const month = monthOf(Number(top.slice(0, 13)));
    const pk = edgePartition(tag, month, badEnd);
    const chunk = await read(items, { pk, sk: { from: lowest(from), to: top }, limit: most }, "sk");
    if (chunk.next !== undefined) return chunk;
    const before = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(4)) - 1) - 1;
    return before < from ? chunk : { ...chunk, next: highest(before) };
  };
}

export function childEdges(items: Items, from: number, parent: string): EdgeStream {
  const { pk } = runKey(parent);
  return async (top, most) => {
    const sk = { from: CHILD + lowest(from), to: CHILD + top };
    return read(items, { pk, sk, limit: most }, "sk", CHILD.length);
  };
}

/** Open runs. The index is eventual: one may have ended a moment ago. */
export function openEdges(items: Items, from: number, shards = OPEN_SHARDS): EdgeStream {
  return merged(
    shards.map((shard): EdgeStream => (top, most) => {
      const sk = { from: lowest(from), to: `${top}~` }; // the index says more behind the place
      return read(items, { pk: openPartition(shard), index: "open", sk, limit: most }, "gs");
    }),
  );
}

/** Every edge of any of them, once. What one has read further down than another is read again with the next chunk. */
export function merged(streams: readonly EdgeStream[]): EdgeStream {
  const [only] = streams;
  if (only !== undefined && streams.length === 1) return only;
  return async (top, most) => {
    const share = Math.max(1, Math.floor(most / streams.length));
    const chunks = await Promise.all(streams.map((stream) => stream(top, share)));
    const next = chunks
      .flatMap((chunk) => chunk.next ?? [])
      .sort()
      .at(-1);
    const known = chunks.flatMap((chunk) => chunk.edges).filter(({ at }) => next === undefined || at > next);
    const edges = [...new Map(known.map((edge) => [edge.at, edge])).values()].sort((a, b) => (a.at < b.at ? 1 : -1));
    const read = chunks.reduce((sum, chunk) => sum + chunk.read, 0);
    return { edges, read, ...(next === undefined ? {} : { next }) };
  };
}

/** Milliseconds, `#`, and a run's id. */
const PLACE_LENGTH = 50;

async function read(
  items: Items,
  query: Query & { readonly sk: { readonly from: string; readonly to: string } },
  place: "sk" | "gs",
  prefix = 0,
): Promise<Chunk> {
  if (query.sk.from > query.sk.to) return { edges: [], read: 1 };
  const page = await items.query({ ...query, reverse: true });
  const edges = page.items.map((item) => ({
    at: (item[place] as string).slice(prefix, prefix + PLACE_LENGTH),
    kept: Number(item["kept"] ?? 0),
  }));
  const last = edges.at(-1);
  const next = page.cursor === undefined || last === undefined ? {} : { next: below(last.at) };
  return { edges, read: Math.max(1, edges.length), ...next };
}

/** The lowest place of a moment, and the highest. */
function lowest(time: number): string {
  return position(time, "").slice(0, 13);
}
export function highest(time: number): string {
  return position(time, "~");
}

/** The highest place under that of a run: ids end with a hexadecimal digit, and `~` stands above all of them. */
function below(at: string): string {
  return `${at.slice(0, -1)}${String.fromCharCode(at.charCodeAt(at.length - 1) - 1)}~`;
}
