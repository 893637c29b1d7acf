import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { runGit } from "../../../../functions/git/run-git.ts";

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "millrace-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** An empty repository whose default branch is `trunk`. */
export async function emptyRepository(directory: string): Promise<string> {
  await runGit(["init", "--quiet", "--initial-branch=trunk", "--", directory]);
  return directory;
}

/** Commits files, the same way every time, and answers with the commit's id. */
export async function commit(
  directory: string,
  subject: string,
  files: { readonly [path: string]: string },
): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  const git = (...args: string[]) => runGit(["-C", directory, ...args], { environment: AUTHOR });
  await git("add", "--all");
  await git("commit", "--quiet", "--allow-empty", "--message", subject);
  return (await git("rev-parse", "HEAD")).trim();
}

const AUTHOR = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@network.example",
  GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@network.example",
  GIT_COMMITTER_DATE: "2026-01-02T03:04:05Z",
};
