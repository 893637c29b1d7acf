import { App, Stack } from "aws-cdk-lib";
import { WorkflowCatalogue } from "millrace/cdk";
import { WORKFLOWS } from "./catalogue/index.ts";

/** A catalogue of its own, of workflows that limit, lock and start each other. */
const app = new App();
const stack = String(app.node.tryGetContext("stack"));
new WorkflowCatalogue(new Stack(app, stack), "Catalogue", { stack, workflows: WORKFLOWS, root: import.meta.dirname });
