import { overBudget } from "../model/budget.ts";
import type { CompiledWorkflow, Range } from "../model/compiled.ts";
import { everyState, isDistributed } from "../model/every-state.ts";
import { payloadBytes } from "../model/payload-bytes.ts";
import { countsOf } from "../model/plan-cost.ts";
import { idleBill } from "../model/plan-idle.ts";
import type { CataloguePlan, WorkflowPlan } from "../model/plan.ts";
import { ASSUMPTIONS, PRICES } from "../model/prices.ts";
import { exactly, product, range, scaled, sum } from "../model/range.ts";
import { cronRate, type Rate } from "../model/rate.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { limitNotes } from "./plan-limits.ts";

/** What a plan is made of. */
export interface PlanRequest {
  readonly workflows: readonly WorkflowDefinition[];
  readonly compiled: readonly CompiledWorkflow[];
  /** Of the workflows without a cron. */
  readonly rate?: Rate;
  /** The actions that the role of a function has, by substitution. */
  readonly actionsOf: (name: string) => readonly string[];
}

/** What the runs of a catalogue cost, and which limits they come near. */
export function planCatalogue(request: PlanRequest): CataloguePlan {
  const { workflows, compiled } = request;
  return {
    prices: { date: PRICES.date, region: PRICES.region },
    assumptions: [...ASSUMPTIONS],
    workflows: compiled.flatMap((one) => {
      const definition = workflows.find(({ name }) => name === one.name);
      return definition === undefined ? [] : [planWorkflow(definition, one, request)];
    }),
    idle: idleBill(workflows, compiled),
  };
}

/** How the workflows may exceed the budgets of their entries, and budgets that nothing can be held against. */
export function budgetFindings(
  workflows: readonly WorkflowDefinition[],
  compiled: readonly CompiledWorkflow[],
): string[] {
  if (workflows.every(({ budget }) => budget === undefined)) return [];
  return planCatalogue({ workflows, compiled, actionsOf: () => [] }).workflows.flatMap(({ overBudget: over }) => over);
}

function planWorkflow(definition: WorkflowDefinition, compiled: CompiledWorkflow, request: PlanRequest): WorkflowPlan {
  const { plan } = compiled;
  const { transitions, events, invocations, writes } = countsOf(definition, plan);
  const dollarsPerRun = dollarsWithChildren(definition.name, request, []);
  const rate = cronRate(definition) ?? request.rate;
  const unbounded = plan.loops.filter(({ max }) => max === undefined).map(({ at }) => at);
  const [parameters, result] = [payloadBytes(definition.parameters), payloadBytes(definition.result)];
  const known = {
    workflow: definition.name,
    transitions,
    dollarsPerRun,
    ...(rate === undefined ? {} : { dollarsPerMonth: scaled(dollarsPerRun, rate.runsPerMonth) }),
    unbounded: [...new Set(unbounded)],
  };
  return {
    ...known,
    events,
    invocations,
    writes,
    payloadBytes: { ...(parameters === undefined ? {} : { parameters }), ...(result === undefined ? {} : { result }) },
    ...(rate === undefined ? {} : { rate: rate.text, runsPerMonth: rate.runsPerMonth }),
    children: { ...plan.children },
    iam: iamOf(compiled, request),
    limits: limitNotes(definition, compiled, request.workflows),
    overBudget: overBudget(known, definition.budget),
  };
}

/** A workflow that starts itself, by others too, has no upper bound. */
function dollarsWithChildren(workflow: string, request: PlanRequest, above: readonly string[]): Range {
  const definition = request.workflows.find(({ name }) => name === workflow);
  const plan = request.compiled.find(({ name }) => name === workflow)?.plan;
  if (definition === undefined || plan === undefined || above.includes(workflow)) return range(0, undefined, undefined);
  const children = Object.entries(plan.children).map(([child, runs]) =>
    product(runs, dollarsWithChildren(child, request, [...above, workflow])),
  );
  return sum(exactly(0), countsOf(definition, plan).dollars, ...children);
}

/** A distributed Map starts executions of its own machine, and waits for them. */
const ACTIONS_OF_ITEMS = ["DescribeExecution", "RedriveExecution", "StartExecution", "StopExecution"];

function iamOf({ functions, machine }: CompiledWorkflow, { actionsOf }: PlanRequest): { [role: string]: string[] } {
  const calls = functions.length === 0 ? [] : ["lambda:InvokeFunction"];
  const starts = everyState(machine.States).some(([, state]) => isDistributed(state));
  const items = starts ? ACTIONS_OF_ITEMS.map((action) => `states:${action}`) : [];
  return {
    machine: [...calls, ...items],
    ...Object.fromEntries(functions.map((name) => [name, [...actionsOf(name)]])),
  };
}
