import type { WorkflowPlan } from "./plan.ts";

/** What a run of a workflow may come to at the most, child runs included in the dollars. */
export interface Budget {
  readonly transitions?: number;
  readonly dollarsPerRun?: number;
  /** Of the workflow's cron. */
  readonly dollarsPerMonth?: number;
}

/** What is wrong with the budget by itself. */
export function budgetProblems(budget: Budget | undefined, cron: string | undefined): string[] {
  if (budget === undefined) return [];
  const wrong = Object.entries(budget).filter(([, value]) => !(Number.isFinite(value) && value > 0));
  return [
    ...wrong.map(([key, value]) => `budget.${key} is ${value}, allowed are numbers above 0`),
    ...(budget.dollarsPerMonth !== undefined && cron === undefined
      ? ["budget.dollarsPerMonth is given without cron, so nothing says how often it runs: use dollarsPerRun"]
      : []),
  ];
}

type Priced = Pick<WorkflowPlan, "workflow" | "transitions" | "dollarsPerRun" | "dollarsPerMonth" | "unbounded">;

/** How a workflow may exceed its budget: its maximum counts, and one that is not known is no maximum. */
export function overBudget(plan: Priced, budget: Budget | undefined): string[] {
  return Object.entries(budget ?? {}).flatMap(([key, allowed]: [string, number]) => {
    const { max } = plan[key as keyof Budget] ?? {};
    const what = `"${plan.workflow}" has the budget ${key}: ${allowed}`;
    if (max === undefined) {
      const where = plan.unbounded.length === 0 ? "a child run or a list of tags" : plan.unbounded.join(", ");
      return [
        `${what}, and nothing bounds it: give ${where} a bound (\`.max(…)\` in the schema, or \`/** @items 500 */\`)`,
      ];
    }
    if (max <= allowed) return [];
    return [`${what}, and comes to ${Number(max.toPrecision(3))}: bound its loops lower, or raise the budget`];
  });
}
