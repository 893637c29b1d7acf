import { defineWorkflow, SweepReport, WorkflowType, type WorkflowDefinition } from "millrace";
import * as z from "zod";
import { APPROVAL, Approved, Guest, Guests, Joined, Passage } from "../functions/coordination/models.ts";
import { CHILD } from "./children.ts";

const FLOW = { type: WorkflowType.USER, module: "coordination/flows" } as const;
const PARENT = { type: WorkflowType.USER, module: "coordination/parents", parameters: Guest } as const;
const THROUGH = { ...FLOW, function: "through", parameters: Passage, result: z.null() } as const;

export const FREE = defineWorkflow({ ...THROUGH, name: "free" });
/** One at a time for each group; the others wait. */
export const ENQUEUED = defineWorkflow({
  ...THROUGH,
  name: "enqueued",
  concurrencyLimit: 1,
  concurrencyKey: "{group}",
});
/** One at a time for each group; the others are cancelled. */
export const SINGLE = defineWorkflow({
  ...THROUGH,
  name: "single",
  concurrencyLimit: 1,
  concurrencyKey: "{group}",
  concurrencyStrategy: "CANCEL_NEW",
});
export const LOCKED = defineWorkflow({
  ...FLOW,
  name: "locked",
  function: "locked",
  parameters: Guest,
  result: z.number(),
});
export const FAMILY = defineWorkflow({ ...PARENT, name: "family", function: "family", result: z.string() });
export const LAUNCH = defineWorkflow({ ...PARENT, name: "launch", function: "launch", result: z.string() });
export const BY_TASK = defineWorkflow({ ...PARENT, name: "by-task", function: "byTask", result: z.string() });
export const SEVERAL = defineWorkflow({
  ...PARENT,
  name: "several",
  function: "several",
  parameters: Guests,
  result: z.number(),
});
const JOIN = { type: WorkflowType.USER, module: "coordination/joins", parameters: Guests } as const;
export const JOINED = defineWorkflow({ ...JOIN, name: "joined", function: "joined", result: Joined });
export const DISTRIBUTED = defineWorkflow({
  ...JOIN,
  name: "distributed",
  function: "distributed",
  result: z.array(z.string()).readonly(),
});
export const APPROVED = defineWorkflow({
  type: WorkflowType.USER,
  module: "coordination/approvals",
  name: "approved",
  function: "approved",
  parameters: Approved,
  result: z.string(),
  events: [APPROVAL],
});
export const CLEAN_UP = defineWorkflow({
  ...FLOW,
  name: "clean-up-deadlocks",
  function: "cleanUp",
  parameters: z.object({}),
  result: SweepReport,
  cron: "* * * * *",
  timeoutSeconds: 300,
});

export const WORKFLOWS: readonly WorkflowDefinition[] = [
  FREE,
  ENQUEUED,
  SINGLE,
  LOCKED,
  CHILD,
  FAMILY,
  LAUNCH,
  BY_TASK,
  SEVERAL,
  JOINED,
  DISTRIBUTED,
  APPROVED,
  CLEAN_UP,
];
