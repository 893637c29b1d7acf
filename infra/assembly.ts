import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Stage } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** An empty directory of `cdk.out` for files that are uploaded, such as `cdk.out/machines/millrace`. */
export function assemblyDirectory(scope: IConstruct, kind: string, stack: string): string {
  const stage = Stage.of(scope);
  if (stage === undefined)
    throw new Error("A WorkflowCatalogue stands in a stack of a CDK app: new App(), new Stack(app, …).");
  const directory = join(stage.assetOutdir, kind, stack);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return directory;
}
