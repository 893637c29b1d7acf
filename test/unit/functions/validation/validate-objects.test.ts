import { rm } from "node:fs/promises";
import { join } from "node:path";
import { direct, memoryItems, newTrace } from "millrace/testing";
import type { Items } from "millrace";
import { expect, it } from "vitest";
import { addRepository } from "../../../../functions/git/flows.ts";
import { validateObjects } from "../../../../functions/validation/flows.ts";
import { commit, emptyRepository, temporaryDirectory } from "../git/repositories.ts";

async function record(items: Items, repositoryName: string, location: string): Promise<void> {
  await direct(
    addRepository,
    { location, repositoryName, repositoryId: repositoryName, branchName: "main" },
    { items },
  );
}

async function repository(directory: string, name: string): Promise<string> {
  const location = await emptyRepository(join(directory, name));
  await commit(location, "First", { name });
  return location;
}

function validate(items: Items, objectKind: string, trace = newTrace()): Promise<number> {
  return direct(validateObjects, { objectKind, branchName: "main" }, { items, trace });
}

it("looks at every recorded object of the kind and reports the bad ones without failing", async () => {
  const items = memoryItems();
  const directory = temporaryDirectory();
  for (const name of ["good", "lost", "nameless"]) await record(items, name, await repository(directory, name));
  await rm(join(directory, "lost"), { recursive: true });
  const key = { pk: "DOMAIN#direct#repositories", sk: "nameless" };
  await items.update(key, { set: { name: " " } });
  const branchKey = { pk: "DOMAIN#direct#branch/main", sk: "Repository/nameless" };
  await items.update(branchKey, { remove: ["commit"] });

  const trace = newTrace();
  expect(await validate(items, "Repository", trace)).toBe(3);
  expect([...trace.tags]).toContain("infrahub.app/branch/main");
  expect(trace.calls.map(({ task, result }) => [task, typeof result === "boolean" ? result : "list"])).toEqual([
    ["list-objects", "list"],
    ["validate-single-object", true],
    ["validate-single-object", false],
    ["validate-single-object", false],
  ]);
  const warnings = trace.logs.filter(({ level }) => level === "warn");
  expect(warnings).toHaveLength(2);
  expect(warnings[0]?.message).toMatch(/^lost is not valid: There is no repository at /);
  expect(warnings[1]?.message).toMatch(/is not valid: It has no name: give it one\. It has no head commit: add/);
});

it("records the outcome of each object beside the run", async () => {
  const items = memoryItems();
  const directory = temporaryDirectory();
  await record(items, "good", await repository(directory, "good"));
  await validate(items, "Repository");
  const key = { pk: "DOMAIN#direct#validated/main", sk: "Repository/good" };
  expect(await items.get(key)).toMatchObject({ valid: true, problems: [], checkedAt: 0 });
});

it("tries again where a location may answer later, then reports it", async () => {
  const items = memoryItems();
  await record(items, "away", await repository(temporaryDirectory(), "away"));
  const key = { pk: "DOMAIN#direct#repositories", sk: "away" };
  await items.update(key, { set: { location: "http://127.0.0.1:1/x.git" } });
  const trace = newTrace();
  expect(await validate(items, "Repository", trace)).toBe(1);
  const attempts = trace.calls.filter(({ task }) => task === "validate-single-object");
  expect(attempts.map(({ error, result }) => error ?? result)).toEqual([
    "RepositoryUnreachable",
    "RepositoryUnreachable",
    "RepositoryUnreachable",
    false,
  ]);
});

it("finds nothing of a kind that nobody recorded", async () => {
  expect(await validate(memoryItems(), "Device")).toBe(0);
});
