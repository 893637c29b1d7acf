import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack, type StackProps } from "aws-cdk-lib";
import { WorkflowCatalogue, type WorkflowCatalogueProps } from "../../../infra/workflow-catalogue.ts";
import { definition, type StubWorkflow } from "./stub-workflows.ts";

const CDK = JSON.parse(readFileSync(join(import.meta.dirname, "../../../cdk.json"), "utf8")) as {
  context: Record<string, unknown>;
};
const directories: string[] = [];

/** An app with the repository's feature flags, whose stacks are not bundled. */
export function stubApp(): App {
  const outdir = mkdtempSync(join(tmpdir(), "millrace-infra-"));
  directories.push(outdir);
  return new App({ outdir, context: { ...CDK.context, "aws:cdk:bundling-stacks": [] } });
}

export function stubStack(
  stubs: readonly StubWorkflow[],
  props: Omit<WorkflowCatalogueProps, "workflows"> = {},
  stackProps: StackProps = {},
): Stack {
  const stack = new Stack(stubApp(), "millrace", stackProps);
  new WorkflowCatalogue(stack, "Catalogue", { ...props, workflows: stubs.map(definition) });
  return stack;
}

export function removeStubs(): void {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}
