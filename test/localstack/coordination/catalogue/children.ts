import { defineWorkflow, WorkflowType } from "millrace";
import * as z from "zod";
import { ShortGuest } from "../functions/coordination/models.ts";

export const CHILD = defineWorkflow({
  name: "child",
  type: WorkflowType.USER,
  module: "coordination/flows",
  function: "child",
  parameters: ShortGuest,
  result: z.string(),
});
