import { afterEach, describe, expect, it, vi } from "vitest";
import { sweepHandler } from "../../../engine/aws/sweep.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { SWEEP_TASK, type TaskPayload } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { fakeAws, type Answer, type Request } from "./fake-aws.ts";

const workflow = { name: "add" } as WorkflowDefinition;
const payload: TaskPayload = {
  task: SWEEP_TASK,
  input: {},
  run: "arn:aws:states:eu-west-1:123456789012:execution:millrace_clean-up-deadlocks:0198c0de-0000-7000-8000-000000000001",
  step: "sweep",
  at: "functions/upkeep/flows.ts:3",
  attempt: 1,
  context: {},
};
const context = {
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:millrace_sweep",
  getRemainingTimeInMillis: () => 300_000,
};
const definition = JSON.stringify({
  StartAt: "a",
  States: {
    a: { Type: "Task", Arguments: { FunctionName: "arn:aws:lambda:eu-west-1:123456789012:function:millrace_git:3" } },
  },
});
const LISTED = "GET /2015-03-31/functions/millrace_git/versions";
const DELETED = "DELETE /2015-03-31/functions/millrace_git?Qualifier=1";
const versions = ["$LATEST", "1", "2", "3"].map((Version) => ({
  Version,
  LastModified: "2026-01-01T00:00:00.000+0000",
}));

function answers(change: { readonly [action: string]: Answer } = {}) {
  return fakeAws((action) => {
    if (change[action] !== undefined) return change[action];
    if (action === "DescribeStateMachine") return { body: { definition } };
    if (action.startsWith(LISTED)) return { body: { Versions: versions } };
    if (action === "ListExecutions") return { body: { executions: [] } };
    return { body: {} };
  });
}

describe("the handler of sweep", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });
  const handler = () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-25T10:30:00Z") });
    vi.stubEnv("MILLRACE_TABLE", "millrace_items");
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
    return sweepHandler([workflow]);
  };

  it("sweeps, and prunes versions once an hour", async () => {
    const requests = (await answers()) as Request[];
    const sweep = handler();
    const actions = () => requests.splice(0).map(({ action }) => action);
    expect(await sweep(payload, context)).toMatchObject({ openRuns: 0, problems: [] });
    const first = actions();
    expect(first).toContain("Query");
    expect(first.filter((action) => action.startsWith("DELETE"))).toEqual([DELETED, DELETED.replace("=1", "=2")]);
    vi.setSystemTime(Date.parse("2026-11-25T11:29:00Z"));
    await sweep(payload, context);
    expect(actions()).not.toContain("DescribeStateMachine");
    vi.setSystemTime(Date.parse("2026-11-25T11:30:00Z"));
    await sweep(payload, context);
    expect(actions()).toContain("DescribeStateMachine");
  });

  it("does not fail where versions cannot be pruned, and says so", async () => {
    await answers({ DescribeStateMachine: { error: "AccessDeniedException", message: "not you", status: 403 } });
    const { problems } = await handler()(payload, context);
    expect(problems).toEqual(["Versions of functions were not pruned: not you"]);
  });

  it("has one task", async () => {
    await expect(handler()({ ...payload, task: "other" }, context)).rejects.toMatchObject({
      name: ErrorName.TASK_NOT_FOUND,
    });
  });
});
