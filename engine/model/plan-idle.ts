import type { CompiledWorkflow, Plan, Range } from "./compiled.ts";
import type { CataloguePlan } from "./plan.ts";
import { countsOf, writesOfRun } from "./plan-cost.ts";
import { ASSUMED, PRICES } from "./prices.ts";
import { exactly } from "./range.ts";
import { cronRate, PER_MONTH } from "./rate.ts";
import type { WorkflowDefinition } from "./workflow.ts";

const GIB = 2 ** 30;
/** Of a run that changed nothing, and of every other. */
const RETENTION_DAYS = { unchanged: 1, other: 400 };

/**
 * The bill of a month in which nothing happens: each cron fires and its runs do the least they can; stored is what is
 * kept of them once as much expires as comes. Lambda asks the queue of events all the time; rules, machines and functions
 * cost nothing at rest.
 */
export function idleBill(
  workflows: readonly WorkflowDefinition[],
  compiled: readonly CompiledWorkflow[],
): CataloguePlan["idle"] {
  const crons: { [workflow: string]: number } = {};
  let storage = 0;
  for (const definition of workflows) {
    const plan = compiled.find(({ name }) => name === definition.name)?.plan;
    const rate = cronRate(definition);
    if (plan === undefined || rate === undefined) continue;
    crons[definition.name] = rate.runsPerMonth * (countsOf(definition, least(plan)).dollars.typical ?? 0);
    const { unchanged, other } = RETENTION_DAYS;
    const days = definition.unchanged === undefined ? (definition.retentionDays ?? other) : unchanged;
    const items = writesOfRun(definition).min * (rate.runsPerMonth / PER_MONTH.day) * days;
    storage += ((items * ASSUMED.itemBytes) / GIB) * (PRICES.itemGiBMonth + PRICES.backupGiBMonth);
  }
  const queue = ASSUMED.pollsPerMinute * PER_MONTH.minute * PRICES.queueRequest;
  const dollarsPerMonth = Object.values(crons).reduce((sum, dollars) => sum + dollars, queue + storage);
  return { dollarsPerMonth, crons, queue, storage };
}

/** The cheapest way alone. */
function least(plan: Plan): Plan {
  const lowest = (all: { readonly [name: string]: Range }): { readonly [name: string]: Range } =>
    Object.fromEntries(Object.entries(all).map(([name, { min }]) => [name, exactly(min)]));
  return {
    ...plan,
    transitions: exactly(plan.transitions.min),
    writes: exactly(plan.writes.min),
    calls: lowest(plan.calls),
  };
}
