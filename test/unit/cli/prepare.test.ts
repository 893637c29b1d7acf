import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

interface Locked {
  readonly version: string;
  readonly optional?: boolean;
}

/** Plain JavaScript, which any Node runs. */
const { isInstalled, prepare } = (await import(
  pathToFileURL(join(import.meta.dirname, "../../../engine/cli/prepare.mjs")).href
)) as {
  isInstalled(root: string): boolean;
  prepare(root: string, own?: { version: string; execPath: string }): string;
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millrace-prepare-"));
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function lock(file: string, packages: { readonly [path: string]: Locked }): void {
  writeFileSync(join(root, file), JSON.stringify({ packages: { "": { version: "1.0.0" }, ...packages } }));
}

function installedNode(script: string): string {
  const node = join(root, "node_modules/.bin/node");
  writeFileSync(node, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return node;
}

describe("what is installed", () => {
  beforeEach(() =>
    lock("package-lock.json", {
      "node_modules/a": { version: "1.2.0" },
      "node_modules/b": { version: "1.0.0", optional: true },
    }),
  );

  it("is complete where every version is the one that is asked for; an optional package may be absent", () => {
    lock("node_modules/.package-lock.json", { "node_modules/a": { version: "1.2.0" } });
    expect(isInstalled(root)).toBe(true);
  });

  it.each([
    ["nothing", undefined],
    ["a package missing", {}],
    ["an older package", { "node_modules/a": { version: "1.1.0" } }],
    ["an older optional package", { "node_modules/a": { version: "1.2.0" }, "node_modules/b": { version: "0.9.0" } }],
  ])("is not with %s", (_, packages) => {
    if (packages !== undefined) lock("node_modules/.package-lock.json", packages);
    expect(isInstalled(root)).toBe(false);
  });
});

describe("the Node that runs", () => {
  const own = { version: "v20.20.2", execPath: "/usr/bin/node" };
  beforeEach(() => {
    lock("package-lock.json", {});
    lock("node_modules/.package-lock.json", {});
  });

  it("is the machine's own where that is new enough", () => {
    expect(prepare(root, { version: "v24.0.0", execPath: "/opt/node" })).toBe("/opt/node");
    expect(prepare(root, { version: "v100.0.0", execPath: "/opt/node" })).toBe("/opt/node");
  });

  it("is the one that came with the dependencies where the machine's own is too old", () => {
    const node = installedNode("echo v24.21.0");
    expect(prepare(root, own)).toBe(node);
  });

  it("is asked for in one sentence where there is none", () => {
    expect(() => prepare(root, own)).toThrow(
      /^Millrace runs on Node 24 or newer, and \/usr\/bin\/node is v20\.20\.2: put .*\.$/,
    );
    const node = installedNode("exit 1");
    expect(() => prepare(root, own)).toThrow(`${node} does not start here`);
  });
});
