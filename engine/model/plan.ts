import * as z from "zod";

const PlanRange = z.strictObject({
  min: z.number(),
  typical: z.number().optional(),
  max: z.number().optional(),
});

/** One of the platform's limits that a workflow comes near, exceeds, or may exceed for all that the source says. */
export const LimitNote = z.strictObject({
  limit: z.enum([
    "events",
    "payload",
    "definition",
    "inline-map",
    "state-name",
    "expression-depth",
    "concurrency",
    "timeout",
  ]),
  verdict: z.enum(["near", "over", "unknown"]),
  text: z.string(),
});
export type LimitNote = z.output<typeof LimitNote>;

/** What a run of a workflow counts and costs; what is absent is not known. Dollars contain the child runs. */
export const WorkflowPlan = z.strictObject({
  workflow: z.string(),
  transitions: PlanRange,
  events: PlanRange,
  /** Lambda functions that are invoked, Millrace's own among them. */
  invocations: PlanRange,
  /** Items written. */
  writes: PlanRange,
  /** The largest JSON text by the schemas, in bytes. */
  payloadBytes: z.strictObject({ parameters: z.number().optional(), result: z.number().optional() }),
  dollarsPerRun: PlanRange,
  /** `1000/day`, or the workflow's cron. */
  rate: z.string().optional(),
  runsPerMonth: z.number().optional(),
  dollarsPerMonth: PlanRange.optional(),
  /** Runs that a run starts. */
  children: z.record(z.string(), PlanRange),
  /** Loops that nothing bounds, `functions/git/flows.ts:31`. */
  unbounded: z.array(z.string()),
  /** Actions of the machine's role, and of the roles of the functions that it calls. */
  iam: z.record(z.string(), z.array(z.string())),
  limits: z.array(LimitNote),
  /** How it exceeds the budget of its catalogue entry. */
  overBudget: z.array(z.string()),
});
export type WorkflowPlan = z.output<typeof WorkflowPlan>;

/** What `millrace plan --json` prints. */
export const CataloguePlan = z.strictObject({
  prices: z.strictObject({ date: z.string(), region: z.string() }),
  assumptions: z.array(z.string()),
  workflows: z.array(WorkflowPlan),
  /** What the whole catalogue costs a month while nothing happens: its crons find nothing to do. */
  idle: z.strictObject({
    dollarsPerMonth: z.number(),
    crons: z.record(z.string(), z.number()),
    /** Of requests for events, though none come. */
    queue: z.number(),
    storage: z.number(),
  }),
});
export type CataloguePlan = z.output<typeof CataloguePlan>;
