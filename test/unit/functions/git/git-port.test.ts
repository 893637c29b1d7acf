import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { RepositoryErrorName } from "../../../../functions/git/errors.ts";
import { esGit, loadEsGit } from "../../../../functions/git/es-git.ts";
import { openGit, type Git } from "../../../../functions/git/git-port.ts";
import { runGit } from "../../../../functions/git/run-git.ts";
import { systemGit } from "../../../../functions/git/system-git.ts";
import { gitServer, silentServer } from "./git-server.ts";
import { commit, emptyRepository, temporaryDirectory } from "./repositories.ts";

const library = loadEsGit();
const engines: readonly (readonly [string, Git | undefined])[] = [
  ["system git", systemGit],
  ["es-git", library && esGit(library)],
];
const signal = new AbortController().signal;

describe.each(engines)("git port: %s", (_, engine) => {
  const git = engine as Git;
  const run = it.skipIf(engine === undefined);

  /** How a location is refused. */
  async function refusal(location: string): Promise<{ name: string; message: string }> {
    const error = await git.inspect(location, signal).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error, "inspect should fail").toBeInstanceOf(Error);
    return error as Error;
  }

  run("finds the default branch and its head by path, file URL and HTTP", async () => {
    const directory = temporaryDirectory();
    const repository = await emptyRepository(join(directory, "with space"));
    const head = await commit(repository, "First", { a: "1" });
    await runGit(["-C", repository, "branch", "aaa"]);
    const server = await gitServer(directory);
    const heads = new Map([
      ["aaa", head],
      ["trunk", head],
    ]);
    const expected = { defaultBranch: "trunk", heads };
    expect(await git.inspect(repository, signal)).toEqual(expected);
    expect(await git.inspect(pathToFileURL(repository).href, signal)).toEqual(expected);
    expect(await git.inspect(`${server.url}/with%20space`, signal)).toEqual(expected);
    expect(
      await git.inspect(`http://ada:p%40ss%20word@127.0.0.1:${server.port}/private/with%20space/`, signal),
    ).toEqual(expected);
  });

  run("clones one branch with its history into one pack", async () => {
    const directory = temporaryDirectory();
    const repository = await emptyRepository(join(directory, "origin"));
    await commit(repository, "First", { a: "1" });
    const head = await commit(repository, "Second", { b: "2" });
    await runGit(["-C", repository, "checkout", "--quiet", "-b", "other"]);
    await commit(repository, "Third", { c: "3" });
    const server = await gitServer(directory);
    const withPassword = `http://ada:p%40ss%20word@127.0.0.1:${server.port}/private/origin`;
    for (const [index, location] of [repository, `${server.url}/origin`, withPassword].entries()) {
      const clone = join(directory, `clone-${index}`);
      await git.clone({ location, branch: "trunk", directory: clone, signal });
      expect(await runGit(["-C", clone, "for-each-ref", "--format=%(refname) %(objectname)"])).toBe(
        `refs/heads/trunk ${head}\n`,
      );
      expect((await runGit(["-C", clone, "rev-list", "--count", "trunk"])).trim()).toBe("2");
      expect((await readdir(join(clone, "objects", "pack"))).filter((name) => name.endsWith(".pack"))).toHaveLength(1);
    }
  });

  run("describes a head: commit, author, files at any depth, names of the top level", async () => {
    const directory = temporaryDirectory();
    const repository = await emptyRepository(join(directory, "origin"));
    await commit(repository, "First", { "a/b/c": "1", "a/d": "2", "ü.txt": "3" });
    const head = await commit(repository, "Subject line\n\nBody", { "z.txt": "4" });
    await git.clone({ location: repository, branch: "trunk", directory: join(directory, "clone"), signal });
    expect(await git.describe(join(directory, "clone"), "trunk", signal)).toEqual({
      commit: head,
      author: "Ada",
      subject: "Subject line",
      committedAt: Date.parse("2026-01-02T03:04:05Z"),
      files: 4,
      entries: ["a/", "z.txt", "ü.txt"],
    });
  });

  run("names at most a hundred entries of the top level", async () => {
    const directory = temporaryDirectory();
    const repository = await emptyRepository(join(directory, "origin"));
    const names = Array.from({ length: 150 }, (_, index) => `file-${String(index).padStart(3, "0")}`);
    await commit(repository, "Many", Object.fromEntries(names.map((name) => [name, ""])));
    await git.clone({ location: repository, branch: "trunk", directory: join(directory, "clone"), signal });
    const described = await git.describe(join(directory, "clone"), "trunk", signal);
    expect(described.files).toBe(150);
    expect(described.entries).toEqual(names.slice(0, 100));
  });

  run("tells apart what is wrong with a location", async () => {
    const directory = temporaryDirectory();
    const server = await gitServer(directory);
    const repository = await emptyRepository(join(directory, "full"));
    await commit(repository, "First", { a: "1" });
    await runGit(["clone", "--quiet", "--bare", repository, join(directory, "unborn.git")]);
    await runGit(["-C", join(directory, "unborn.git"), "symbolic-ref", "HEAD", "refs/heads/gone"]);
    await runGit(["clone", "--quiet", "--bare", repository, join(directory, "detached.git")]);
    const head = await runGit(["-C", repository, "rev-parse", "HEAD"]);
    await writeFile(join(directory, "detached.git", "HEAD"), head);
    await emptyRepository(join(directory, "empty"));
    await mkdir(join(directory, "folder"));
    await writeFile(join(directory, "file"), "text");

    const expected: { readonly [location: string]: string } = {
      [join(directory, "absent")]: "RepositoryNotFound",
      [`${server.url}/absent`]: "RepositoryNotFound",
      [join(directory, "folder")]: "NotARepository",
      [join(directory, "file")]: "NotARepository",
      [`${server.url}/page`]: "NotARepository",
      [join(directory, "empty")]: "EmptyRepository",
      [`${server.url}/empty`]: "EmptyRepository",
      [join(directory, "unborn.git")]: "DefaultBranchMissing",
      [`${server.url}/unborn.git`]: "DefaultBranchMissing",
      [join(directory, "detached.git")]: "DefaultBranchMissing",
      [`${server.url}/detached.git`]: "DefaultBranchMissing",
      [`${server.url}/private/full`]: "CredentialsRefused",
      [`http://ada:wrong@127.0.0.1:${server.port}/private/full`]: "CredentialsRefused",
      [`${server.url}/broken/full`]: "RepositoryUnreachable",
      "http://127.0.0.1:1/x.git": "RepositoryUnreachable",
      "http://name.invalid/x.git": "RepositoryUnreachable",
    };
    const found: { [location: string]: string } = {};
    for (const location of Object.keys(expected)) found[location] = (await refusal(location)).name;
    expect(found).toEqual(expected);
    expect(new Set(Object.values(expected)).isSubsetOf(new Set(Object.values(RepositoryErrorName)))).toBe(true);
  });

  run("never shows credentials", async () => {
    const directory = temporaryDirectory();
    const server = await gitServer(directory);
    for (const place of [`127.0.0.1:${server.port}/private/x`, "127.0.0.1:1/x", `127.0.0.1:${server.port}/broken/x`]) {
      const { message, stack } = (await refusal(`http://ada:s3cret@${place}`)) as Error;
      expect(message).toContain(`http://${place}`);
      expect(message + String(stack)).not.toMatch(/s3cret|ada:|ada@/);
    }
  });

  run("gives up when the signal says so", async () => {
    const directory = temporaryDirectory();
    const repository = await emptyRepository(join(directory, "origin"));
    await commit(repository, "First", { a: "1" });
    const stopped = AbortSignal.abort(new Error("time is over"));
    await expect(git.inspect(repository, stopped)).rejects.toThrow("time is over");
    const request = { location: repository, branch: "trunk", directory: join(directory, "clone"), signal: stopped };
    await expect(git.clone(request)).rejects.toThrow("time is over");
  });

  run("gives up while a server keeps silent", async () => {
    const controller = new AbortController();
    const server = await silentServer(() => controller.abort(new Error("time is over")));
    await expect(git.inspect(`${server}/x.git`, controller.signal)).rejects.toThrow("time is over");
  });

  run("names the trouble where the branch is gone by the time of the clone", async () => {
    const directory = temporaryDirectory();
    const repository = await emptyRepository(join(directory, "origin"));
    await commit(repository, "First", { a: "1" });
    const request = { location: repository, branch: "absent", directory: join(directory, "clone"), signal };
    await expect(git.clone(request)).rejects.toMatchObject({ name: "RepositoryUnreachable" });
  });
});

describe("git engines", () => {
  it("takes the machine's git where there is one, else the library", async () => {
    const path = process.env["PATH"];
    expect(await openGit()).toBe(systemGit);
    process.env["PATH"] = "/nowhere";
    try {
      const found = openGit();
      if (library === undefined) await expect(found).rejects.toMatchObject({ name: "GitMissing" });
      else expect(await found).not.toBe(systemGit);
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("is not led astray by the variables of a git hook, runs no hook and writes no URL into the clone", async () => {
    const directory = temporaryDirectory();
    const repository = await emptyRepository(join(directory, "origin"));
    await commit(repository, "First", { a: "1" });
    process.env["GIT_DIR"] = join(directory, "elsewhere");
    try {
      const clone = join(directory, "clone");
      await systemGit.clone({ location: repository, branch: "trunk", directory: clone, signal });
      expect(await readFile(join(clone, "config"), "utf8")).not.toContain(repository);
      expect(await readdir(clone)).not.toContain("hooks");
    } finally {
      delete process.env["GIT_DIR"];
    }
  });
});
