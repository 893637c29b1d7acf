import { locationError, type RepositoryError } from "./errors.ts";
import type { Git, RemoteHead } from "./git-port.ts";
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
    const head = await ask(location, ["ls-remote", "--symref", "--", location, "HEAD"], signal);
    const found = remoteHead(head);
    if (found !== undefined) return found;
    const branches = await ask(location, ["ls-remote", "--heads", "--", location], signal);
    const name = head + branches === "" ? "EmptyRepository" : "DefaultBranchMissing";
    throw locationError(name, withoutCredentials(location));
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

/** `ref: refs/heads/main\tHEAD` and `<commit>\tHEAD`; a detached HEAD has the second alone. */
function remoteHead(listing: string): RemoteHead | undefined {
  const branch = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(listing)?.[1];
  const commit = /^([0-9a-f]+)\tHEAD$/m.exec(listing)?.[1];
  return branch === undefined || commit === undefined ? undefined : { branch, commit };
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
