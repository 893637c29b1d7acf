import { App, CfnOutput, Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { isMillraceError } from "../engine/model/errors.ts";
import { checkStackName, DEFAULT_STACK } from "../engine/model/stack-name.ts";
import { DOMAIN_SETTINGS } from "./domain-settings.ts";
import { WorkflowCatalogue } from "./workflow-catalogue.ts";

/** `npx cdk deploy -c stack=<name>`: the catalogue in one stack of that name. */
async function synthesize(): Promise<void> {
  const app = new App({ autoSynth: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const name = checkStackName(app.node.tryGetContext("stack") ?? DEFAULT_STACK);
  // Definitions may differ between deployments, so the name is there before they are.
  process.env["MILLRACE_STACK"] = name;
  const { WORKFLOWS } = await import("../catalogue/index.ts");

  const stack = new Stack(app, name, { description: `Millrace: the workflows of the stack ${name}` });
  const { functions, storage } = new WorkflowCatalogue(stack, "Catalogue", {
    stack: name,
    workflows: WORKFLOWS,
    domains: DOMAIN_SETTINGS,
  });

  const outputs = {
    StackName: [name, `npx millrace runs --stack ${name}`],
    Region: [stack.region, "Where its runs are"],
    SubmitFunction: [functions.submit.function.functionName, "Callers need leave to invoke it, and nothing else"],
    ItemsTable: [storage.table.tableName, "Stays when the stack is destroyed"],
    BlobBucket: [storage.bucket.bucketName, "Stays when the stack is destroyed"],
  };
  for (const [id, [value = "", description = ""]] of Object.entries(outputs)) {
    new CfnOutput(stack, id, { value, description });
  }
  app.synth();
}

try {
  await synthesize();
} catch (error) {
  if (!isMillraceError(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
