import { RepositoryError } from "./errors.ts";
import { esGit, loadEsGit } from "./es-git.ts";
import type { Head } from "./models.ts";
import { hasSystemGit, systemGit } from "./system-git.ts";

/** What the domain needs of git. Two engines stand behind it: the machine's git, and a library where there is none. */
export interface Git {
  /** The remote's branches and their heads, without fetching anything. @throws RepositoryError */
  inspect(location: string, signal: AbortSignal): Promise<RemoteHeads>;
  /** Makes a bare repository that holds one branch of the remote with its whole history. @throws RepositoryError */
  clone(request: CloneRequest): Promise<void>;
  /** The head of a branch of a bare repository that `clone` made. */
  describe(directory: string, branch: string, signal: AbortSignal): Promise<Head>;
}

export interface RemoteHeads {
  readonly defaultBranch: string;
  /** Branch → id of its newest commit; of the default branch at least. */
  readonly heads: ReadonlyMap<string, string>;
}

export interface CloneRequest {
  readonly location: string;
  readonly branch: string;
  /** Empty or absent. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** The machine's git, or the library in a Lambda function, which has no git. @throws RepositoryError `GitMissing` */
export async function openGit(): Promise<Git> {
  if (await hasSystemGit()) return systemGit;
  const library = loadEsGit();
  if (library !== undefined) return esGit(library);
  throw new RepositoryError(
    "GitMissing",
    `No git was found: neither the command "git" on PATH nor the package es-git-linux-x64-gnu. Install git.`,
  );
}
