import { createHash } from "node:crypto";
import * as z from "zod";
import { compare, everyItem, isNew, type Item, type Items, type Key } from "millrace";
import { Clone, MAIN_BRANCH } from "./models.ts";

/** The item of a repository: what holds in every branch. */
export const RepositoryRecord = z.object({ name: z.string(), location: z.string(), defaultBranch: z.string() });
export type RepositoryRecord = z.infer<typeof RepositoryRecord>;

/** The item of a repository in one branch. Its head moves only where `revision` is still the one that was read. */
export const BranchRecord = Clone.extend({
  /** Id of the run that recorded the head. */
  run: z.string(),
  /** Milliseconds since the epoch. */
  recordedAt: z.number(),
  revision: z.number(),
  /** Blobs of former heads, and until when they are kept. */
  retired: z.array(z.object({ blob: z.string(), until: z.number() })),
});
export type BranchRecord = z.infer<typeof BranchRecord>;

export const REPOSITORY_KIND = "Repository";

/** The same id for the same name, everywhere. */
export function repositoryIdOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}

function repositoryKey(id: string): Key {
  return { pk: "repositories", sk: id };
}

function branchKey(branch: string, id: string): Key {
  return { pk: `branch/${branch}`, sk: `${REPOSITORY_KIND}/${id}` };
}

export async function readRepository(items: Items, id: string): Promise<RepositoryRecord | undefined> {
  const item = await items.get(repositoryKey(id), { consistent: true });
  return item && RepositoryRecord.parse(item);
}

export async function writeRepository(items: Items, id: string, record: RepositoryRecord): Promise<void> {
  await items.put({ ...repositoryKey(id), ...record });
}

export async function readBranch(items: Items, branch: string, id: string): Promise<BranchRecord | undefined> {
  const item = await items.get(branchKey(branch, id), { consistent: true });
  return item && BranchRecord.parse(item);
}

/** False, and nothing written, where the record is no longer `before`. */
export async function replaceBranch(
  items: Items,
  branch: string,
  id: string,
  before: BranchRecord | undefined,
  after: Omit<BranchRecord, "revision">,
): Promise<boolean> {
  const item = { ...branchKey(branch, id), ...after, revision: (before?.revision ?? 0) + 1 };
  const when = before === undefined ? isNew : compare("revision", "=", before.revision);
  return (await items.put(item, { when })).ok;
}

/** Ids and heads of the objects of a kind that are recorded in a branch. */
export async function* branchObjects(
  items: Items,
  branch: string,
  kind: string,
): AsyncGenerator<{ readonly id: string; readonly head: string }> {
  const prefix = `${kind}/`;
  for await (const item of everyItem(items, { pk: `branch/${branch}`, sk: { prefix: prefix } })) {
    yield { id: item.sk.slice(prefix.length), head: typeof item["commit"] === "string" ? item["commit"] : "" };
  }
}

export async function* allRepositories(
  items: Items,
): AsyncGenerator<{ readonly id: string; readonly record: RepositoryRecord }> {
  for await (const item of everyItem(items, { pk: "repositories", sk: { prefix: "" } })) {
    yield { id: item.sk, record: RepositoryRecord.parse(item) };
  }
}

export async function countRepositories(items: Items): Promise<number> {
  return (await Array.fromAsync(everyItem(items, { pk: "repositories", sk: { prefix: "" } }))).length;
}

/** Notes that something is recorded in a branch. */
export async function noteBranch(items: Items, branch: string): Promise<void> {
  if (branch !== MAIN_BRANCH) await items.put({ pk: "branches", sk: branch });
}

/** The branches in which anything is recorded; the main one is always there. */
export async function* allBranches(items: Items): AsyncGenerator<string> {
  yield MAIN_BRANCH;
  for await (const { sk } of everyItem(items, { pk: "branches", sk: { prefix: "" } })) yield sk;
}

/** What is known of the last fetch that the sync started for a branch of a repository. */
export interface StartedFetch {
  readonly head: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

function fetchKey(branch: string, id: string): Key {
  return { pk: "fetches", sk: `${branch}/${id}` };
}

export async function readFetch(items: Items, branch: string, id: string): Promise<StartedFetch | undefined> {
  return (await items.get(fetchKey(branch, id), { consistent: true })) as (Item & StartedFetch) | undefined;
}

export async function writeFetch(items: Items, branch: string, id: string, fetch: StartedFetch): Promise<void> {
  await items.put({ ...fetchKey(branch, id), ...fetch });
}
