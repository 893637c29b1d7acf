import type { Key } from "../store/items.ts";

/**
 * Item keys of coordination, frozen by a test.
 *
 * | item     | pk                       | sk                  | written                               |
 * |----------|--------------------------|---------------------|---------------------------------------|
 * | run      | `RUN#<id>`               | `#`                 | submit, tags, settle                  |
 * | edge     | `TAG#<tag>#<yyyymm>`     | `<created>#<id>`    | once a tag; a workflow is a tag too   |
 * | open run | gk `OPEN#<shard>`        | gs `<created>#<id>` | attributes of the run while it is open|
 *
 * `<created>` is the run's creation in milliseconds, padded to 13 digits, so edges are ordered by time. An edge holds
 * nothing else and never changes: a run's state is read from the run itself.
 */
export function runKey(id: string): Key {
  return { pk: `RUN#${id}`, sk: "#" };
}

/** Edges that every run has beside those of its tags; what they list is held against the run itself. */
export const ALL_RUNS = "run:all";
export function workflowEdge(workflow: string): string {
  return `run:workflow/${workflow}`;
}

export function edgePartition(tag: string, month: string): string {
  return `TAG#${tag}#${month}`;
}

/** Sort key of a run in every index. */
export function position(createdAt: number, id: string): string {
  return `${String(createdAt).padStart(13, "0")}#${id}`;
}

export function idAt(sortKey: string): string {
  return sortKey.slice(14);
}

/** `202611` of a moment, in UTC. */
export function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7).replace("-", "");
}

/** The months from one moment back to another, newest first. */
export function monthsBack(from: number, to: number): string[] {
  const months: string[] = [];
  const first = monthOf(from);
  const cursor = new Date(to);
  cursor.setUTCDate(1);
  for (;;) {
    const month = monthOf(cursor.getTime());
    if (month < first) return months;
    months.push(month);
    cursor.setUTCMonth(cursor.getUTCMonth() - 1);
  }
}

/** The index of open runs is cut into 16, so that no partition of it is hot. */
export const OPEN_SHARDS = [..."0123456789abcdef"];
export function openPartition(shard: string): string {
  return `OPEN#${shard}`;
}
export function openShard(id: string): string {
  return id.slice(-1);
}
