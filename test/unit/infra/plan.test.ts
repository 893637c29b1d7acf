import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stack, Stage } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { planCatalogue } from "../../../engine/compiler/plan-catalogue.ts";
import { CataloguePlan } from "../../../engine/model/plan.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { OWN_NAMES } from "../../../infra/own-functions.ts";
import { roleActions } from "../../../infra/role-actions.ts";
import { WorkflowCatalogue } from "../../../infra/workflow-catalogue.ts";
import { removeStubs, stubApp } from "./stub-stack.ts";
import { ADD, compileStubs, definition } from "./stub-workflows.ts";

vi.mock("../../../engine/compiler/compile.ts", async () => ({
  compileCatalogue: (await import("./stub-workflows.ts")).compileStubs,
}));
afterAll(removeStubs);

function stackOf(more: Partial<WorkflowDefinition>, stub = ADD): Stack {
  const stack = new Stack(stubApp(), "millrace");
  new WorkflowCatalogue(stack, "Catalogue", { workflows: [{ ...definition(stub), ...more }] });
  return stack;
}

interface Document {
  readonly PolicyDocument: { readonly Statement: readonly { readonly Action: string | readonly string[] }[] };
}
interface Policy {
  readonly Properties: Document & { readonly Roles: readonly { readonly Ref: string }[] };
}
interface Role {
  readonly Properties: { readonly Policies?: readonly Document[] };
}

describe("At synth the plan", () => {
  it("warns of limits that are near, and is metadata", () => {
    const stack = stackOf({ parameters: z.object({ text: z.string().max(50_000) }) });
    const warned = Match.stringLikeRegexp("add-repository, over a limit: the bytes of the parameters may be 300,012");
    Annotations.fromStack(stack).hasWarning("/millrace/Catalogue", warned);
    const [metadata] = stack.node.findChild("Catalogue").node.metadata.filter(({ type }) => type === "millrace:plan");
    expect(metadata?.data).toMatchObject({
      idle: expect.closeTo(0.26) as number, // it has no cron; Lambda asks the queue of events all the same
      workflows: [{ workflow: "add-repository", transitions: { min: 2 } }],
    });
  });

  it("is a file of the assembly, which later plans are held against", () => {
    const outdir = Stage.of(stackOf({}))?.assetOutdir ?? "";
    const plan = CataloguePlan.parse(JSON.parse(readFileSync(join(outdir, "plan/millrace/plan.json"), "utf8")));
    expect(plan.workflows.map(({ workflow }) => workflow)).toEqual(["add-repository"]);
  });

  it("refuses what exceeds its budget", () => {
    expect(() => stackOf({ budget: { transitions: 1 } })).toThrowError(
      /has the budget transitions: 1, and nothing bounds/,
    );
  });

  it("names the actions of the roles as the template has them", () => {
    const policies = Object.values(Template.fromStack(stackOf({})).findResources("AWS::IAM::Policy"));
    for (const name of [...OWN_NAMES, "git"]) {
      const own = (policies as unknown as Policy[]).filter(({ Properties: { Roles } }) =>
        Roles.some(({ Ref }) => Ref.startsWith(`CatalogueFunctions${name}Role`)),
      );
      const actions = own.flatMap(({ Properties: { PolicyDocument } }) =>
        PolicyDocument.Statement.flatMap(({ Action }) => Action),
      );
      expect([...new Set(actions)].sort(), name).toEqual(roleActions(name));
    }
  });

  it.each([ADD, { ...ADD, name: "add-many", distributed: true as const }])(
    "names the actions of the machine's role as the template has them: $name",
    (stub) => {
      const roles = Object.values(Template.fromStack(stackOf({}, stub)).findResources("AWS::IAM::Role")) as Role[];
      const policies = roles.flatMap(({ Properties: { Policies = [] } }) => Policies);
      const actions = policies.flatMap(({ PolicyDocument: { Statement } }) =>
        Statement.flatMap(({ Action }) => Action),
      );
      const workflows = [definition(stub)];
      const { workflows: compiled } = compileStubs({ workflows });
      const [plan] = planCatalogue({ workflows, compiled, actionsOf: roleActions }).workflows;
      expect([...new Set(actions)].sort()).toEqual(plan?.iam["machine"]);
    },
  );
});
