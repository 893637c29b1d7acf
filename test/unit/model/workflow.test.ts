import { describe, expect, it } from "vitest";
import * as z from "zod";
import { catalogueProblems, SWEEP_WORKFLOW, sweepProblems } from "../../../engine/model/catalogue.ts";
import { EndedRun } from "../../../engine/model/ended-run.ts";
import { defineLimit } from "../../../engine/model/limit.ts";
import { MillraceError } from "../../../engine/model/errors.ts";
import { renderRunName } from "../../../engine/model/run-name.ts";
import { parameterFields } from "../../../engine/model/schema.ts";
import {
  checkParameters,
  definitionProblems,
  sourceOf,
  staticTags,
  WorkflowType,
  type WorkflowDefinition,
} from "../../../engine/model/workflow.ts";

const PARAMETERS = z.object({ location: z.string(), branch: z.string().default("main") });

function definition(changes: Partial<WorkflowDefinition> = {}): WorkflowDefinition {
  return {
    name: "add-repository",
    type: WorkflowType.CORE,
    module: "git/flows",
    function: "addRepository",
    parameters: PARAMETERS,
    result: z.null(),
    tags: [],
    ...changes,
  };
}

describe("a workflow's definition", () => {
  it("is accepted as the original writes it", () => {
    expect(definitionProblems(definition({ name: "git_repositories_sync" }))).toEqual([]);
    for (const cron of ["* * * * *", "*/5 1-3,5 * JAN-MAR mon", "0 2 1,15 * 0-5/2"]) {
      expect(definitionProblems(definition({ cron, cronParameters: { location: "x" } }))).toEqual([]);
    }
  });

  it.each<[string, Partial<WorkflowDefinition>, RegExp]>([
    ["a name with capitals", { name: "AddRepository" }, /lower-case words/],
    ["a name that is too long", { name: "a".repeat(50) }, /50 characters, allowed are 49/],
    ["a module that is a path", { module: "functions/git/flows.ts" }, /must look like "git\/flows"/],
    ["a cron of six fields", { cron: "0 * * * * *", cronParameters: { location: "x" } }, /five fields of unix cron/],
    ["a cron in AWS's dialect", { cron: "0 2 ? * 1", cronParameters: { location: "x" } }, /five fields of unix cron/],
    ["a last day of the month", { cron: "0 0 L * *", cronParameters: { location: "x" } }, /five fields of unix cron/],
    ["a minute that is none", { cron: "61 * * * *", cronParameters: { location: "x" } }, /"61 \* \* \* \*".*not valid/],
    ["a cron that never fires", { cron: "0 0 31 2 *", cronParameters: { location: "x" } }, /never fires/],
    ["an unknown zone", { cron: "* * * * *", timezone: "Mars/X", cronParameters: { location: "x" } }, /"Mars\/X"/],
    ["a cron start that would fail", { cron: "* * * * *" }, /would fail its parameters \(location:/],
    ["a zone without cron", { timezone: "UTC" }, /timezone is given without cron/],
    ["cron parameters without cron", { cronParameters: {} }, /cronParameters is given without cron/],
    ["a timeout of zero", { timeoutSeconds: 0 }, /timeoutSeconds is 0, allowed/],
    ["an unknown parameter in its run name", { runName: "Add {url}" }, /\{url\}.*it has \{location\}, \{branch\}/],
    [
      "a transform",
      { parameters: z.object({ a: z.string().transform((s) => s.length) }) },
      /"a" transforms|transforms/,
    ],
    ["a limit of zero", { concurrencyLimit: 0 }, /from 1 to 90, not 0/],
    ["a negative limit", { concurrencyLimit: -1 }, /from 1 to 90, not -1/],
    ["a limit above 90", { concurrencyLimit: 91 }, /from 1 to 90, not 91/],
    ["a key without a limit", { concurrencyKey: "{branch}" }, /concurrencyKey is given without concurrencyLimit/],
    ["a key of an unknown parameter", { concurrencyLimit: 1, concurrencyKey: "{repo}" }, /\{repo\}.*\{location\}/],
    ["a key that names nothing", { concurrencyLimit: 1, concurrencyKey: "all" }, /names no parameter/],
    ["an unknown strategy", { concurrencyLimit: 1, concurrencyStrategy: "DROP" as "ENQUEUE" }, /"DROP".*CANCEL_NEW/],
    [
      "a time in line where nobody waits",
      { concurrencyLimit: 1, concurrencyStrategy: "CANCEL_NEW", queueTimeoutSeconds: 5 },
      /CANCEL_NEW, where no run waits/,
    ],
    ["a key that has a brace alone", { concurrencyLimit: 1, concurrencyKey: "a{branch" }, /names no parameter/],
    ["a time in line of zero", { concurrencyLimit: 1, queueTimeoutSeconds: 0 }, /queueTimeoutSeconds is 0/],
    ["an unknown priority", { priority: "urgent" as "high" }, /"urgent", allowed are high, medium, low/],
    [
      "a cron on a limit that never frees",
      { cron: "* * * * *", cronParameters: { location: "x" }, concurrencyLimit: 1 },
      /give timeoutSeconds/,
    ],
    ["a retention of no day", { retentionDays: 0 }, /retentionDays is 0/],
    ["coercion", { parameters: z.object({ a: z.coerce.number() }) }, /"a" transforms/],
    [
      "a default below the top",
      { parameters: z.object({ a: z.object({ b: z.string().default("x") }) }) },
      /"a" has a default below/,
    ],
    ["parameters that are no object", { parameters: z.string() }, /must be a z\.object/],
    ["no result", { result: undefined as unknown as z.ZodType }, /result must be the zod schema/],
    ["parameters that are no JSON", { parameters: z.object({ at: z.date() }) }, /plain JSON/],
  ])("refuses %s", (_, changes, problem) => {
    expect(definitionProblems(definition(changes)).join("; ")).toMatch(problem);
  });

  it("refuses everything at once", () => {
    expect(definitionProblems(definition({ name: "X", timeoutSeconds: -1, runName: "{nope}" }))).toHaveLength(3);
  });

  it("gives the compiler its fields with their defaults", () => {
    expect(sourceOf(definition()).parameters).toEqual([
      { name: "location", required: true },
      { name: "branch", required: false, default: "main" },
    ]);
    expect(parameterFields(z.object({ list: z.array(z.string()).default(["a"]) }))).toEqual({
      ok: true,
      value: [{ name: "list", required: false, default: ["a"] }],
    });
  });

  it("marks the runs of workflows that users see", () => {
    expect(staticTags(definition())).toEqual(["infrahub.app", "infrahub.app/workflow-type/core"]);
    expect(staticTags(definition({ type: WorkflowType.INTERNAL }))).toEqual(["infrahub.app/workflow-type/internal"]);
  });

  it("checks parameters and fills in defaults", () => {
    expect(checkParameters(definition(), { location: "x" })).toEqual({ location: "x", branch: "main" });
    const refused = (): unknown => checkParameters(definition(), { location: 5 });
    expect(refused).toThrow(MillraceError);
    expect(refused).toThrow(/"add-repository" does not take these parameters: location: .*Given: \{"location":5\}/);
  });
});

describe("a run's name", () => {
  it("takes parameters, also below the top, and drops what is absent", () => {
    expect(renderRunName("Add {model.name} to {branch}{x}", { model: { name: "r1" }, branch: "main" })).toBe(
      "Add r1 to main",
    );
  });
});

describe("a catalogue", () => {
  it("refuses a name twice and an export that the list lacks", () => {
    const [first, second] = [definition(), definition({ function: "other" })];
    const problems = catalogueProblems(
      [first, second],
      [["catalogue/git.ts", { FIRST: first, THIRD: definition({ name: "third" }) }]],
    );
    expect(problems).toEqual([
      'The catalogue lists "add-repository" 2 times: give each workflow a name of its own',
      "catalogue/git.ts exports THIRD, which WORKFLOWS in catalogue/index.ts lacks: add it there",
    ]);
  });

  it("refuses hooks that are not there, do not take EndedRun, or have hooks themselves", () => {
    const hook = definition({ name: "hook", parameters: EndedRun });
    const problems = (options: Partial<WorkflowDefinition>, ...others: WorkflowDefinition[]) =>
      catalogueProblems([definition(options), ...others], []);
    expect(problems({ onFailure: "hook", onCancel: "hook" }, hook)).toEqual([]);
    expect(problems({ onFailure: "hook" })).toMatchObject([expect.stringContaining("lacks") as string]);
    expect(problems({ onCancel: "hook" }, definition({ name: "hook" })).join()).toContain("EndedRun");
    expect(problems({ onFailure: "hook" }, { ...hook, onFailure: "add-repository" }).join()).toContain("for ever");
  });

  it("refuses one limit with two numbers", () => {
    const limited = (name: string, limit: WorkflowDefinition["concurrencyLimit"]) =>
      definition({ name, ...(limit === undefined ? {} : { concurrencyLimit: limit }) });
    const [two, three] = [2, 3].map((limit) => defineLimit({ name: "git", limit }));
    expect(catalogueProblems([limited("a", two), limited("b", two)], [])).toEqual([]);
    expect(catalogueProblems([limited("a", two), limited("b", three)], [])).toHaveLength(1);
    expect(catalogueProblems([limited("git", 3), limited("b", two)], [])).toHaveLength(1);
  });

  it("refuses a run that may hang under a limit that a cron shares", () => {
    const limit = { concurrencyLimit: defineLimit({ name: "git", limit: 1 }) };
    const nightly = definition({ name: "nightly", cron: "0 2 * * *", timeoutSeconds: 60, ...limit });
    const problems = (other: Partial<WorkflowDefinition>) => catalogueProblems([nightly, definition(other)], []);
    expect(problems(limit).join()).toContain('"add-repository" stands under one limit with the cron of "nightly"');
    expect(problems({ ...limit, timeoutSeconds: 60 })).toEqual([]);
    expect(problems({})).toEqual([]);
  });

  it("is refused by check without the sweep, or with a sweep that waits", () => {
    const sweep = definition({ name: SWEEP_WORKFLOW, cron: "* * * * *", parameters: z.object({}) });
    expect(sweepProblems([sweep])).toEqual([]);
    expect(sweepProblems([definition()]).join()).toContain("CLEAN_UP_DEADLOCKS");
    expect(sweepProblems([{ ...sweep, concurrencyLimit: 1 }]).join()).toContain("take the limit off it");
  });
});
