import { WorkflowType, type WorkflowDefinition } from "millrace";
import { Gate, Passed } from "../functions/gate/models.ts";

/** Written out: `defineWorkflow` takes flow files of this repository's own catalogue alone. */
export const THROUGH_THE_GATE: WorkflowDefinition<typeof Gate, typeof Passed> = {
  name: "through-the-gate",
  type: WorkflowType.USER,
  module: "gate/flows",
  function: "throughTheGate",
  parameters: Gate,
  result: Passed,
  tags: [],
  cron: "0 3 * * *",
  cronParameters: { gate: "of the night" },
};

export const WORKFLOWS: readonly WorkflowDefinition[] = [THROUGH_THE_GATE];
