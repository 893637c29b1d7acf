import type { CataloguePlan, WorkflowPlan } from "../model/plan.ts";
import { styled } from "./output.ts";
import { changes, gone, idleText, MEASURES, rangeText, rateText } from "./plan-numbers.ts";
import { formatTable } from "./table.ts";

/** The plan for people: a block for each workflow, the bill at rest, and what it is based on. */
export function planText(plan: CataloguePlan, before?: CataloguePlan): string {
  const { prices, assumptions, idle } = plan;
  return [
    "minimum / typical / maximum of a run; ? where nothing in the source bounds it",
    ...plan.workflows.map((one) => workflowText(one, changes(one, before))),
    ...gone(plan, before).map((name) => `${styled("bold", name)}  gone`),
    idleText(idle),
    `Prices of ${prices.date}, ${prices.region}. Assumed: ${assumptions.join("; ")}.`,
  ].join("\n\n");
}

function workflowText(plan: WorkflowPlan, changed: readonly string[]): string {
  const { workflow, children, iam, limits, overBudget, payloadBytes } = plan;
  const rows = [
    ...MEASURES.map(([name, read, format]) => [name, rangeText(read(plan), format)]),
    ["payload", payloadText(payloadBytes)],
    ...Object.entries(children).map(([child, runs]) => [`starts ${child}`, rangeText(runs, String)]),
    ...Object.entries(iam).map(([role, actions]) => [`role of ${role}`, actions.join(" ") || "none"]),
    ...limits.map(({ verdict, limit, text }) => [`${verdict} ${limit}`, text]),
    ...overBudget.map((text) => ["over budget", text]),
    ...changed.map((text) => ["changed", text]),
  ];
  return `${styled("bold", workflow)}  ${rateText(plan)}\n${formatTable(rows.map(([name = "", value = ""]) => [`  ${name}`, value]))}`;
}

function payloadText({ parameters, result }: WorkflowPlan["payloadBytes"]): string {
  const bytes = (value: number | undefined): string => (value === undefined ? "? bytes" : `${value} bytes at most`);
  return `parameters ${bytes(parameters)}, result ${bytes(result)}`;
}
