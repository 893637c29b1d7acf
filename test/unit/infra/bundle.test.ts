import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WORKFLOWS } from "../../../catalogue/index.ts";
import { compileCatalogue } from "../../../engine/compiler/compile.ts";
import { sourceOf } from "../../../engine/model/workflow.ts";
import { bundleFunctions, packageOf, type Bundle } from "../../../infra/bundle.ts";
import { DOMAIN_SETTINGS } from "../../../infra/domain-settings.ts";
import { usedDomains } from "../../../infra/domains.ts";
import { functionEntries, type Entry } from "../../../infra/entries.ts";

const ROOT = join(import.meta.dirname, "../../..");
const ES_GIT = "es-git-linux-x64-gnu";
const OWN = ["lock", "settle", "submit", "sweep"];
const NAMES = ["git", "telemetry", "validation", ...OWN].sort();

const outdir = mkdtempSync(join(tmpdir(), "millrace-bundle-"));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

let entries: ReadonlyMap<string, Entry>;
let bundles: ReadonlyMap<string, Bundle>;
beforeAll(() => {
  const { workflows } = compileCatalogue({ root: ROOT, workflows: WORKFLOWS.map(sourceOf) });
  const domains = usedDomains("millrace", workflows, DOMAIN_SETTINGS);
  entries = functionEntries(ROOT, workflows, domains, DOMAIN_SETTINGS);
  bundles = bundleFunctions({ root: ROOT, entries, outdir: join(outdir, "first") });
});

function bundle(name: string): Bundle {
  const found = bundles.get(name);
  if (found === undefined) throw new Error(`There is no bundle ${name}.`);
  return found;
}

describe("bundleFunctions", () => {
  it("makes one for each domain, and for each of Millrace's own functions", () => {
    expect([...bundles.keys()].sort()).toEqual(NAMES);
  });

  it.each(NAMES)("%s has at most 600 KiB of JavaScript without dependencies of its own, else 640", (name) => {
    expect(bundle(name).bytes).toBe(readFileSync(join(bundle(name).directory, "index.mjs")).length);
    const limit = bundle(name).dependencies.length === 0 ? 600 : 640;
    expect(bundle(name).bytes / 1024).toBeLessThanOrEqual(limit);
  });

  it("lists what a domain depends on by itself, and copies native files", () => {
    expect(bundle("telemetry")).toMatchObject({ dependencies: [], natives: [] });
    expect(bundle("validation").dependencies).toEqual([ES_GIT]);
    const { dependencies, natives, directory } = bundle("git");
    expect(dependencies).toEqual([ES_GIT]);
    expect(natives).toEqual([{ file: join("node_modules", ES_GIT, "es-git.linux-x64-gnu.node"), bytes: 9_057_336 }]);
    const required = createRequire(join(directory, "index.mjs")).resolve(ES_GIT);
    expect(required).toBe(join(directory, natives[0]?.file ?? ""));
  });

  it("keeps compiler, local platform, command line and CDK out, and has one zod", () => {
    for (const [name, { inputs, directory }] of bundles) {
      const packages = new Set(inputs.map(packageOf));
      expect(
        [...packages].filter((one) =>
          /^(typescript|jsonata|aws-cdk-lib|constructs|esbuild|commander)$/.test(one ?? ""),
        ),
      ).toEqual([]);
      expect(
        inputs.filter((file) => /(^|\/)(engine\/(compiler|local|cli|testing)|infra)\//.test(file)),
        name,
      ).toEqual([]);
      expect(readFileSync(join(directory, "index.mjs"), "utf8")).not.toContain("node:sqlite");
      const zods = new Set(
        inputs.flatMap((file) => /^.*node_modules\/zod\/(?=v4\/core\/schemas)/.exec(file)?.[0] ?? []),
      );
      expect(zods.size, name).toBe(1);
    }
  });

  it("copies the native package to every function that has code for it", () => {
    const using = [...bundles].filter(([, { inputs }]) => inputs.includes("functions/git/es-git.ts"));
    expect(using.length).toBeGreaterThan(0);
    for (const [name, { natives }] of using) expect(natives, name).toHaveLength(1);
  });

  it("holds in Millrace's own functions no task", () => {
    for (const name of OWN) {
      expect(bundle(name).inputs.filter((file) => file.endsWith("/tasks.ts"))).toEqual([]);
    }
  });

  it("gives the same bytes wherever it writes", () => {
    const some = new Map([...entries].filter(([name]) => ["git", "sweep"].includes(name)));
    const second = bundleFunctions({ root: ROOT, entries: some, outdir: join(outdir, "a", "second") });
    for (const name of some.keys()) {
      const { directory } = bundle(name);
      const other = join(second.get(name)?.directory ?? "", "index.mjs");
      expect(readFileSync(join(directory, "index.mjs")).equals(readFileSync(other)), name).toBe(true);
    }
  });

  it("runs where there is nothing but Node and the variables of its deployment", () => {
    const program = `
      const { handler } = await import(${JSON.stringify(pathToFileURL(join(bundle("validation").directory, "index.mjs")).href)});
      const context = { invokedFunctionArn: "", getRemainingTimeInMillis: () => 1000 };
      await handler({ task: "none" }, context).catch((error) => console.log(error.name));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      encoding: "utf8",
      cwd: outdir,
      env: {
        AWS_REGION: "eu-central-1",
        MILLRACE_STACK: "millrace",
        MILLRACE_TABLE: "millrace_items",
        MILLRACE_BUCKET: "blobs",
        MILLRACE_DOMAIN: "validation",
      },
    });
    expect({ stdout, stderr }).toEqual({ stdout: "TaskNotFound\n", stderr: "" });
  });

  it("says what to do where a native package is not installed", () => {
    const lacking = new Map([["git", { source: "export const handler = 1;", nativePackages: ["no-such-package"] }]]);
    const target = join(outdir, "lacking");
    expect(() => bundleFunctions({ root: ROOT, entries: lacking, outdir: target })).toThrowError(
      /The package no-such-package, .* is not installed here: .* Synthesize on Linux with x64/,
    );
    expect(existsSync(join(target, "git", "node_modules"))).toBe(false);
  });
});
