import type { RunQuery } from "../../coordination/run-index.ts";
import { ErrorName, MillraceError } from "../../model/errors.ts";
import type { RunState } from "../../model/run.ts";
import { parseSince } from "../duration.ts";
import type { Output } from "../output.ts";
import { runTable } from "../run-text.ts";
import { withSession } from "../session.ts";

export interface RunsOptions {
  readonly stack?: string;
  readonly tag?: readonly string[];
  readonly state?: RunState;
  readonly workflow?: string;
  readonly since?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** `millrace runs`: answers `{ runs, cursor? }`, newest first. */
export async function runs(output: Output, options: RunsOptions): Promise<void> {
  await withSession(options.stack, async ({ platform, workflows }) => {
    const query = queryOf(options, platform.now());
    const page = await workflows.queryRuns(query);
    const cursor = page.cursor === undefined ? undefined : writeCursor(query.from, page.cursor);
    const table = page.runs.length === 0 ? "No runs." : runTable(page.runs);
    const more = cursor === undefined ? "" : `\nMore: the same command with --cursor ${cursor}`;
    output.result({ runs: page.runs, ...(cursor === undefined ? {} : { cursor }) }, table + more);
  });
}

export function queryOf(options: RunsOptions, now: number): RunQuery {
  const { tag, state, workflow, since, limit } = options;
  const page = options.cursor === undefined ? undefined : readCursor(options.cursor);
  const from = page === undefined ? sinceOf(since, now) : page.from;
  return {
    ...(tag === undefined ? {} : { tags: tag }),
    ...(state === undefined ? {} : { state }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(from === undefined ? {} : { from }),
    ...(limit === undefined ? {} : { limit }),
    ...(page === undefined ? {} : { cursor: page.cursor }),
  };
}

function sinceOf(since: string | undefined, now: number): number | undefined {
  if (since === undefined) return undefined;
  const from = parseSince(since, now);
  if (from !== undefined) return from;
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `--since ${JSON.stringify(since)} is neither a duration nor a time. Give one such as 90s, 30min, 2h, 7d, or 2026-11-24T08:00:00Z.`,
  );
}

/** `--since 2h` means another moment at each call, so a cursor carries the moment of its first page. */
export function writeCursor(from: number | undefined, cursor: string): string {
  return `${from ?? ""}.${cursor}`;
}

function readCursor(text: string): { readonly from: number | undefined; readonly cursor: string } {
  const split = text.indexOf(".");
  const from = text.slice(0, Math.max(0, split));
  return { from: /^\d+$/.test(from) ? Number(from) : undefined, cursor: text.slice(split + 1) };
}
