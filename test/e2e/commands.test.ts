import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it, vi } from "vitest";
import { documents, millrace, temporaryDirectory, type Ended } from "./command-line.ts";
import { inProcess } from "./in-process.ts";

const VALIDATE = ["custom-validation-workflow", "--param", "objectKind=Repository", "--param", "branchName=main"];
const SYNC = "git_repositories_sync";
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

describe("what operators do, with --json", () => {
  it("cancel, retry, tree and doctor speak of the same runs", async () => {
    const { id } = only(await cli("submit", ...VALIDATE, "--json")) as { id: string };
    const told = only(await cli("cancel", id, "--json"));
    expect(told).toMatchObject({ run: { id, cancelRequestedAt: expect.any(Number) as number }, children: [] });
    await vi.waitUntil(async () => {
      await cli("run", ...VALIDATE); // drives the runs
      return JSON.stringify(only(await cli("show", id, "--json"))).includes('"state":"cancelled"');
    });
    expect(only(await cli("doctor", id, "--json"))).toMatchObject({
      findings: [{ check: "end", verdict: "note", text: expect.stringMatching(/cancelled/) as string }],
    });
    const { id: again, retryOf } = only(await cli("retry", id, "--json")) as { id: string; retryOf: string };
    expect(retryOf).toBe(id);
    expect(only(await cli("tree", again, "--json"))).toMatchObject({
      tree: { run: { id: again, retryOf: id }, children: [] },
      more: false,
    });
  });

  it("submit takes a time to start and a priority", async () => {
    const { id } = only(await cli("submit", ...VALIDATE, "--at", "2h", "--priority", "low", "--json")) as {
      id: string;
    };
    const { run } = only(await cli("show", id, "--json")) as { run: { createdAt: number; startAt: number } };
    expect(run).toMatchObject({ state: "scheduled", context: { priority: "low" } });
    expect(run.startAt - run.createdAt).toBeGreaterThan(7_190_000);
    expect(only(await cli("cancel", id, "--json"))).toMatchObject({ run: { state: "cancelled" } });
  });

  it("limits shows and changes how many run at once", async () => {
    const { id: run } = only(await cli("submit", SYNC, "--json")) as { id: string };
    const held = { name: SYNC, max: 1, holders: [expect.objectContaining({ run }) as object], waiting: 0 };
    expect(only(await cli("limits", "--json"))).toMatchObject({ limits: [held] });
    expect(only(await cli("limits", "set", SYNC, "3", "--json"))).toEqual({ name: SYNC, max: 3 });
    expect(only(await cli("limits", "--json"))).toMatchObject({ limits: [{ ...held, max: 3 }] });
    expect(only(await cli("limits", "reset", SYNC, "--json"))).toEqual({ name: SYNC, max: 1 });
    expect(only(await cli("locks", "--json"))).toEqual({ locks: [] });
  });

  it("schedule lists, pauses, resumes and makes up for fires", async () => {
    expect(only(await cli("schedule", "pause", SYNC, "--reason", "moving", "--json"))).toEqual({
      workflow: SYNC,
      paused: true,
      changed: true,
    });
    const { schedules } = only(await cli("schedule", "list", "--json")) as { schedules: { workflow: string }[] };
    const paused = { reason: "moving", at: expect.any(Number) as number };
    expect(schedules.find(({ workflow }) => workflow === SYNC)).toMatchObject({ paused, overdue: false });
    expect(only(await cli("schedule", "next", SYNC, "--json"))).toEqual({ fires: [] });
    expect(only(await cli("schedule", "resume", SYNC, "--json"))).toMatchObject({ paused: false, changed: true });
    expect(only(await cli("schedule", "next", "--count", "3", "--json"))).toMatchObject({ fires: { length: 3 } });
    const range = ["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T00:02:00Z"];
    const backfill = ["schedule", "backfill", SYNC, ...range];
    const preview = { existing: [], missing: { length: 3 }, submitted: false };
    expect(only(await cli(...backfill, "--dry-run", "--json"))).toMatchObject(preview);
    expect(only(await cli(...backfill, "--yes", "--json"))).toMatchObject({ ...preview, submitted: true });
    expect(only(await cli(...backfill, "--yes", "--json"))).toMatchObject({
      existing: { length: 3 },
      submitted: false,
    });
  });

  it("doctor says that nothing drives the runs here", async () => {
    const { findings } = only(await cli("doctor", "--json")) as { findings: { check: string; verdict: string }[] };
    expect(findings).toContainEqual(expect.objectContaining({ check: "runs", verdict: "problem" }));
    expect(findings).toContainEqual(expect.objectContaining({ check: "catalogue", verdict: "ok" }));
    expect(only(await cli("doctor", VALIDATE[0] ?? "", "--json"))).toMatchObject({ findings: { length: 3 } });
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
    [2, "InvalidRequest", ["submit", ...VALIDATE, "--priority", "urgent"]],
    [2, "InvalidRequest", ["submit", ...VALIDATE, "--at", "soon"]],
    [2, "InvalidRequest", ["submit", ...VALIDATE, "--at", "2100-01-01T00:00:00Z"]],
    [2, "InvalidRequest", ["run", ...VALIDATE, "--param", "branchName=other"]],
    [3, "WorkflowNotFound", ["run", "frobnicate"]],
    [3, "RunNotFound", ["show", ABSENT_RUN]],
    [3, "RunNotFound", ["logs", ABSENT_RUN]],
    [3, "RunNotFound", ["tree", ABSENT_RUN]],
    [3, "RunNotFound", ["cancel", ABSENT_RUN]],
    [3, "RunNotFound", ["retry", ABSENT_RUN]],
    [3, "RunNotFound", ["doctor", ABSENT_RUN]],
    [3, "WorkflowNotFound", ["doctor", "frobnicate"]],
    [3, "WorkflowNotFound", ["schedule", "pause", "frobnicate"]],
    [2, "InvalidRequest", ["schedule", "resume", "custom-validation-workflow"]],
    [2, "InvalidRequest", ["schedule", "backfill", SYNC]],
    [2, "InvalidRequest", ["schedule", "backfill", SYNC, "--from", "soon"]],
    [2, "InvalidRequest", ["schedule", "backfill", SYNC, "--from", "400d", "--dry-run"]],
    [2, "InvalidRequest", ["schedule", "backfill", SYNC, "--from", "5min"]],
    [2, "InvalidRequest", ["limits", "set", SYNC, "91"]],
    [2, "InvalidRequest", ["limits", "set", "frobnicate", "1"]],
    [9, "LockNotHeld", ["locks", "release", "frobnicate", "--yes"]],
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
    const ended = await cli("compile", "test/e2e/unsupported-flow.ts#countWords");
    expect(ended).toMatchObject({ code: 7, stdout: "" });
    const found = ended.stderr.matchAll(/^(\S+) (MR\d{3}) .+\n {4}(\S.+)\n {4}( *)\^\n {4}[A-Z].+\.$/gm);
    expect(
      [...found].map(([, place, code, line = "", indent = ""]) => [place, code, line.slice(indent.length)]),
    ).toEqual([
      ["test/e2e/unsupported-flow.ts:4:3", "MR031", "for (const name in texts) {"],
      ["test/e2e/unsupported-flow.ts:5:14", "MR056", '(texts[name] ?? "").split(/\\s+/).length;'],
      ["test/e2e/unsupported-flow.ts:7:10", "MR013", "Promise.resolve(words);"],
    ]);
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
