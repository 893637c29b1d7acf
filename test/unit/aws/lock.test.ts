import { afterEach, describe, expect, it, vi } from "vitest";
import { lockHandler, type LockFunction } from "../../../engine/aws/lock.ts";
import type { AcquireLocks } from "../../../engine/model/wire.ts";
import { fakeAws } from "./fake-aws.ts";

const context = {
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:millrace_lock",
  getRemainingTimeInMillis: () => 30_000,
};
const acquire: AcquireLocks = {
  acquire: { namespace: "repository", name: "backbone" },
  run: "arn:aws:states:eu-west-1:123456789012:execution:millrace_merge:0198c0de-0000-7000-8000-000000000001",
  step: "acquire lock",
  at: "functions/git/flows.ts:3",
  entered: "2026-11-25T01:00:00.000Z",
  attempt: 1,
  token: "the token",
  context: {},
  drainSeconds: 900,
};

describe("the handler of lock", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const invoke = (request: Parameters<LockFunction>[0]) => {
    vi.stubEnv("MILLRACE_TABLE", "millrace_items");
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
    return lockHandler([])(request, context);
  };

  it("answers the token of a state with the lock that it takes", async () => {
    const Attributes = { pk: { S: "LOCK#repository.backbone" }, sk: { S: "#" }, fence: { N: "3" } };
    const requests = await fakeAws((action) => ({ body: action === "UpdateItem" ? { Attributes } : {} }));
    expect(await invoke(acquire)).toBeNull();
    const output = JSON.stringify({ name: "repository.backbone", fence: 3 });
    expect(requests.at(-1)).toEqual({ action: "SendTaskSuccess", body: { taskToken: "the token", output } });
  });

  it("wakes the state that a task has passed a lock on to, and says whether it still waited", async () => {
    const wake = { token: "the token", answer: { output: { name: "repository.backbone", fence: 4 } } };
    await fakeAws(() => ({ body: {} }));
    expect(await invoke(wake)).toBe("answered");
  });

  it("says so where it waited no longer", async () => {
    await fakeAws(() => ({ error: "TaskTimedOut" }));
    expect(await invoke({ token: "the token", answer: { output: null } })).toBe("gone");
  });
});
