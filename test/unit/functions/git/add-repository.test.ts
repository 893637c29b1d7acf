import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { direct, memoryBlobs, memoryItems, newTrace, type Trace } from "millrace/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Item } from "millrace";
import { GIT_REPOSITORY_ADD } from "../../../../catalogue/git.ts";
import { checkParameters } from "../../../../engine/model/workflow.ts";
import { addRepository } from "../../../../functions/git/flows.ts";
import { listObjects } from "../../../../functions/git/tasks.ts";
import { gitServer } from "./git-server.ts";
import { commit, emptyRepository, temporaryDirectory } from "./repositories.ts";

const HOUR = 60 * 60 * 1000;

/** A deployment in memory, with a clock that the test turns. */
function deployment() {
  const items = memoryItems();
  const blobs = memoryBlobs();
  const clock = { now: Date.parse("2026-03-01T00:00:00Z") };
  const options = (trace?: Trace) => ({ items, blobs, now: clock.now, ...(trace && { trace }) });
  return {
    items,
    blobs,
    clock,
    add: (location: string, more: { repositoryId?: string; branchName?: string } = {}, trace?: Trace) =>
      direct(
        addRepository,
        { location, repositoryName: "net", repositoryId: null, branchName: "main", ...more },
        options(trace),
      ),
    list: (branch: string) => direct(() => listObjects({ kind: "Repository", branch }), {}, options()),
    stored: async () => (await Array.fromAsync(blobs.list(""))).map(({ key }) => key),
    written: async (pk: string): Promise<readonly Item[]> =>
      (await items.query({ pk: `DOMAIN#direct#${pk}`, consistent: true })).items,
  };
}

async function origin(): Promise<{ location: string; head: string }> {
  const location = await emptyRepository(join(temporaryDirectory(), "origin"));
  return { location, head: await commit(location, "First", { "a/b": "1", c: "2" }) };
}

function tasksOf(trace: Trace): string[] {
  return trace.calls.map(({ task }) => task);
}

describe("adding a repository", () => {
  it("clones it, stores the bare repository, records it and its branch state, and tags the run", async () => {
    const { location, head } = await origin();
    const { add, list, stored, written, blobs, clock } = deployment();
    const trace = newTrace();
    const temporary = ownTemporaryDirectory();
    const added = await add(location, { repositoryId: "node-1" }, trace);
    expect(await readdir(temporary)).toEqual([]);

    expect(added).toEqual({ status: "added", repositoryId: "node-1", defaultBranch: "trunk", head });
    expect([...trace.tags].sort()).toEqual(["infrahub.app/branch/main", "infrahub.app/node/node-1"]);
    expect(tasksOf(trace)).toEqual([
      "find-repository",
      "inspect-remote",
      "clone-repository",
      "record-repository",
      "remove-old-heads",
    ]);
    expect(await written("repositories")).toMatchObject([
      { sk: "node-1", name: "net", location, defaultBranch: "trunk" },
    ]);
    const [key = ""] = await stored();
    expect(await stored()).toEqual([
      expect.stringMatching(new RegExp(`^direct/repositories/node-1/${head}/.+\\.tar$`)),
    ]);
    expect(await written("branch/main")).toMatchObject([
      { sk: "Repository/node-1", commit: head, files: 2, entries: ["a/", "c"], subject: "First", author: "Ada" },
    ]);
    expect(await written("branch/main")).toMatchObject([{ recordedAt: clock.now, retired: [] }]);
    expect(await list("main")).toMatchObject([{ id: "node-1", displayLabel: "net", name: "net", location, head }]);
    expect(await list("other")).toEqual([]);

    const restored = join(temporaryDirectory(), "restored");
    mkdirSync(restored);
    writeFileSync(`${restored}.tar`, (await blobs.get(key)) ?? "");
    execFileSync("tar", ["-xf", `${restored}.tar`, "-C", restored]);
    expect(execFileSync("git", ["-C", restored, "show", "HEAD:a/b"], { encoding: "utf8" })).toBe("1");
  });

  it("derives the same id from the same name", async () => {
    const { location } = await origin();
    const first = await deployment().add(location);
    expect(first.repositoryId).toMatch(/^[0-9a-f]{32}$/);
    expect(await deployment().add(location)).toEqual(first);
  });

  it("answers unchanged where nothing moved, with no clone, no new blob and no write", async () => {
    const { location } = await origin();
    const { add, stored, written } = deployment();
    await add(location);
    const before = [await stored(), await written("branch/main"), await written("repositories")];
    const trace = newTrace();
    expect((await add(location, {}, trace)).status).toBe("unchanged");
    expect(tasksOf(trace)).toEqual(["find-repository", "inspect-remote", "remove-old-heads"]);
    expect([await stored(), await written("branch/main"), await written("repositories")]).toEqual(before);
  });

  it("keeps the previous head's blob for a day, and a later run deletes it", async () => {
    const { location } = await origin();
    const { add, stored, clock, written } = deployment();
    await add(location);
    const [old = ""] = await stored();
    const head = await commit(location, "Second", { c: "3" });
    expect(await add(location)).toMatchObject({ status: "updated", head });
    expect(await stored()).toHaveLength(2);

    clock.now += 24 * HOUR - 1;
    await add(location);
    expect(await stored()).toContain(old);
    clock.now += 1;
    expect((await add(location)).status).toBe("unchanged");
    expect(await stored()).toEqual([expect.stringContaining(head)]);
    expect(await written("branch/main")).toMatchObject([{ commit: head, retired: [] }]);
  });

  it("keeps each branch's own head and blob", async () => {
    const { location } = await origin();
    const { add, stored, list } = deployment();
    const first = await add(location);
    const head = await commit(location, "Second", { c: "3" });
    expect((await add(location, { branchName: "dev/two" })).status).toBe("added");
    expect(await list("main")).toMatchObject([{ head: first.head }]);
    expect(await list("dev/two")).toMatchObject([{ head }]);
    expect(await stored()).toHaveLength(2);
  });

  it("records a new location of the same head", async () => {
    const { location } = await origin();
    const { add, written } = deployment();
    await add(location);
    const server = await gitServer(join(location, ".."));
    const moved = `${server.url}/origin`;
    expect((await add(moved)).status).toBe("updated");
    expect(await written("repositories")).toMatchObject([{ location: moved }]);
    expect((await add(moved)).status).toBe("unchanged");
  });

  it("is refused with a password in its URL, at submit and in a raw start's first task that sees it", async () => {
    const { add, written } = deployment();
    const location = "https://ada:s3cret@example.org/origin.git";
    const refused = (): unknown => checkParameters(GIT_REPOSITORY_ADD, { location, repositoryName: "origin" });
    expect(refused).toThrow(/must hold no password/);
    expect(refused).not.toThrow(/s3cret|ada/);
    await expect(add(location)).rejects.toMatchObject({ name: "InvalidInput" });
    expect(await written("repositories")).toEqual([]);
  });

  describe("that is no good leaves nothing behind", () => {
    const cases: readonly [name: string, make: (directory: string) => Promise<string>][] = [
      ["RepositoryNotFound", async (directory) => join(directory, "absent")],
      ["NotARepository", async (directory) => (await mkdir(join(directory, "folder")), join(directory, "folder"))],
      ["EmptyRepository", (directory) => emptyRepository(join(directory, "empty"))],
      ["CredentialsRefused", async (directory) => `${(await gitServer(directory)).url}/private/x`],
    ];
    it.each(cases)("%s", async (name, make) => {
      const { add, stored, written } = deployment();
      const location = await make(temporaryDirectory());
      const temporary = ownTemporaryDirectory();
      await expect(add(location)).rejects.toMatchObject({ name });
      expect([await stored(), await written("branch/main"), await written("repositories")]).toEqual([[], [], []]);
      expect(await readdir(temporary)).toEqual([]);
    });
  });
});

/** Where tasks make their temporary directories, for the rest of the test. */
function ownTemporaryDirectory(): string {
  const directory = temporaryDirectory();
  vi.stubEnv("TMPDIR", directory);
  onTestFinished(() => void vi.unstubAllEnvs());
  return directory;
}
