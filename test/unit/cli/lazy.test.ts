import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

/** Every package that these files load as soon as they are imported. */
function packagesOf(...files: string[]): string[] {
  const packages = new Set<string>();
  const seen = new Set(files);
  for (const file of seen) {
    const text = readFileSync(join(ROOT, file), "utf8");
    for (const [, specifier = ""] of text.matchAll(/^(?:import|export) (?!type\b)(?:[^;]*? from )?"([^"]+)";/gms)) {
      if (specifier.startsWith(".")) seen.add(normalize(join(dirname(file), specifier)));
      else if (!specifier.startsWith("node:")) packages.add(specifier);
    }
  }
  return [...packages].sort();
}

describe("a command loads what it needs", () => {
  it("help needs the grammar alone", () => {
    expect(packagesOf("engine/cli/main.ts")).toEqual(["commander"]);
  });

  it("the local platform needs neither the compiler nor the AWS SDK", () => {
    const names = ["start", "run", "runs", "show", "tree", "cancel", "retry", "limits", "locks", "schedule", "doctor"];
    const commands = names.map((name) => `engine/cli/commands/${name}.ts`);
    const packages = packagesOf("engine/local/local.ts", ...commands);
    expect(packages.filter((name) => name === "typescript" || name.startsWith("@aws"))).toEqual([]);
  });
});
