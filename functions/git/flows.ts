import { addTags } from "millrace";
import type { AddRepository, RepositoriesSynced, RepositoryAdded } from "./models.ts";
import {
  cloneRepository,
  findRepository,
  inspectRemote,
  recordRepository,
  removeOldHeads,
  syncRemotes,
} from "./tasks.ts";

export async function addRepository({
  location,
  repositoryName,
  repositoryId,
  branchName,
}: AddRepository): Promise<RepositoryAdded> {
  await addTags({ branches: [branchName] });
  const known = await findRepository({ repositoryName, repositoryId, branchName });
  await addTags({ nodes: [known.repositoryId] });
  const remote = await inspectRemote({ location, branchName });

  if (
    known.head === remote.head &&
    known.location === remote.location &&
    known.defaultBranch === remote.defaultBranch
  ) {
    await removeOldHeads({ repositoryId: known.repositoryId, branchName });
    return {
      status: "unchanged",
      repositoryId: known.repositoryId,
      defaultBranch: remote.defaultBranch,
      head: remote.head,
    };
  }

  const clone = await cloneRepository({
    repositoryId: known.repositoryId,
    location,
    branch: remote.branch,
  });
  const status = await recordRepository({
    repositoryId: known.repositoryId,
    repositoryName,
    branchName,
    location: remote.location,
    defaultBranch: remote.defaultBranch,
    previousHead: known.head,
    clone,
  });
  await removeOldHeads({ repositoryId: known.repositoryId, branchName });
  return { status, repositoryId: known.repositoryId, defaultBranch: remote.defaultBranch, head: clone.commit };
}

/** One step, whatever it finds: each branch that moved is fetched by a run of its own. */
export async function syncRepositories(): Promise<RepositoriesSynced> {
  return await syncRemotes({});
}
