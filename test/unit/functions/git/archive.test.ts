import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tar } from "../../../../functions/git/archive.ts";
import { archiveRepository } from "../../../../functions/git/bare-repository.ts";
import { runGit } from "../../../../functions/git/run-git.ts";
import { systemGit } from "../../../../functions/git/system-git.ts";
import { commit, emptyRepository, temporaryDirectory } from "./repositories.ts";

/** What the machine's own tar makes of it. */
function unpack(archive: Uint8Array, directory: string): void {
  mkdirSync(directory);
  writeFileSync(`${directory}.tar`, archive);
  execFileSync("tar", ["-xf", `${directory}.tar`, "-C", directory]);
}

describe("archive", () => {
  it("gives every file back through tar, whatever its bytes", () => {
    const directory = temporaryDirectory();
    let count = 0;
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 1500 }), { minLength: 1, maxLength: 4 }), (files) => {
        const target = join(directory, String((count += 1)));
        unpack(
          tar([{ name: "d/", bytes: new Uint8Array() }, ...files.map((bytes, i) => ({ name: `d/${i}`, bytes }))]),
          target,
        );
        files.forEach((bytes, i) => expect(readFileSync(join(target, "d", String(i)))).toEqual(Buffer.from(bytes)));
      }),
      { numRuns: 25 },
    );
  });

  it("refuses a name that does not fit", () => {
    expect(() => tar([{ name: "x".repeat(101), bytes: new Uint8Array() }])).toThrow(/too long for a tar: 100 bytes/);
  });

  it("holds a bare repository that git works on as soon as it is unpacked", async () => {
    const directory = temporaryDirectory();
    const repository = await emptyRepository(join(directory, "origin"));
    await commit(repository, "First", { "a/b": "1" });
    const head = await commit(repository, "Second", { c: "2" });
    const clone = join(directory, "clone");
    const { signal } = new AbortController();
    await systemGit.clone({ location: repository, branch: "trunk", directory: clone, signal });
    const archive = await archiveRepository(clone, "trunk", head);
    expect(Buffer.from(archive).includes(directory)).toBe(false);

    const restored = join(directory, "restored");
    unpack(archive, restored);
    expect(await systemGit.inspect(restored, signal)).toEqual({
      defaultBranch: "trunk",
      heads: new Map([["trunk", head]]),
    });
    await runGit(["-C", restored, "fsck", "--strict", "--full"]);
    await runGit(["clone", "--quiet", restored, join(directory, "work")]);
    expect(readFileSync(join(directory, "work", "a", "b"), "utf8")).toBe("1");
    expect((await runGit(["-C", restored, "rev-list", "--count", "HEAD"])).trim()).toBe("2");
  });
});
