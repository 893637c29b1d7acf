import { locationError, type RepositoryError } from "./errors.ts";
import type { Git, RemoteHeads } from "./git-port.ts";
import { checkLocalPath, redact, withoutCredentials } from "./location.ts";
import { ENTRIES_LIMIT } from "./models.ts";
import { GitFailed, runGit } from "./run-git.ts";

export async function hasSystemGit(): Promise<boolean> {
  return runGit(["--version"]).then(
    () => true,
    () => false,
  );
}

/** The machine's git, as child processes without a shell. */
export const systemGit: Git = {
  inspect: async (location, signal) => {
    await checkLocalPath(location);
    const listing = await ask(location, ["ls-remote", "--symref", "--", location, "HEAD", "refs/heads/*"], signal);
    const found = remoteHeads(listing);
    if (found !== undefined) return found;
    throw locationError(listing === "" ? "EmptyRepository" : "DefaultBranchMissing", withoutCredentials(location));
  },

  clone: async ({ location, branch, directory, signal }) => {
    await runGit(["init", "--quiet", "--bare", "--template=", "--", directory], { signal });
    // One pack whatever the number of objects, as the archive holds packs alone.
    const fetch = [
      "-C",
      directory,
      "-c",
      "fetch.unpackLimit=1",
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
    ];
    await ask(location, [...fetch, "--", location, `+refs/heads/${branch}:refs/heads/${branch}`], signal);
  },

  describe: async (directory, branch, signal) => {
    const git = (...args: string[]) => runGit(["-C", directory, ...args], { signal });
    const ref = `refs/heads/${branch}`;
    const [commit = "", author = "", seconds = "", subject = ""] = (
      await git("log", "-1", "--no-show-signature", "--format=%H%x00%an%x00%ct%x00%s", ref, "--")
    )
      .trimEnd()
      .split("\0");
    const files = lines(await git("ls-tree", "-r", "-z", ref)).filter(isFile).length;
    const entries = lines(await git("ls-tree", "-z", ref))
      .slice(0, ENTRIES_LIMIT)
      .map(entryName);
    return { commit, author, subject, committedAt: Number(seconds) * 1000, files, entries };
  },
};

/** `ref: refs/heads/main\tHEAD`, which a detached HEAD lacks, and `<commit>\trefs/heads/main` for each branch. */
function remoteHeads(listing: string): RemoteHeads | undefined {
  const defaultBranch = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(listing)?.[1];
  const heads = new Map(
    listing.matchAll(/^([0-9a-f]+)\trefs\/heads\/(.+)$/gm).map(([, commit = "", branch = ""]) => [branch, commit]),
  );
  return defaultBranch === undefined || !heads.has(defaultBranch) ? undefined : { defaultBranch, heads };
}

/** `<mode> <type> <id>\t<name>`, each ended by a zero byte. */
function lines(listing: string): string[] {
  return listing.split("\0").slice(0, -1);
}

function isFile(line: string): boolean {
  return line.split(" ", 2)[1] === "blob";
}

function entryName(line: string): string {
  const name = line.slice(line.indexOf("\t") + 1);
  return line.split(" ", 2)[1] === "tree" ? `${name}/` : name;
}

async function ask(location: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    return await runGit(args, { signal });
  } catch (error) {
    throw error instanceof GitFailed ? remoteError(error.message, location) : error;
  }
}

/** What git wrote to standard error, told apart. */
function remoteError(complaint: string, location: string): RepositoryError {
  const shown = withoutCredentials(location);
  if (CREDENTIALS.test(complaint)) return locationError("CredentialsRefused", shown);
  if (NOT_FOUND.test(complaint)) return locationError("RepositoryNotFound", shown);
  if (NOT_A_REPOSITORY.test(complaint)) return locationError("NotARepository", shown);
  const reason = complaint.split("\n").find((line) => line.startsWith("fatal: ")) ?? complaint;
  return locationError("RepositoryUnreachable", shown, redact(reason.replace("fatal: ", ""), location));
}

const CREDENTIALS =
  /could not read (?:Username|Password)|Authentication failed|returned error: 40[13]|Permission denied \(|Host key verification failed/;
const NOT_FOUND = /repository '.*' not found/;
const NOT_A_REPOSITORY = /does not appear to be a git repository|is this a git repository|not a git repository/;
