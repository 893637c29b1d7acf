import { createRequire } from "node:module";
import { inspectHttp } from "./advertisement.ts";
import { locationError, type RepositoryError } from "./errors.ts";
import type { Git, RemoteHeads } from "./git-port.ts";
import { checkLocalPath, localPath, redact, withoutCredentials } from "./location.ts";
import { ENTRIES_LIMIT } from "./models.ts";

/** The part of es-git (libgit2 as one native file, with no program and no configuration beside it) that is used. */
export interface EsGit {
  initRepository(path: string, options: { bare: true }): Promise<Repository>;
  openRepository(path: string, options: { noSearch: true }): Promise<Repository>;
}

interface Repository {
  head(): { name(): string; target(): string | null };
  headDetached(): boolean;
  branches(filter: { type: "Local" }): Iterable<{ readonly name: string }>;
  createRemote(name: string, url: string, options: { fetchRefspec: string }): Remote;
  revparseSingle(spec: string): string;
  getCommit(id: string): Commit;
}
interface Remote {
  fetch(refspecs: string[], options: { fetch: { downloadTags: "None" } }): Promise<void>;
}
interface Commit {
  author(): { name: string };
  summary(): string | null;
  time(): Date;
  tree(): Tree;
}
interface Tree {
  iter(): Iterable<TreeEntry>;
  /** The callback's 0 goes on. */
  walk(mode: "PreOrder", callback: (entry: TreeEntry) => number): void;
}
interface TreeEntry {
  name(): string;
  type(): "Commit" | "Tree" | "Blob" | "Tag" | null;
}

/** The library, or nothing where it is not installed: it is a package for Linux on x64. */
export function loadEsGit(): EsGit | undefined {
  try {
    return createRequire(import.meta.url)("es-git-linux-x64-gnu") as EsGit;
  } catch {
    return undefined;
  }
}

/** Reads over HTTP and from the disk, without a git program. A fetch that has begun is not stopped by the signal. */
export function esGit(library: EsGit): Git {
  return {
    inspect: async (location, signal) => {
      signal.throwIfAborted();
      await checkLocalPath(location);
      const path = localPath(location);
      if (path !== undefined) return inspectPath(library, path, location);
      checkProtocol(location);
      return inspectHttp(location, signal);
    },

    clone: async ({ location, branch, directory, signal }) => {
      signal.throwIfAborted();
      checkProtocol(location);
      const repository = await library.initRepository(directory, { bare: true });
      const fetchRefspec = `+refs/heads/${branch}:refs/heads/${branch}`;
      const remote = repository.createRemote("origin", location, { fetchRefspec });
      try {
        await remote.fetch([], { fetch: { downloadTags: "None" } });
        // A branch that the remote lacks is no error to libgit2; reading it is.
        repository.revparseSingle(`refs/heads/${branch}`);
      } catch (error) {
        throw remoteError((error as Error).message, location);
      }
      signal.throwIfAborted();
    },

    describe: async (directory, branch) => {
      const repository = await library.openRepository(directory, { noSearch: true });
      const id = repository.revparseSingle(`refs/heads/${branch}`);
      const commit = repository.getCommit(id);
      const tree = commit.tree();
      let files = 0;
      tree.walk("PreOrder", (entry) => {
        if (entry.type() === "Blob") files += 1;
        return 0;
      });
      return {
        commit: id,
        author: commit.author().name,
        subject: commit.summary() ?? "",
        committedAt: commit.time().getTime(),
        files,
        entries: Iterator.from(tree.iter()).take(ENTRIES_LIMIT).map(entryName).toArray(),
      };
    },
  };
}

async function inspectPath(library: EsGit, path: string, location: string): Promise<RemoteHeads> {
  const repository = await library.openRepository(path, { noSearch: true }).catch((error: unknown) => {
    throw remoteError((error as Error).message, location);
  });
  const names = Array.from(repository.branches({ type: "Local" }), ({ name }) => name);
  const heads = new Map(names.map((name) => [name, repository.revparseSingle(`refs/heads/${name}`)]));
  const defaultBranch = branchOf(repository);
  if (defaultBranch !== undefined && heads.has(defaultBranch)) return { defaultBranch, heads };
  throw locationError(heads.size === 0 ? "EmptyRepository" : "DefaultBranchMissing", location);
}

/** Nothing where HEAD names no branch or one without a commit. */
function branchOf(repository: Repository): string | undefined {
  try {
    return repository.headDetached()
      ? undefined
      : repository
          .head()
          .name()
          .replace(/^refs\/heads\//, "");
  } catch {
    return undefined;
  }
}

function entryName(entry: TreeEntry): string {
  return entry.type() === "Tree" ? `${entry.name()}/` : entry.name();
}

/** There are no keys for ssh here. */
function checkProtocol(location: string): void {
  if (localPath(location) === undefined && !/^https?:/.test(location)) {
    throw locationError(
      "CredentialsRefused",
      withoutCredentials(location),
      "this machine has no git, so only https works",
    );
  }
}

/** What libgit2 wrote, told apart. */
function remoteError(message: string, location: string): RepositoryError {
  const shown = withoutCredentials(location);
  if (/code=Auth|authentication|status code: 40[13]/.test(message)) return locationError("CredentialsRefused", shown);
  if (/status code: 404/.test(message)) return locationError("RepositoryNotFound", shown);
  if (/could not find repository|unsupported URL protocol/.test(message)) return locationError("NotARepository", shown);
  return locationError("RepositoryUnreachable", shown, redact(message.replace("libgit2 error: ", ""), location));
}
