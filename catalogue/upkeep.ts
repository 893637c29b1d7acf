import * as z from "zod";
import { SweepReport } from "../engine/model/sweep.ts";
import { defineWorkflow, WorkflowType } from "../engine/model/workflow.ts";

export const CLEAN_UP_DEADLOCKS = defineWorkflow({
  name: "clean-up-deadlocks",
  type: WorkflowType.INTERNAL,
  module: "upkeep/flows",
  function: "cleanUpDeadlocks",
  parameters: z.object({}),
  result: SweepReport,
  cron: "* * * * *",
  priority: "high",
  timeoutSeconds: 300,
  unchanged: ({ openRuns, problems, ...repairs }) =>
    problems.length === 0 && Object.values(repairs).every((count) => count === 0),
  description: "Repairs what a crash or a lost event left: runs, slots, locks. It stands under no limit itself.",
});
