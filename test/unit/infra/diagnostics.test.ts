import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { afterAll, expect, it } from "vitest";
import { WorkflowCatalogue } from "../../../infra/workflow-catalogue.ts";
import { removeStubs, stubApp } from "./stub-stack.ts";
import { definition } from "./stub-workflows.ts";

const root = mkdtempSync(join(tmpdir(), "millrace-flows-"));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  removeStubs();
});

it("a catalogue that cannot be compiled is refused with all of its diagnostics", () => {
  mkdirSync(join(root, "functions", "stub"), { recursive: true });
  writeFileSync(
    join(root, "functions", "stub", "flows.ts"),
    "export async function flow(): Promise<number> {\n  class Local {}\n  return new Local() ? 1 : 2;\n}\n",
  );
  const missing = { ...definition({ name: "missing", domains: [] }), function: "none" };
  const workflows = [definition({ name: "flow", domains: [] }), missing];
  const make = (): unknown => new WorkflowCatalogue(new Stack(stubApp(), "millrace"), "Catalogue", { root, workflows });
  expect(make).toThrowError(/functions\/stub\/flows\.ts:2:3 MR\d{3}/);
  expect(make).toThrowError(/none/);
  expect(make).toThrowError(expect.objectContaining({ name: "InvalidDefinition" }) as Error);
});
