import * as z from "zod";
import { WorkflowType, type WorkflowDefinition } from "../../../../../engine/model/workflow.ts";

/** A flow with two mistakes. */
export const BROKEN: WorkflowDefinition = {
  name: "broken",
  type: WorkflowType.USER,
  module: "sample/flows",
  function: "broken",
  parameters: z.object({}),
  result: z.number(),
  tags: [],
};

export const WORKFLOWS: readonly WorkflowDefinition[] = [BROKEN];
