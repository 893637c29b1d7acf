import { childrenOf } from "../coordination/children.ts";
import { getRun } from "../coordination/run-record.ts";
import type { Run } from "../model/run.ts";
import type { Items } from "../store/items.ts";
import { formatDuration } from "./duration.ts";
import { styled } from "./output.ts";
import { stateText } from "./run-text.ts";

/** A run with what it started, in the order in which it did. */
export interface RunTree {
  readonly run: Run;
  /** Its parent waits for it, and takes it along when it is stopped. */
  readonly executed: boolean;
  readonly children: readonly RunTree[];
}

/** Runs that a tree shows at most. */
const MOST_RUNS = 1_000;

/** The tree that a run stands in, from its first ancestor that still has a record. `more`: runs were left out. */
export async function readTree(items: Items, run: Run): Promise<{ readonly tree: RunTree; readonly more: boolean }> {
  let root = run;
  for (let parent: Run | undefined = run; parent !== undefined;) {
    root = parent;
    parent = root.parent === undefined ? undefined : await getRun(items, root.parent);
  }
  return readBelow(items, root);
}

/** What a run started, and what that started. */
export async function readBelow(items: Items, run: Run): Promise<{ readonly tree: RunTree; readonly more: boolean }> {
  const room = { left: MOST_RUNS - 1, more: false };
  return { tree: await grow(items, run, false, room), more: room.more };
}

async function grow(
  items: Items,
  run: Run,
  executed: boolean,
  room: { left: number; more: boolean },
): Promise<RunTree> {
  const edges: { readonly id: string; readonly executed: boolean }[] = [];
  for await (const edge of childrenOf({ items }, run.id)) {
    room.more ||= room.left === 0;
    if (room.more) break;
    room.left -= 1;
    edges.push(edge);
  }
  const runs = await Promise.all(edges.map(({ id }) => getRun(items, id)));
  const children: RunTree[] = [];
  for (const [index, edge] of edges.entries()) {
    const child = runs[index];
    if (child !== undefined) children.push(await grow(items, child, edge.executed, room));
  }
  return { run, executed, children };
}

/** One run a line, below the run that started it; the one that was asked for stands out. */
export function treeText(tree: RunTree, asked: string, now: number): string {
  return treeLines(tree, asked, now).join("\n");
}

function treeLines({ run, children }: RunTree, asked: string, now: number): string[] {
  const lines = children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    const [first = "", ...rest] = treeLines(child, asked, now);
    const alone = child.executed ? "" : styled("dim", "  submitted");
    return [`${isLast ? "└─" : "├─"} ${first}${alone}`, ...rest.map((line) => `${isLast ? "  " : "│ "} ${line}`)];
  });
  const name = run.id === asked ? styled("bold", run.name) : run.name;
  return [`${name}  ${stateText(run)}${soFar(run, now)}  ${styled("dim", run.id)}`, ...lines];
}

function soFar(run: Run, now: number): string {
  if ("endedAt" in run) return "";
  return ` for ${formatDuration(Math.max(0, now - (run.state === "running" ? run.startedAt : run.createdAt)))}`;
}
