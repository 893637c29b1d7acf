import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, documents, millrace, start, temporaryDirectory } from "./command-line.ts";

const MAIN = join(ROOT, "engine/cli/main.ts");

describe("npm start", () => {
  it("shows a real run from submit to completed, and has it still when it is started again", async () => {
    const directory = temporaryDirectory();
    const first = await start(["npm", "start", "--", "--once"], directory).ended;
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const [, id] = /run ([0-9a-f-]{36}) submitted/.exec(first.stdout) ?? [];
    expect(first.stdout).toMatch(/▸ inspect-remote +functions\/git\/flows\.ts:\d+\n/);
    expect(first.stdout).toMatch(/✓ inspect-remote +\d.* m?s +functions\/git\/flows\.ts:\d+\n/);
    expect(first.stdout).toMatch(/ {4}info {3}\S/);
    expect(first.stdout).toMatch(/sample-network in branch main {2}completed in \d/);
    expect(first.stdout).toMatch(/infrahub\.app\/branch\/main\n/);
    expect(first.stdout).toMatch(/infrahub\.app\/node\/[0-9a-f]+\n/);
    expect(first.stdout).toMatch(/result +\{"status":"added"/);

    const second = await start(["npm", "start", "--silent", "--", "--once", "--json"], directory).ended;
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(documents(second.stdout)).toMatchObject([
      { directory, runs: [{ id, state: "completed", result: { status: "added" } }] },
      {
        run: { state: "completed", result: { status: "unchanged" } },
        steps: expect.any(Array) as unknown[],
        logs: expect.any(Array) as unknown[],
      },
    ]);
  });

  it("stays up: drives the runs of other commands, lists the schedules, refuses a second one, stops at Ctrl-C", async () => {
    const directory = temporaryDirectory();
    const running = start([process.execPath, MAIN, "start"], directory);
    await running.says("Ctrl-C stops");

    const second = await millrace(directory, ["start"]);
    expect(second).toMatchObject({ code: 9, stdout: "" });
    expect(second.stderr).toMatch(/^[^\n]+\.\n$/);

    const parameters = ["--param", "objectKind=Repository", "--param", "branchName=main"];
    const beside = await millrace(directory, ["run", "custom-validation-workflow", ...parameters, "--json"]);
    expect(beside).toMatchObject({ code: 0, stderr: "" });
    expect(documents(beside.stdout)).toMatchObject([{ run: { state: "completed", result: 1 } }]);

    const submitted = await millrace(directory, ["submit", "custom-validation-workflow", ...parameters]);
    await running.says(submitted.stdout.trim());

    running.stop("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/anonymous_telemetry_send {2}\d{4}-\d\d-\d\d 02:\d\d:00Z {2}in \d/);
    expect(stdout).toMatch(/completed in .* Validate Repository objects/);
    expect(stdout).toMatch(/Stopped;/);
  });

  it("ends with its own exit code where its reader has enough before", async () => {
    const directory = temporaryDirectory();
    const line = `"$@" start --once --location ${join(directory, "absent")} | head -n 1; exit "\${PIPESTATUS[0]}"`;
    const command = ["bash", "-c", line, "bash", process.execPath, MAIN];
    const { code, stdout } = await start(command, directory).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/^Millrace[^\n]*\n$/) as string });
    const runs = await millrace(directory, ["runs", "--json"]);
    expect(documents(runs.stdout)).toMatchObject([{ runs: [{ state: "failed" }] }]);
  });

  it("says in one sentence why a location cannot be added, and records nothing of it", async () => {
    const directory = temporaryDirectory();
    const absent = join(directory, "absent");
    const empty = join(directory, "empty");
    mkdirSync(empty);
    execFileSync("git", ["init", "--quiet", empty]);

    const missing = await millrace(directory, ["start", "--once", "--location", absent]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /^RepositoryNotFound: [^\n]*absent[^\n]*\.\n {4}at functions\/git\/flows\.ts:\d+\n$/,
    );
    const bare = await millrace(directory, ["start", "--once", "--location", empty, "--json"]);
    expect(bare.code).toBe(1);
    expect(documents(bare.stderr)).toMatchObject([{ error: { name: "EmptyRepository" }, exitCode: 1 }]);

    const parameters = ["--param", "objectKind=Repository", "--param", "branchName=main"];
    const checked = await millrace(directory, ["run", "custom-validation-workflow", ...parameters, "--json"]);
    expect(documents(checked.stdout)).toMatchObject([{ run: { result: 0 } }]);
    const runs = await millrace(directory, ["runs", "--json", "--state", "failed"]);
    expect(documents(runs.stdout)).toMatchObject([{ runs: [{ state: "failed" }, { state: "failed" }] }]);
  });
});
