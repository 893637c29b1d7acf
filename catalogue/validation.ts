import * as z from "zod";
import { WorkflowTag } from "../engine/model/tags.ts";
import { defineWorkflow, WorkflowType } from "../engine/model/workflow.ts";
import { ValidateObjects } from "../functions/validation/models.ts";

export const CUSTOM_VALIDATION = defineWorkflow({
  name: "custom-validation-workflow",
  type: WorkflowType.USER,
  module: "validation/flows",
  function: "validateObjects",
  parameters: ValidateObjects,
  result: z.number(),
  runName: "Validate {objectKind} objects",
  tags: [WorkflowTag.DATABASE_CHANGE],
  description: "Checks the recorded objects of a kind in a branch: name, location, head. Bad ones are in the log.",
});
