import type { RunFilter, RunQuery } from "../../coordination/run-query.ts";
import { ErrorName, MillraceError } from "../../model/errors.ts";
import { parseSince } from "../duration.ts";
import type { Output } from "../output.ts";
import { runTable } from "../run-text.ts";
import { withSession, type PlatformOptions } from "../session.ts";

export interface RunsOptions
  extends
    PlatformOptions,
    Pick<RunQuery, "branch" | "node" | "state" | "workflow" | "parent" | "name" | "limit" | "cursor"> {
  readonly tag?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly all?: boolean;
  readonly count?: boolean;
}

/** `millrace runs`: answers `{ runs, cursor? }`, newest first; with `--count` `{ count, more }`. */
export async function runs(output: Output, options: RunsOptions): Promise<void> {
  await withSession(options.stack, async ({ platform, workflows }) => {
    const query = queryOf(options, platform.now());
    if (options.count === true) {
      const { count, more } = await workflows.countRuns(query);
      output.result({ count, more }, `${count.toLocaleString("en")}${more ? "+" : ""}`);
      return;
    }
    const page = await workflows.queryRuns(query);
    const cursor = page.cursor === undefined ? undefined : writeCursor(query, page.cursor);
    const table = page.runs.length === 0 ? "No runs." : runTable(page.runs);
    const more = cursor === undefined ? "" : `\nMore: the same command with --cursor ${cursor}`;
    output.result({ runs: page.runs, ...(cursor === undefined ? {} : { cursor }) }, table + more);
  });
}

export function queryOf(options: RunsOptions, now: number): RunQuery {
  const { tag, branch, node, state, workflow, parent, name, all, limit } = options;
  const page = options.cursor === undefined ? undefined : readCursor(options.cursor);
  const { from, to } = page ?? { from: timeOf("since", options.since, now), to: timeOf("until", options.until, now) };
  return {
    ...(tag === undefined ? {} : { tags: tag }),
    ...(branch === undefined ? {} : { branch }),
    ...(node === undefined ? {} : { node }),
    ...(state === undefined ? {} : { state }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(parent === undefined ? {} : { parent }),
    ...(name === undefined ? {} : { name }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(all === undefined ? {} : { includeUnchanged: all }),
    ...(limit === undefined ? {} : { limit }),
    ...(page === undefined ? {} : { cursor: page.cursor }),
  };
}

/** The moment that an option names, in milliseconds since the epoch. @throws MillraceError `InvalidRequest` */
export function timeOf(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const time = parseSince(text, now);
  if (time !== undefined) return time;
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `--${option} ${JSON.stringify(text)} is neither a duration nor a time. Give one such as 90s, 30min, 2h, 7d, or 2026-11-24T08:00:00Z.`,
  );
}

/** `--since 2h` means another moment at each call, so a cursor carries the moments of its first page. */
export function writeCursor({ from, to }: Pick<RunFilter, "from" | "to">, cursor: string): string {
  return `${[from, to].map((time) => time ?? "").join("-")}.${cursor}`;
}

function readCursor(text: string): {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly cursor: string;
} {
  const split = text.indexOf(".");
  const [from, to] = text
    .slice(0, Math.max(0, split))
    .split("-")
    .map((time) => (/^\d+$/.test(time) ? Number(time) : undefined));
  return { from, to, cursor: text.slice(split + 1) };
}
