import { Validations, type App } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, describe, expect, it, vi } from "vitest";
import { removeStubs, stubStack } from "./stub-stack.ts";
import { ADD, CHECK, MERGE, SEND, SWEEP } from "./stub-workflows.ts";

vi.mock("../../../engine/compiler/compile.ts", async () => ({
  compileCatalogue: (await import("./stub-workflows.ts")).compileStubs,
}));
afterAll(removeStubs);

const stack = stubStack([ADD, CHECK, SEND, SWEEP, MERGE]);

/** Accepted findings, `path: rule`, without the part that all have in common. */
const FROZEN = [
  "Functions/git/Role: IAM5[Resource::<CatalogueStorageBlobs6BC51E9B.Arn>/git/*]",
  "Functions/git/Role: IAM5[Resource::<CatalogueStorageBlobs6BC51E9B.Arn>/runs/*]",
  "Functions/lock/Role: IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:millrace_*]",
  "Functions/settle/Role: IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:millrace_*:*]",
  "Functions/settle/Role: IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:millrace_*]",
  "Functions/submit/Role: IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:millrace_*:*]",
  "Functions/submit/Role: IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:millrace_*]",
  "Functions/sweep/Role: IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:millrace_*:*]",
  "Functions/sweep/Role: IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:millrace_*]",
  "Functions/sweep/Role: IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:millrace_*:*]",
  "Functions/sweep/Role: IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:millrace_*]",
  "Functions/validation/Role: IAM5[Resource::<CatalogueStorageBlobs6BC51E9B.Arn>/runs/*]",
  "Functions/validation/Role: IAM5[Resource::<CatalogueStorageBlobs6BC51E9B.Arn>/validation/*]",
  "Machines/Role-git+lock+submit: IAM5[Resource::<CatalogueFunctionsgitFunction787A9E32.Arn>:*]",
  "Machines/Role-git+validation: IAM5[Resource::<CatalogueFunctionsgitFunction787A9E32.Arn>:*]",
  "Machines/Role-git+validation: IAM5[Resource::<CatalogueFunctionsvalidationFunctionF88BA93A.Arn>:*]",
  "Machines/Role-git: IAM5[Resource::<CatalogueFunctionsgitFunction787A9E32.Arn>:*]",
  "Machines/Role-validation: IAM5[Resource::<CatalogueFunctionsvalidationFunctionF88BA93A.Arn>:*]",
  "Machines/add-repository: SF1",
  "Machines/add-repository: SF2",
  "Machines/check-objects: SF1",
  "Machines/check-objects: SF2",
  "Machines/merge: SF1",
  "Machines/merge: SF2",
  "Machines/send_counts: SF1",
  "Machines/send_counts: SF2",
  "Machines/sweep: SF1",
  "Machines/sweep: SF2",
  "Schedules/SubmitFailed: SQS3",
  "Schedules/Undelivered: SQS3",
  "Storage/Blobs: S1",
];

interface Acceptance {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}

function acceptances(): Acceptance[] {
  return stack.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as { [id: string]: string }))
      .map(([id, reason]) => ({
        path: node.path.replace("millrace/Catalogue/", ""),
        rule: id.replace("Annotation::AwsSolutions-", ""),
        reason,
      })),
  );
}

describe("cdk-nag", () => {
  it("passes, with the accepted findings that are written down here", () => {
    const accepted = acceptances();
    expect(accepted.map(({ path, rule }) => `${path}: ${rule}`).sort()).toEqual(FROZEN);
    for (const { reason } of accepted) expect(reason.length).toBeGreaterThan(40);

    const app = stack.node.root as App;
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });

  it("finds what is accepted: no acceptance outlives its finding", () => {
    const strict = new AwsSolutionsChecks();
    Object.defineProperty(strict, "isAcknowledged", { value: () => false });
    const findings = strict.validateScope(stack).violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = "" }) => {
        const path = constructPath.replace("millrace/Catalogue/", "").replace(/(\/DefaultPolicy)?\/Resource$/, "");
        return `${path}: ${ruleName.replace("AwsSolutions-", "")}`;
      }),
    );
    expect(findings.sort()).toEqual(FROZEN);
  });
});
