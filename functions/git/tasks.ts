import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { task } from "millrace";
import * as z from "zod";
import { measure } from "../telemetry/measure.ts";
import { archiveRepository } from "./bare-repository.ts";
import { openGit } from "./git-port.ts";
import { followedBranch } from "./followed-branch.ts";
import { withoutCredentials } from "./location.ts";
import {
  Clone,
  CloneRepository,
  FindRepository,
  InspectRemote,
  InventoryObject,
  KnownRepository,
  ListObjects,
  RecordRepository,
  Remote,
  RepositoriesSynced,
  RepositoryAdded,
  RepositoryBranch,
  RepositoryMetrics,
} from "./models.ts";
import { recordHead, removeRetired } from "./heads.ts";
import { branchObjects, countRepositories, readBranch, readRepository, repositoryIdOf } from "./records.ts";
import { askRemotes } from "./sync.ts";

export const findRepository = task(
  { name: "find-repository", runName: "Find {repositoryName}", input: FindRepository, output: KnownRepository },
  async ({ repositoryName, repositoryId, branchName }, { items }) => {
    const id = repositoryId ?? repositoryIdOf(repositoryName);
    const [repository, branch] = await Promise.all([readRepository(items, id), readBranch(items, branchName, id)]);
    return {
      repositoryId: id,
      location: repository?.location ?? null,
      defaultBranch: repository?.defaultBranch ?? null,
      head: branch?.commit ?? null,
    };
  },
);

export const inspectRemote = task(
  { name: "inspect-remote", input: InspectRemote, output: Remote, timeoutSeconds: 60 },
  async ({ location, branchName }, { log, signal }) => {
    const git = await openGit();
    const remote = await git.inspect(location, signal);
    const { branch, head } = followedBranch(remote, branchName);
    const shown = withoutCredentials(location);
    log.info(`${shown} is at ${head.slice(0, 10)} on its branch ${branch}`);
    return { location: shown, defaultBranch: remote.defaultBranch, branch, head };
  },
);

export const cloneRepository = task(
  {
    name: "clone-repository",
    runName: "Clone branch {branch}",
    input: CloneRepository,
    output: Clone,
    retries: 2,
    retryDelaySeconds: 5,
  },
  async ({ repositoryId, location, branch }, { blobs, log, run, signal }) => {
    const git = await openGit();
    await using workplace = await mkdtempDisposable(join(tmpdir(), "millrace-git-"));
    const directory = join(workplace.path, "repository.git");
    await git.clone({ location, branch, directory, signal });
    const head = await git.describe(directory, branch, signal);
    const bytes = await archiveRepository(directory, branch, head.commit);
    // The run's id in the key: nobody else's clone is overwritten, and a further attempt replaces its own.
    const blob = `repositories/${repositoryId}/${head.commit}/${run.id}.tar`;
    await blobs.put(blob, bytes);
    log.info(`Stored ${head.files} files as of "${head.subject}" by ${head.author}`, { blob, bytes: bytes.length });
    return { ...head, blob, size: bytes.length };
  },
);

export const recordRepository = task(
  {
    name: "record-repository",
    runName: "Record {repositoryName}",
    input: RecordRepository,
    output: RepositoryAdded.shape.status,
    retries: 2,
    retryDelaySeconds: 1,
  },
  async (request, scope) => recordHead(request, scope),
);

export const removeOldHeads = task(
  { name: "remove-old-heads", input: RepositoryBranch, output: z.number() },
  async ({ repositoryId, branchName }, scope) => removeRetired(repositoryId, branchName, scope),
);

/** Objects of a kind as they are recorded in a branch; other domains read them through this. */
export const listObjects = task(
  {
    name: "list-objects",
    runName: "List {kind} objects of {branch}",
    input: ListObjects,
    output: z.array(InventoryObject),
  },
  async ({ kind, branch }, { items, log }) => {
    const objects: InventoryObject[] = [];
    for await (const { id, head } of branchObjects(items, branch, kind)) {
      const { name = "", location = "" } = (await readRepository(items, id)) ?? {};
      objects.push({ kind, id, branch, displayLabel: name === "" ? id : name, name, location, head });
    }
    log.info(`Branch ${branch} has ${objects.length} objects of kind ${kind}`);
    return objects;
  },
);

/** Not tried again: the next tick is in a minute. */
export const syncRemotes = task(
  { name: "sync-remotes", input: z.object({}), output: RepositoriesSynced },
  async (_, scope) => askRemotes(scope),
);

export const measureRepositories = task(
  { name: "measure-repositories", input: z.object({}), output: RepositoryMetrics },
  async (_, { items, blobs, log }) => ({
    repositories: await measure(log, "repositories", () => countRepositories(items)),
    storedBytes: await measure(log, "storedBytes", async () => {
      const stored = await Array.fromAsync(blobs.list("repositories/"));
      return stored.reduce((total, { size }) => total + size, 0);
    }),
  }),
);
