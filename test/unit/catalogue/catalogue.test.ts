import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { dailyMinute } from "../../../catalogue/daily-minute.ts";
import { GIT_REPOSITORIES_SYNC, GIT_REPOSITORY_ADD } from "../../../catalogue/git.ts";
import { WORKFLOWS } from "../../../catalogue/index.ts";
import { ANONYMOUS_TELEMETRY_SEND } from "../../../catalogue/telemetry.ts";
import { CUSTOM_VALIDATION } from "../../../catalogue/validation.ts";
import { checkParameters, defineWorkflow, staticTags } from "../../../engine/model/workflow.ts";
import { loadCatalogue } from "../../../engine/runtime/load.ts";
import { AddRepository, RepositoryAdded } from "../../../functions/git/models.ts";

describe("catalogue", () => {
  it("lists every exported workflow", async () => {
    expect(await loadCatalogue(".")).toBe(WORKFLOWS);
  });

  it("names flows that exist", async () => {
    for (const { module, function: name } of WORKFLOWS) {
      const loaded = (await import(pathToFileURL(resolve("functions", `${module}.ts`)).href)) as {
        [name: string]: unknown;
      };
      expect(loaded[name], `${module}#${name}`).toBeTypeOf("function");
    }
  });

  it("has the original's names, types and tags", () => {
    expect(WORKFLOWS.map(({ name }) => name).sort()).toEqual([
      "anonymous_telemetry_send",
      "clean-up-deadlocks",
      "custom-validation-workflow",
      "git-repository-add-read-write",
      "git_repositories_sync",
    ]);
    expect(staticTags(GIT_REPOSITORY_ADD)).toEqual([
      "infrahub.app",
      "infrahub.app/workflow-type/core",
      "infrahub.app/database-change",
    ]);
    expect(staticTags(CUSTOM_VALIDATION)).toContain("infrahub.app/workflow-type/user");
    expect(staticTags(ANONYMOUS_TELEMETRY_SEND)).toEqual(["infrahub.app/workflow-type/internal"]);
  });

  it("has the original's crons and limits", () => {
    expect(GIT_REPOSITORIES_SYNC).toMatchObject({
      type: "internal",
      cron: "* * * * *",
      concurrencyLimit: 1,
      concurrencyStrategy: "CANCEL_NEW",
    });
  });

  it("fills in what a caller leaves out and refuses what no run could use", () => {
    const given = { location: "/srv/x", repositoryName: "x" };
    expect(checkParameters(GIT_REPOSITORY_ADD, given)).toEqual({ ...given, repositoryId: null, branchName: "main" });
    expect(() => checkParameters(GIT_REPOSITORY_ADD, { ...given, location: "../x" })).toThrow(
      /location: must be an absolute/,
    );
    expect(() => checkParameters(GIT_REPOSITORY_ADD, { ...given, repositoryName: " " })).toThrow(
      /repositoryName: must not/,
    );
    expect(() => checkParameters(GIT_REPOSITORY_ADD, { ...given, branchName: "a#b" })).toThrow(
      /branchName: must be letters/,
    );
    expect(() => checkParameters(CUSTOM_VALIDATION, { objectKind: "Repository" })).toThrow(/branchName/);
  });

  it("holds a definition against the flow's own types", () => {
    const fitting = { name: "x", module: "git/flows", function: "addRepository" } as const;
    const [parameters, result] = [AddRepository, RepositoryAdded];
    defineWorkflow({ ...fitting, parameters, result });
    // @ts-expect-error no such file
    defineWorkflow({ ...fitting, module: "git/flow", parameters, result });
    // @ts-expect-error no such function
    defineWorkflow({ ...fitting, function: "addRepositories", parameters, result });
    // @ts-expect-error the function of another file
    defineWorkflow({ ...fitting, function: "validateObjects", parameters, result });
    // @ts-expect-error parameters that the flow does not take
    defineWorkflow({ ...fitting, parameters: z.object({ location: z.string() }), result });
    // @ts-expect-error a result that the flow does not give
    defineWorkflow({ ...fitting, parameters, result: z.number() });
  });
});

describe("the daily minute", () => {
  it("is a minute, the same for a deployment every time, and spread over deployments", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (deployment, workflow) => {
        const minute = dailyMinute(deployment, workflow);
        expect(minute).toBe(dailyMinute(deployment, workflow));
        expect(Number.isInteger(minute) && minute >= 0 && minute <= 59).toBe(true);
      }),
    );
    const minutes = new Set(Array.from({ length: 1000 }, (_, index) => dailyMinute(`stack-${index}`, "w")));
    expect(minutes.size).toBe(60);
  });

  it("makes a cron of it that fires once a day after two", async () => {
    vi.stubEnv("MILLRACE_STACK", "other-stack");
    vi.resetModules();
    const { ANONYMOUS_TELEMETRY_SEND: other } = await import("../../../catalogue/telemetry.ts");
    vi.unstubAllEnvs();
    expect(other.cron).toBe(`${dailyMinute("other-stack", "anonymous_telemetry_send")} 2 * * *`);
    const [first, second] = new Cron(other.cron ?? "", { timezone: "UTC" }).nextRuns(
      2,
      new Date("2026-03-01T00:00:00Z"),
    );
    expect(first?.getUTCHours()).toBe(2);
    expect((second?.getTime() ?? 0) - (first?.getTime() ?? 0)).toBe(24 * 60 * 60 * 1000);
  });
});
