import type { Range } from "../model/compiled.ts";
import type { CataloguePlan, WorkflowPlan } from "../model/plan.ts";

/** What the tables show of a workflow, by what stands above the column. */
export const MEASURES = [
  ["transitions", ({ transitions }) => transitions, count],
  ["events", ({ events }) => events, count],
  ["Lambda calls", ({ invocations }) => invocations, count],
  ["item writes", ({ writes }) => writes, count],
  ["a run", ({ dollarsPerRun }) => dollarsPerRun, dollars],
  ["a month", ({ dollarsPerMonth }) => dollarsPerMonth, dollars],
] as const satisfies readonly (readonly [
  string,
  (plan: WorkflowPlan) => Range | undefined,
  (value: number) => string,
])[];

function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

/** `$0.000031`: two digits that count. */
export function dollars(value: number): string {
  if (value === 0) return "$0";
  const digits = Math.max(2, 1 - Math.floor(Math.log10(value)));
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

/** `1 / 3 / 12`; a number that nothing bounds is `?`. */
export function rangeText(of: Range | undefined, format: (value: number) => string): string {
  if (of === undefined) return "–";
  const texts = [of.min, of.typical, of.max].map((value) => (value === undefined ? "?" : format(value)));
  return new Set(texts).size === 1 ? (texts[0] ?? "") : texts.join(" / ");
}

/** What a workflow's numbers were, where they are no longer the same: `transitions 1 → 2`. */
export function changes(plan: WorkflowPlan, before: CataloguePlan | undefined): string[] {
  if (before === undefined) return [];
  const old = before.workflows.find(({ workflow }) => workflow === plan.workflow);
  if (old === undefined) return ["new"];
  return MEASURES.flatMap(([name, read, format]) => {
    const [was, is] = [rangeText(read(old), format), rangeText(read(plan), format)];
    return was === is ? [] : [`${name} ${was} → ${is}`];
  });
}

/** Workflows that a plan from before has and this one lacks. */
export function gone(plan: CataloguePlan, before: CataloguePlan | undefined): string[] {
  const names = new Set(plan.workflows.map(({ workflow }) => workflow));
  return (before?.workflows ?? []).map(({ workflow }) => workflow).filter((name) => !names.has(name));
}

export function rateText({ rate, runsPerMonth }: WorkflowPlan): string {
  return rate === undefined ? "no rate" : `${rate}, ${count(runsPerMonth ?? 0)} runs a month`;
}

export function idleText({ dollarsPerMonth, crons, queue, storage }: CataloguePlan["idle"]): string {
  const all = [...Object.entries(crons), ["the queue of events", queue], ["storage", storage]] as const;
  const parts = all.map(([name, value]) => `${name} ${cents(value)}`);
  return `At rest the catalogue costs ${cents(dollarsPerMonth)} a month: ${parts.join(", ")}.`;
}

export function cents(value: number): string {
  return `$${value.toFixed(2)}`;
}
