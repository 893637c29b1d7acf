import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WORKFLOWS } from "../../../catalogue/index.ts";
import { afterAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const output = mkdtempSync(join(tmpdir(), "millrace-synth-"));
afterAll(() => rmSync(output, { recursive: true, force: true }));

function run(command: string, args: string[], env: { readonly [name: string]: string }): SpawnSyncReturns<string> {
  const inherited = { PATH: process.env["PATH"], HOME: output };
  return spawnSync(command, args, { cwd: ROOT, encoding: "utf8", env: { ...inherited, ...env } });
}

interface Template {
  readonly Resources: {
    readonly [id: string]: { readonly Type: string; readonly Properties: { readonly [name: string]: unknown } };
  };
  readonly Outputs: { readonly [id: string]: { readonly Value: unknown } };
}

describe("npx cdk synth", () => {
  const cdk = join(ROOT, "node_modules", ".bin", "cdk");

  it("makes the stack of the catalogue, under the name of -c stack", () => {
    const args = ["synth", "--quiet", "--output", join(output, "cdk.out"), "-c", "stack=other"];
    const { status, stderr } = run(cdk, args, { CDK_DISABLE_CLI_TELEMETRY: "true" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const text = readFileSync(join(output, "cdk.out", "other.template.json"), "utf8");
    const { Resources: resources, Outputs: outputs } = JSON.parse(text) as Template;
    const named = (type: string, property: string): unknown[] =>
      Object.values(resources)
        .filter(({ Type }) => Type === type)
        .map(({ Properties }) => Properties[property])
        .sort();
    expect(named("AWS::StepFunctions::StateMachine", "StateMachineName")).toEqual(
      WORKFLOWS.map(({ name }) => `other_${name}`).sort(),
    );
    expect(named("AWS::Lambda::Function", "FunctionName")).toEqual([
      "other_git",
      "other_lock",
      "other_settle",
      "other_submit",
      "other_sweep",
      "other_telemetry",
      "other_validation",
    ]);
    expect(named("AWS::Lambda::Function", "Architectures").flat()).toEqual([
      "arm64",
      "arm64",
      "arm64",
      "arm64",
      "arm64",
      "x86_64",
      "x86_64",
    ]);
    const scheduled = WORKFLOWS.filter(({ cron }) => cron !== undefined).map(({ name }) => name);
    expect(named("AWS::Scheduler::Schedule", "Name")).toEqual(scheduled.sort());
    expect(Object.keys(outputs).sort()).toEqual(["BlobBucket", "ItemsTable", "Region", "StackName", "SubmitFunction"]);
    expect(outputs["StackName"]?.Value).toBe("other");
  });

  it("says in one line what is wrong with a stack's name, and makes no template", () => {
    const outdir = join(output, "refused");
    const context = { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ stack: "a_b" }) };
    const { status, stdout, stderr } = run(process.execPath, ["infra/app.mjs"], context);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^A stack cannot be called "a_b": .* Choose another, such as "millrace"\.\n$/);
    expect(existsSync(join(outdir, "manifest.json"))).toBe(false);
  });
});
