import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runGit } from "../../../../functions/git/run-git.ts";
import { createSampleRepository } from "../../../../functions/git/sample-repository.ts";
import { systemGit } from "../../../../functions/git/system-git.ts";
import { commit, temporaryDirectory } from "./repositories.ts";

it("writes the same repository every time and leaves one alone that is there", async () => {
  const directory = join(temporaryDirectory(), "deep", "sample");
  const { signal } = new AbortController();
  const { location, repositoryName } = await createSampleRepository(directory);
  expect(repositoryName).toBe("sample-network");
  expect(fileURLToPath(location)).toBe(directory);
  expect(await readdir(join(directory, ".."))).toEqual(["sample"]);
  const first = await systemGit.inspect(location, signal);
  expect((await runGit(["-C", directory, "rev-list", "--count", "HEAD"])).trim()).toBe("3");
  expect(await runGit(["-C", directory, "status", "--short"])).toBe("");

  await rm(directory, { recursive: true });
  await createSampleRepository(directory);
  expect(await systemGit.inspect(location, signal)).toEqual(first);

  const own = await commit(directory, "My change", { mine: "1" });
  await createSampleRepository(directory);
  expect(await systemGit.inspect(location, signal)).toEqual({ defaultBranch: "main", heads: new Map([["main", own]]) });
});
