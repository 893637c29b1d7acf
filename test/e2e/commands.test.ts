import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { documents, millrace, temporaryDirectory, type Ended } from "./command-line.ts";
import { inProcess } from "./in-process.ts";

const VALIDATE = ["custom-validation-workflow", "--param", "objectKind=Repository", "--param", "branchName=main"];
const ABSENT_RUN = "01890000-0000-7000-8000-000000000000";

// Without `npm start`: each command is alone with the store.
const directory = mkdtempSync(join(tmpdir(), "millrace-e2e-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const cli = (...words: string[]) => inProcess(directory, ...words);

function only(ended: Ended): unknown {
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  const [document, ...more] = documents(ended.stdout);
  expect(more).toEqual([]);
  return document;
}

describe("every command with --json", () => {
  it("run, submit, runs, show and logs speak of the same run", async () => {
    const tagged = ["--tag", "team/core", "--idempotency-key", "first"];
    const { run } = only(await cli("run", ...VALIDATE, ...tagged, "--json")) as { run: { id: string } };
    expect(run).toMatchObject({ workflow: "custom-validation-workflow", state: "completed", result: 0 });
    expect(only(await cli("submit", ...VALIDATE, ...tagged, "--json"))).toEqual({ id: run.id });
    expect(only(await cli("show", run.id, "--json"))).toMatchObject({
      run: { id: run.id, tags: expect.arrayContaining(["infrahub.app/branch/main", "team/core"]) as string[] },
      steps: expect.arrayContaining([expect.objectContaining({ name: "list-objects", kind: "task" })]) as unknown[],
    });
    expect(only(await cli("logs", run.id, "--json"))).toEqual({ logs: expect.any(Array) as unknown[] });
    const filters = ["--tag", "team/core", "--workflow", "custom-validation-workflow", "--since", "1h"];
    expect(only(await cli("runs", ...filters, "--json"))).toMatchObject({ runs: [{ id: run.id }] });
    expect(only(await cli("runs", "--tag", "team/other", "--json"))).toEqual({ runs: [] });
  });

  it("runs goes on from its cursor", async () => {
    await cli("submit", ...VALIDATE);
    const page = ["runs", "--since", "1h", "--limit", "1", "--json"];
    const first = only(await cli(...page)) as { runs: { id: string }[]; cursor: string };
    const second = only(await cli(...page, "--cursor", first.cursor)) as typeof first;
    expect(first.runs).toHaveLength(1);
    expect(second.runs).toHaveLength(1);
    expect(second.runs).not.toEqual(first.runs);
  });

  it("catalogue, compile and check speak of the workflows", async () => {
    const { workflows } = only(await cli("catalogue", "--json")) as { workflows: { name: string }[] };
    const names = workflows.map(({ name }) => name);
    expect(names).toContain("git-repository-add-read-write");
    const checked = only(await cli("check", "--json")) as { workflows: { name: string }[] };
    expect(checked).toMatchObject({ diagnostics: [] });
    expect(checked.workflows.map(({ name }) => name)).toEqual(names);
    const flow = "functions/validation/flows.ts#validateObjects";
    const compiled = only(await cli("compile", flow, "--json")) as { machine: object };
    expect(compiled).toMatchObject({ machine: { QueryLanguage: "JSONata" }, tasks: expect.any(Array) as unknown[] });
    const printed = await cli("compile", flow);
    expect(JSON.parse(printed.stdout)).toEqual(compiled.machine);
  });
});

describe("what goes wrong is one sentence and an exit code", () => {
  it.each([
    [2, "InvalidRequest", ["frobnicate"]],
    [2, "InvalidRequest", ["runs", "--state", "lost"]],
    [2, "InvalidRequest", ["runs", "--since", "soon"]],
    [2, "InvalidRequest", ["runs", "--cursor", "x"]],
    [2, "InvalidRequest", ["runs", "--limit", "1000"]],
    [2, "InvalidRequest", ["start", "--stack", "millrace"]],
    [2, "InvalidRequest", ["compile", "functions/git/flows.ts"]],
    [2, "InvalidRequest", ["run", ...VALIDATE, "--param", "branchName"]],
    [2, "InvalidRequest", ["run", ...VALIDATE, "--param", "branchName=other"]],
    [3, "WorkflowNotFound", ["run", "frobnicate"]],
    [3, "RunNotFound", ["show", ABSENT_RUN]],
    [3, "RunNotFound", ["logs", ABSENT_RUN]],
    [5, "WaitTimedOut", ["run", ...VALIDATE, "--timeout", "0.001"]],
    [7, "InvalidParameters", ["run", ...VALIDATE.slice(0, 3), "--param", "branchName=not a branch"]],
    [7, "InvalidParameters", ["run", ...VALIDATE, "--param", "branch=main"]],
    [7, "InvalidParameters", ["submit", "custom-validation-workflow", "--parameters", "{"]],
    [7, "InvalidParameters", ["submit", ...VALIDATE, "--parameters", '{"branch":"main"}']],
    [9, "Conflict", ["submit", ...VALIDATE.slice(0, 3), "--param", "branchName=other", "--idempotency-key", "first"]],
  ])("%d %s: %j", async (code, name, words) => {
    const ended = await cli(...words, "--json");
    expect(ended).toMatchObject({ code, stdout: "" });
    const [failure, ...more] = documents(ended.stderr);
    expect(failure).toMatchObject({ error: { name }, exitCode: code });
    expect(more).toEqual([]);
    const { message } = (failure as { error: Error }).error;
    expect(message).not.toContain("\n");
    expect(message).toMatch(/\.$/);
  });

  it("a stack that cannot be reached is not answered by the local platform", async () => {
    const named = millrace(directory, ["runs", "--stack", "millrace", "--json"]);
    const inherited = millrace(directory, ["show", ABSENT_RUN, "--json"], { MILLRACE_STACK: "millrace" });
    for (const { code, stdout, stderr } of await Promise.all([named, inherited])) {
      expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
      expect(documents(stderr)).toMatchObject([
        { error: { message: expect.stringContaining('"millrace"') as string } },
      ]);
    }
  });

  it("a file where the blobs belong is told by the command that drives", async () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, "blobs"), "in the way");
    for (const words of [
      ["start", "--once"],
      ["run", ...VALIDATE],
    ]) {
      const ended = await inProcess(folder, ...words);
      expect(ended).toMatchObject({ code: 8, stdout: "" });
      expect(ended.stderr).toMatch(/^[^\n]+blobs is a file: move it away, or set MILLRACE_DIRECTORY[^\n]+\.\n$/);
    }
  });

  it("a machine without git is told so", async () => {
    const ended = await millrace(temporaryDirectory(), ["start", "--once"], { PATH: "/nowhere" });
    expect(ended.code).toBe(8);
    expect(ended.stderr).toMatch(/^There is no git on PATH: install git [^\n]+\.\n$/);
  });

  it("names each construct that cannot be compiled, with its line and the rewrite", async () => {
    const ended = await cli("compile", "test/e2e/unsupported-flow.ts#countDown");
    expect(ended).toMatchObject({ code: 7, stdout: "" });
    expect(ended.stderr).toMatch(/test\/e2e\/unsupported-flow\.ts:4:3 MR\d{3} /);
  });

  it.each([
    [
      "a file where the folder belongs",
      (folder: string) => writeFileSync(folder, "in the way"),
      /belongs is a file: move it away, or set MILLRACE_DIRECTORY/,
    ],
    ["a database that is none", (folder: string) => database(folder, "x".repeat(4_096)), /is not a database/],
    ["a database of a newer Millrace", (folder: string) => newerDatabase(folder), /newer Millrace/],
  ])("%s is left as it is", async (what, make, message) => {
    const folder = join(directory, what.replaceAll(" ", "-"));
    make(folder);
    const before = contentOf(folder);
    for (const words of [["start", "--once"], ["submit", ...VALIDATE], ["runs"]]) {
      const ended = await inProcess(folder, ...words);
      expect(ended).toMatchObject({ code: 8, stdout: "" });
      expect(ended.stderr).toMatch(/^[^\n]+\.\n$/);
      expect(ended.stderr).toMatch(message);
    }
    expect(contentOf(folder)).toEqual(before);
  });
});

function database(folder: string, content: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "millrace.db"), content);
}

function newerDatabase(folder: string): void {
  mkdirSync(folder);
  const made = new DatabaseSync(join(folder, "millrace.db"));
  made.exec("CREATE TABLE runs (id TEXT) STRICT; PRAGMA user_version = 1000");
  made.close();
}

function contentOf(folder: string): Buffer[] {
  const files = statSync(folder).isDirectory()
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
    : [folder];
  return files.map((file) => readFileSync(file));
}
