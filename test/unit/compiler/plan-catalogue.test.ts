import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { WORKFLOWS } from "../../../catalogue/index.ts";
import { cents, idleText, rangeText } from "../../../engine/cli/plan-numbers.ts";
import { planMarkdown } from "../../../engine/cli/plan-markdown.ts";
import { planText } from "../../../engine/cli/plan-text.ts";
import { compileCatalogue } from "../../../engine/compiler/compile.ts";
import { budgetFindings, planCatalogue } from "../../../engine/compiler/plan-catalogue.ts";
import type { CompiledWorkflow, Plan, Range } from "../../../engine/model/compiled.ts";
import { CataloguePlan } from "../../../engine/model/plan.ts";
import { PRICES } from "../../../engine/model/prices.ts";
import { parseRate } from "../../../engine/model/rate.ts";
import { sourceOf, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { roleActions } from "../../../infra/role-actions.ts";
import { workflow } from "../coordination/definitions.ts";

const ROOT = join(import.meta.dirname, "../../..");
const { workflows: compiled } = compileCatalogue({ root: ROOT, workflows: WORKFLOWS.map(sourceOf) });
const PLAN = planCatalogue({ workflows: WORKFLOWS, compiled, rate: parseRate("1000/day"), actionsOf: roleActions });

function stub(name: string, transitions: Range, more: Partial<Plan> = {}): CompiledWorkflow {
  const plan: Plan = {
    transitions,
    events: transitions,
    writes: { min: 0, typical: 0, max: 0 },
    calls: {},
    children: {},
    loops: [],
    ...more,
  };
  const machine = { QueryLanguage: "JSONata", StartAt: "", States: {} } as const;
  return { name, machine, sourceMap: {}, tasks: [], functions: [], children: [], plan };
}

const planned = (workflows: readonly WorkflowDefinition[], machines: readonly CompiledWorkflow[]): CataloguePlan =>
  planCatalogue({ workflows, compiled: machines, actionsOf: () => [] });

describe("The plan of the catalogue", () => {
  it("keeps the schema that it publishes, over the wire too", () => {
    expect(CataloguePlan.parse(JSON.parse(JSON.stringify(PLAN)))).toEqual(PLAN);
    expect(PLAN.workflows.map((one) => one.workflow)).toEqual(WORKFLOWS.map(({ name }) => name));
  });

  it("has a schema that is published", () => {
    const published = JSON.parse(readFileSync(join(ROOT, "docs/plan.schema.json"), "utf8")) as unknown;
    expect(published).toEqual(z.toJSONSchema(CataloguePlan));
  });

  it("has the bill at rest of the README", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    expect(readme).toContain(`${cents(PLAN.idle.dollarsPerMonth)} a month`);
    expect(idleText(PLAN.idle)).toContain("clean-up-deadlocks");
    const crons = Object.values(PLAN.idle.crons).reduce((sum, value) => sum + value, 0);
    expect(PLAN.idle.dollarsPerMonth).toBeCloseTo(crons + PLAN.idle.queue + PLAN.idle.storage);
    expect(PLAN.idle.queue).toBeCloseTo(15 * 43_800 * PRICES.queueRequest);
    // 43,800 fires a month cost a transition each, and not twice as much.
    expect(PLAN.idle.crons["clean-up-deadlocks"]).toBeGreaterThan(43_800 * PRICES.transition);
    expect(PLAN.idle.crons["clean-up-deadlocks"]).toBeLessThan(2 * 43_800 * PRICES.transition);
  });

  it("says a cron at its own rate, and others at the one that is asked for", () => {
    expect(PLAN.workflows.map(({ rate }) => rate)).toEqual(WORKFLOWS.map(({ cron }) => cron ?? "1000/day"));
  });

  it("adds the child runs that are started", () => {
    const children = { child: { min: 0, typical: 2, max: 3 } };
    const one: Range = { min: 1, typical: 1, max: 1 };
    const [, child, parent] = planned(
      [workflow("alone"), workflow("child"), workflow("parent")],
      [stub("alone", one), stub("child", one), stub("parent", one, { children })],
    ).workflows;
    expect(parent?.dollarsPerRun.min).toBe(child?.dollarsPerRun.min);
    expect(parent?.dollarsPerRun.typical).toBeCloseTo(3 * (child?.dollarsPerRun.typical ?? 0), 12);
    expect(parent?.dollarsPerRun.max).toBeCloseTo(4 * (child?.dollarsPerRun.max ?? 0), 12);
  });

  it("has no upper bound for a workflow that starts itself", () => {
    const one: Range = { min: 1, typical: 1, max: 1 };
    const children = { again: { min: 0, typical: 0, max: 1 } };
    const [plan] = planned([workflow("again")], [stub("again", one, { children })]).workflows;
    expect(plan?.dollarsPerRun.max).toBe(undefined);
    expect(plan?.dollarsPerRun.typical).toBeGreaterThan(0);
  });
});

describe("A budget", () => {
  const machines = [stub("w", { min: 1, typical: 5, max: 10 })];
  const found = (budget: WorkflowDefinition["budget"], given = machines): string[] =>
    budgetFindings([workflow("w", budget === undefined ? {} : { budget })], given);

  it("is kept by a maximum below it", () => {
    expect(found(undefined)).toEqual([]);
    expect(found({ transitions: 10, dollarsPerRun: 0.01 })).toEqual([]);
  });

  it("is exceeded by a maximum above it", () => {
    expect(found({ transitions: 9 })).toEqual([
      '"w" has the budget transitions: 9, and comes to 10: bound its loops lower, or raise the budget',
    ]);
    expect(found({ dollarsPerRun: 0.0001 })).toHaveLength(1);
  });

  it("is exceeded by what nothing bounds, which is named", () => {
    const loops = [{ at: "functions/a/flows.ts:3", kind: "loop" as const }];
    expect(found({ transitions: 100 }, [stub("w", { min: 1 }, { loops })])[0]).toContain(
      "nothing bounds it: give functions/a/flows.ts:3 a bound",
    );
  });
});

describe("The plan as text", () => {
  it("says minimum, typical and maximum, and what is unknown", () => {
    expect(rangeText({ min: 1, typical: 2, max: 3 }, String)).toBe("1 / 2 / 3");
    expect(rangeText({ min: 1 }, String)).toBe("1 / ? / ?");
    expect(rangeText({ min: 4, typical: 4, max: 4 }, String)).toBe("4");
    expect(planText(PLAN)).toContain("custom-validation-workflow");
  });

  it("is a table for a pull request, with what has changed", () => {
    const [first, ...others] = PLAN.workflows;
    if (first === undefined) throw new Error("The catalogue is empty.");
    const before = {
      ...PLAN,
      workflows: [{ ...first, transitions: { min: 1 } }, { ...first, workflow: "old" }, ...others.slice(1)],
    };
    const text = planMarkdown(PLAN, before);
    expect(text.split("\n").filter((line) => line.startsWith("| `"))).toHaveLength(WORKFLOWS.length);
    expect(text).toContain(`changed: transitions 1 / ? / ? → ${rangeText(first.transitions, String)}`);
    expect(text).toContain(`\`${others[0]?.workflow}\` changed: new`);
    expect(text).toContain("`old` is gone");
  });
});
