import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { GIT_REPOSITORY_ADD } from "../../catalogue/git.ts";
import { CUSTOM_VALIDATION } from "../../catalogue/validation.ts";
import { connect } from "../../engine/client/connect.ts";
import { test } from "../../engine/cli/commands/test.ts";
import { outputTo } from "../../engine/cli/output.ts";
import { local } from "../../engine/local/local.ts";
import { createSampleRepository } from "../../functions/git/sample-repository.ts";
import { ROOT } from "./command-line.ts";

// The file that is written imports the package by its name, so it lies in the checkout, and its test is one of these.
mkdirSync(join(ROOT, ".cache"), { recursive: true });
const directory = mkdtempSync(join(ROOT, ".cache", "made-test-"));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, "made.test.ts");
vi.stubEnv("MILLRACE_DIRECTORY", join(directory, "platform"));

const workflows = connect(local());
await workflows.executeWorkflow(GIT_REPOSITORY_ADD, {
  parameters: await createSampleRepository(join(directory, "sample-repository")),
});
const { id } = await workflows.submitWorkflow(CUSTOM_VALIDATION, {
  parameters: { objectKind: "Repository", branchName: "main" },
});
await workflows.waitForRun(id);
await workflows.close();

const answers: string[] = [];
const output = outputTo((text) => void answers.push(text), true);
await test(output, id, { out: file });
await import(/* @vite-ignore */ file);

describe("`millrace test`", () => {
  it("says where the test is that it has written", () => {
    expect(answers.join("")).toContain(file);
  });
});
