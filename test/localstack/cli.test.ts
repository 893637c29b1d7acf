import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { LogLine, Run, Step } from "../../engine/model/run.ts";
import { SOON } from "./deployed.ts";
import { STACK } from "./stack.ts";

const BIN = join(import.meta.dirname, "../../engine/cli/bin.mjs");

interface Answer {
  readonly code: number;
  readonly json: unknown;
}

/** One command sent to the deployed stack, with `--json`. */
function millrace(...args: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args, "--stack", STACK, "--json"], (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, json: JSON.parse(code === 0 ? stdout : (stderr.trim().split("\n").at(-1) ?? "")) as unknown });
    });
  });
}

it("every command about runs works on a deployed stack", async () => {
  const tag = `cli-${randomUUID()}`;
  const given = ["--param", "objectKind=Repository", "--param", `branchName=${tag}`, "--tag", tag];
  const ran = await millrace("run", "custom-validation-workflow", ...given);
  const { run } = ran.json as { run: Run };
  expect(ran.code).toBe(0);
  expect(run).toMatchObject({ state: "completed", result: 0, name: "Validate Repository objects" });

  const submitted = await millrace("submit", "custom-validation-workflow", ...given);
  const { id } = submitted.json as { id: string };
  await vi.waitFor(async () => {
    const { json } = await millrace("runs", "--tag", tag, "--state", "completed");
    expect((json as { runs: Run[] }).runs.map((one) => one.id)).toEqual([id, run.id]);
  }, SOON);

  const shown = (await millrace("show", run.id)).json as { run: Run; steps: Step[] };
  expect(shown.run.tags).toContain(`infrahub.app/branch/${tag}`);
  expect(shown.steps[0]).toMatchObject({
    name: "list-objects",
    at: "functions/validation/flows.ts:9",
    state: "completed",
  });
  await vi.waitFor(async () => {
    const { json } = await millrace("logs", run.id);
    expect((json as { logs: LogLine[] }).logs.map((line) => line.message)).toContain(
      `Branch ${tag} has 0 objects of kind Repository`,
    );
  }, SOON);
});

it("the reasons of a refusal have their exit codes", async () => {
  const codes = await Promise.all([
    millrace("show", "0193a0b1-0000-7000-8000-00000000000a"),
    millrace("run", "no-such-workflow"),
    millrace("run", "custom-validation-workflow", "--param", "objectKind=Repository"),
    millrace("run", "git-repository-add-read-write", "--param", "location=/no/where", "--param", "repositoryName=x"),
  ]);
  expect(codes.map(({ code }) => code)).toEqual([3, 3, 7, 1]);
});
