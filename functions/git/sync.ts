import { submitWorkflow, type Items, type TaskScope } from "millrace";
import { GIT_REPOSITORY_ADD } from "../../catalogue/git.ts";
import { locationError } from "./errors.ts";
import { followedBranch } from "./followed-branch.ts";
import { openGit, type Git, type RemoteHeads } from "./git-port.ts";
import { withoutCredentials } from "./location.ts";
import { SYNC_LIMIT, type RepositoriesSynced } from "./models.ts";
import {
  allBranches,
  allRepositories,
  branchObjects,
  readFetch,
  REPOSITORY_KIND,
  writeFetch,
  type RepositoryRecord,
} from "./records.ts";

/** Remotes that are asked at a time. */
const PARALLEL = 8;
/** How long a remote may take to answer. */
const ANSWER_MS = 10_000;
/** How long the run that fetches a head is given before the same head is fetched once more. */
const FETCH_MS = 15 * 60 * 1000;

interface Tracked extends RepositoryRecord {
  readonly id: string;
  /** Branch of the data → the head that is recorded in it. */
  readonly recorded: Map<string, string>;
}

/** A branch whose remote has another head than the recorded one. */
interface Move {
  readonly repository: Tracked;
  readonly branchName: string;
  readonly head: string;
}

/**
 * Asks the remotes of all recorded repositories for their heads, and starts a run for each recorded branch that moved. A
 * head that such a run works on, or could not fetch a moment ago, is left alone. What is wrong with one repository stops
 * no other.
 */
export async function askRemotes(scope: TaskScope): Promise<RepositoriesSynced> {
  const { items, log, signal } = scope;
  const repositories = await trackedRepositories(items);
  const git = await openGit();
  const moves: Move[] = [];
  const moved: RepositoriesSynced["moved"] = [];
  const failed: RepositoriesSynced["failed"] = [];
  const isolated = async ({ id, name }: Tracked, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      const { message } = error as Error;
      log.warn(`${name} was not synchronised: ${message}`, { repositoryId: id });
      failed.push({ repositoryId: id, message });
    }
  };

  await eachOf(repositories, (repository) =>
    isolated(repository, async () => {
      moves.push(...movesOf(repository, await inspect(git, repository.location, signal)));
    }),
  );
  for (const move of moves) {
    if (moved.length === SYNC_LIMIT) break;
    await isolated(move.repository, async () => {
      const run = await startFetch(move, scope);
      const { repository, branchName, head } = move;
      if (run !== undefined) moved.push({ repositoryId: repository.id, branchName, head, run });
    });
  }
  return { checked: repositories.length, moved, failed: failed.slice(0, SYNC_LIMIT) };
}

/** Repositories with the branches in which they are recorded. */
async function trackedRepositories(items: Items): Promise<Tracked[]> {
  const repositories = new Map<string, Tracked>();
  for await (const { id, record } of allRepositories(items)) {
    repositories.set(id, { ...record, id, recorded: new Map() });
  }
  for await (const branch of allBranches(items)) {
    for await (const { id, head } of branchObjects(items, branch, REPOSITORY_KIND)) {
      repositories.get(id)?.recorded.set(branch, head);
    }
  }
  return [...repositories.values()];
}

function movesOf(repository: Tracked, remote: RemoteHeads): Move[] {
  return Array.from(repository.recorded, ([branchName, recorded]) => {
    const { head } = followedBranch(remote, branchName);
    return head === recorded ? [] : [{ repository, branchName, head }];
  }).flat();
}

async function inspect(git: Git, location: string, signal: AbortSignal): Promise<RemoteHeads> {
  const patience = AbortSignal.timeout(ANSWER_MS);
  try {
    return await git.inspect(location, AbortSignal.any([signal, patience]));
  } catch (error) {
    if (!patience.aborted || signal.aborted) throw error;
    const reason = `no answer within ${ANSWER_MS / 1000} s`;
    throw locationError("RepositoryUnreachable", withoutCredentials(location), reason);
  }
}

/** The id of the run that fetches the head, or nothing where one was started for it a moment ago. */
async function startFetch({ repository, branchName, head }: Move, scope: TaskScope): Promise<string | undefined> {
  const { items, log, now } = scope;
  const { id, name, location } = repository;
  const before = await readFetch(items, branchName, id);
  if (before?.head === head && now() - before.startedAt < FETCH_MS) return undefined;
  const parameters = { location, repositoryName: name, repositoryId: id, branchName };
  const { id: run } = await submitWorkflow(GIT_REPOSITORY_ADD, { parameters });
  await writeFetch(items, branchName, id, { head, startedAt: now() });
  log.info(`${name} moved to ${head.slice(0, 10)} in branch ${branchName}`, { run });
  return run;
}

/** Some at a time, each as soon as one before it is done. */
async function eachOf<T>(values: readonly T[], work: (value: T) => Promise<void>): Promise<void> {
  const rest = values.values();
  const worker = async (): Promise<void> => {
    for (const value of rest) await work(value);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
