import type { TaskScope } from "millrace";
import { RepositoryError } from "./errors.ts";
import type { RecordRepository, RepositoryAdded } from "./models.ts";
import { noteBranch, readBranch, replaceBranch, writeRepository } from "./records.ts";

/** How long the blob of a former head is kept: runs that began before the move may still read it. */
export const RETENTION_MS = 24 * 60 * 60 * 1000;

/**
 * Moves the head of a repository in a branch to a clone and retires the blob of the one before. Safe to call again.
 * Where another run moved it first, the clone is given up.
 * @throws RepositoryError `RepositoryChanged` where that run moved it to another head
 */
export async function recordHead(
  { repositoryId, repositoryName, branchName, location, defaultBranch, previousHead, clone }: RecordRepository,
  scope: TaskScope,
): Promise<RepositoryAdded["status"]> {
  const { items, blobs, run } = scope;
  const now = scope.now();
  const before = await readBranch(items, branchName, repositoryId);
  const mine = before?.blob === clone.blob;
  if (!mine && (before?.commit ?? null) !== previousHead) {
    await blobs.delete(clone.blob);
    if (before?.commit === clone.commit) return "unchanged";
    throw changed(repositoryName, branchName, before?.run);
  }
  const former = before === undefined ? [] : [...before.retired, { blob: before.blob, until: now + RETENTION_MS }];
  const after = { ...clone, run: run.id, recordedAt: now, retired: former };
  await noteBranch(items, branchName);
  if (!mine && !(await replaceBranch(items, branchName, repositoryId, before, after))) {
    throw changed(repositoryName, branchName);
  }
  await writeRepository(items, repositoryId, { name: repositoryName, location, defaultBranch });
  return previousHead === null ? "added" : "updated";
}

/** Deletes the blobs of former heads whose time is over. Answers how many. */
export async function removeRetired(repositoryId: string, branchName: string, scope: TaskScope): Promise<number> {
  const { items, blobs, log } = scope;
  const now = scope.now();
  const before = await readBranch(items, branchName, repositoryId);
  const expired = before?.retired.filter(({ until }) => until <= now) ?? [];
  if (before === undefined || expired.length === 0) return 0;
  for (const { blob } of expired) await blobs.delete(blob);
  const retired = before.retired.filter((entry) => !expired.includes(entry));
  // Where the head moved meanwhile, the list stays as it is, and a later run deletes the same blobs once more.
  await replaceBranch(items, branchName, repositoryId, before, { ...before, retired });
  log.info(`Deleted the stored copies of ${expired.length} former heads`);
  return expired.length;
}

function changed(name: string, branch: string, winner?: string): RepositoryError {
  const by = winner === undefined ? "another run" : `run ${winner}`;
  return new RepositoryError(
    "RepositoryChanged",
    `Repository "${name}" in branch "${branch}" was recorded by ${by} in the meantime, so nothing was recorded: add it again.`,
  );
}
