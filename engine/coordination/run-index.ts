import { createHash } from "node:crypto";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { isEnded, type Run, type RunState } from "../model/run.ts";
import type { Items } from "../store/items.ts";
import {
  ALL_RUNS,
  edgePartition,
  idAt,
  monthsBack,
  openPartition,
  OPEN_SHARDS,
  position,
  workflowEdge,
} from "./keys.ts";
import { getRun, isOpen } from "./run-record.ts";

/** All filters together; newest runs first. */
export interface RunQuery {
  /** Runs that have all of these. */
  readonly tags?: readonly string[];
  readonly state?: RunState;
  readonly workflow?: string;
  /** Created at or after, in milliseconds since the epoch; 400 days back where it is left out. */
  readonly from?: number;
  /** Created at or before. */
  readonly to?: number;
  /** Runs in a page, 1 to 200; 50 where it is left out. */
  readonly limit?: number;
  /** From the page before, for the same query. */
  readonly cursor?: string;
}

export interface RunPage {
  readonly runs: readonly Run[];
  /** Present where more may follow; a page may be short, even empty, and still have one. */
  readonly cursor?: string;
}

const DAY = 86_400_000;
const DEFAULT_SPAN = 400 * DAY;
const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
/** Edges that one page reads at the most: what a page costs does not grow with the number of runs. */
const MAX_EDGES = 1_000;

/** Runs by tag, state, workflow and time. No scan: one partition of edges a month is read, and each run by its key. */
export async function queryRuns(items: Items, query: RunQuery, now: number): Promise<RunPage> {
  const limit = query.limit ?? DEFAULT_PAGE;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `limit is ${limit}, allowed are whole numbers from 1 to ${MAX_PAGE}.`,
    );
  }
  const to = query.to ?? now + DAY;
  const from = query.from ?? to - DEFAULT_SPAN;
  const below = query.cursor === undefined ? undefined : readCursor(query, query.cursor);
  const runs: Run[] = [];
  const keys = edgesOf(items, query, from, to, below)[Symbol.asyncIterator]();
  let last = "";
  for (let edges = 0; runs.length < limit && edges < MAX_EDGES;) {
    const chunk = await take(keys, Math.min(limit - runs.length, MAX_EDGES - edges));
    if (chunk.length === 0) return { runs };
    const found = await Promise.all(chunk.map((key) => getRun(items, idAt(key))));
    runs.push(...found.filter((run) => run !== undefined).filter((run) => matches(run, query)));
    edges += chunk.length;
    last = chunk.at(-1) ?? last;
  }
  return (await keys.next()).done === true ? { runs } : { runs, cursor: writeCursor(query, last) };
}

async function take<T>(source: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = await source.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

/** Ids of every run that has not ended. The index is eventual: an id may be of a run that ended a moment ago. */
export async function* openRuns(items: Items): AsyncIterable<string> {
  for (const shard of OPEN_SHARDS) {
    let cursor: string | undefined;
    do {
      const page = await items.query({
        pk: openPartition(shard),
        index: "open",
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const item of page.items) yield item.pk.slice("RUN#".length);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}

/** Sort keys of the edges that may match, newest first, strictly below the cursor. */
async function* edgesOf(
  items: Items,
  query: RunQuery,
  from: number,
  to: number,
  below: string | undefined,
): AsyncGenerator<string> {
  if (query.state !== undefined && !isEnded(query.state)) {
    yield* openEdges(items, from, to, below);
    return;
  }
  const low = String(Math.max(0, from)).padStart(13, "0");
  const high = `${String(to).padStart(13, "0")}#~`;
  const partition = query.tags?.at(-1) ?? (query.workflow === undefined ? ALL_RUNS : workflowEdge(query.workflow));
  const top = below === undefined || below > high ? high : below;
  for (const month of monthsBack(from, Math.min(to, Number(top.slice(0, 13))))) {
    let cursor: string | undefined;
    do {
      const page = await items.query({
        pk: edgePartition(partition, month),
        sk: { from: low, to: top },
        reverse: true,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const item of page.items) if (item.sk !== below) yield item.sk;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}

/** Open runs are few: all of the index, in order. */
async function* openEdges(items: Items, from: number, to: number, below: string | undefined): AsyncIterable<string> {
  const keys: string[] = [];
  for await (const id of openRuns(items)) {
    const run = await getRun(items, id);
    if (run === undefined || !isOpen(run) || run.createdAt < from || run.createdAt > to) continue;
    const key = position(run.createdAt, id);
    if (below === undefined || key < below) keys.push(key);
  }
  yield* keys.sort().reverse();
}

function matches(run: Run, query: RunQuery): boolean {
  return (
    (query.state === undefined || run.state === query.state) &&
    (query.workflow === undefined || run.workflow === query.workflow) &&
    (query.tags ?? []).every((tag) => run.tags.includes(tag))
  );
}

/** The last key that was read, under a mark of the query, so that a cursor of another query is told apart. */
function writeCursor(query: RunQuery, key: string): string {
  return Buffer.from(`${markOf(query)} ${key}`).toString("base64url");
}

function readCursor(query: RunQuery, cursor: string): string {
  const [mark, key = ""] = Buffer.from(cursor, "base64url").toString("utf8").split(" ");
  if (mark === markOf(query) && /^\d{13}#/.test(key)) return key;
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `The cursor ${JSON.stringify(cursor)} does not belong to this query. Use the cursor of the page before, with the same filters.`,
  );
}

function markOf(query: RunQuery): string {
  const { tags = [], state = "", workflow = "", from = "", to = "" } = query;
  return createHash("sha256")
    .update(JSON.stringify([[...tags].sort(), state, workflow, from, to]))
    .digest("hex")
    .slice(0, 12);
}
