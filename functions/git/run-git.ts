import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { RepositoryError, RepositoryErrorName } from "./errors.ts";

export interface GitOptions {
  readonly signal?: AbortSignal;
  /** Written to git's standard input. */
  readonly input?: string;
  readonly environment?: { readonly [name: string]: string };
}

/** git ended with a code other than 0; the message is what it wrote to standard error. */
export class GitFailed extends Error {
  override readonly name = "GitFailed";
}

/**
 * Runs the machine's git and answers with what it printed. The user's configuration is read (proxies, certificates,
 * credential helpers), but nothing may ask a question or run a hook.
 * @throws GitFailed, RepositoryError `GitMissing`, or the signal's reason
 */
export async function runGit(args: readonly string[], options: GitOptions = {}): Promise<string> {
  options.signal?.throwIfAborted();
  const child = spawn("git", [...QUIET, ...args], {
    env: { ...inherited(), ...SILENT, ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  // A git that ends before it has read everything breaks the pipe; its exit code tells why.
  child.stdin.on("error", () => undefined).end(options.input ?? "");
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  try {
    const [printed, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (code === 0) return printed;
    throw new GitFailed(complaint.trim());
  } catch (error) {
    options.signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new RepositoryError(
      RepositoryErrorName.GIT_MISSING,
      "There is no git on PATH: install git 2.28 or newer, or put the folder of its program on PATH.",
      { cause: error },
    );
  }
}

const QUIET = [
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "core.askPass=",
  "-c",
  "gc.auto=0",
  "-c",
  "advice.detachedHead=false",
];

const SILENT = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  SSH_ASKPASS: "",
  GCM_INTERACTIVE: "never",
  GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh",
};

/** The environment without the variables that would point git at another repository, as inside of a git hook. */
function inherited(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !REPOSITORY_VARIABLES.has(name));
  return { GIT_SSH_COMMAND: "ssh -o BatchMode=yes", ...Object.fromEntries(kept) };
}

const REPOSITORY_VARIABLES = new Set([
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_COMMON_DIR",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
  "GIT_SHALLOW_FILE",
]);
