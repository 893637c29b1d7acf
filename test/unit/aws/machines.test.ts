import { SFNClient } from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { sfnMachines } from "../../../engine/aws/machines.ts";
import type { ListedExecution, Machines } from "../../../engine/coordination/world.ts";
import { executionArn } from "../../../engine/model/wire.ts";
import { fakeAws, type Answer } from "./fake-aws.ts";

const arnOf = (workflow: string, run: string) => executionArn("eu-west-1", "1", "millrace", workflow, run);
const stateMachineArn = "arn:aws:states:eu-west-1:1:stateMachine:millrace_add";

async function machines(answer: (action: string, body: Record<string, unknown>) => Answer) {
  const requests = await fakeAws(answer);
  return { requests, machines: sfnMachines(new SFNClient(), arnOf) };
}

describe("a callback token", () => {
  it("is answered with an output, or with an error", async () => {
    const { machines: those, requests } = await machines(() => ({ body: {} }));
    expect(await those.answer("token", { output: { id: 1 } })).toBe("answered");
    expect(await those.answer("token", { error: { name: "Boom", cause: "because" } })).toBe("answered");
    expect(requests).toEqual([
      { action: "SendTaskSuccess", body: { taskToken: "token", output: '{"id":1}' } },
      { action: "SendTaskFailure", body: { taskToken: "token", error: "Boom", cause: "because" } },
    ]);
  });

  it("is answered with an error that Step Functions takes, however long it is", async () => {
    const { machines: those, requests } = await machines(() => ({ body: {} }));
    await those.answer("token", { error: { name: "x".repeat(300), cause: "y".repeat(40_000) } });
    expect(requests[0]?.body).toMatchObject({ error: "x".repeat(256), cause: "y".repeat(32_768) });
  });

  it.each(["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])(
    "is gone where Step Functions says %s",
    async (error) => {
      const { machines: those } = await machines(() => ({ error }));
      expect(await those.answer("token", { output: null })).toBe("gone");
    },
  );

  it("is not known to be gone where the request itself fails", async () => {
    const { machines: those } = await machines(() => ({ error: "AccessDeniedException", status: 403 }));
    await expect(those.answer("token", { output: null })).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("a list of executions", () => {
  const listed = (name: string, status: string, startDate: number, stopDate?: number) => ({
    executionArn: arnOf("add", name),
    status,
    startDate,
    stopDate,
  });
  const collect = (those: Machines, which: Parameters<Machines["list"]>[1]): Promise<ListedExecution[]> =>
    Array.fromAsync(those.list("add", which));

  it("has all that run, page by page of a thousand", async () => {
    const { machines: those, requests } = await machines((_, { nextToken }) =>
      nextToken === undefined
        ? { body: { executions: [listed("b", "RUNNING", 2)], nextToken: "more" } }
        : { body: { executions: [listed("a", "RUNNING", 1)] } },
    );
    expect(await collect(those, "RUNNING")).toEqual([
      { execution: arnOf("add", "b"), status: "RUNNING", startedAt: 2_000 },
      { execution: arnOf("add", "a"), status: "RUNNING", startedAt: 1_000 },
    ]);
    const asked = { stateMachineArn, maxResults: 1_000, statusFilter: "RUNNING" };
    expect(requests.map(({ body }) => body)).toEqual([asked, { ...asked, nextToken: "more" }]);
  });

  it("has those that have started since a moment and ended, and reads no further", async () => {
    const { machines: those, requests } = await machines(() => ({
      body: {
        executions: [
          listed("d", "RUNNING", 40),
          listed("c", "SUCCEEDED", 30, 31),
          listed("b", "ABORTED", 20, 50),
          listed("a", "FAILED", 10, 60),
        ],
        nextToken: "more",
      },
    }));
    expect(await collect(those, { endedSince: 20_000 })).toEqual([
      { execution: arnOf("add", "c"), status: "SUCCEEDED", startedAt: 30_000, endedAt: 31_000 },
      { execution: arnOf("add", "b"), status: "ABORTED", startedAt: 20_000, endedAt: 50_000 },
    ]);
    expect(requests).toHaveLength(1);
  });

  it("is empty where the machine is not deployed", async () => {
    const { machines: those } = await machines(() => ({ error: "StateMachineDoesNotExist" }));
    expect(await collect(those, "RUNNING")).toEqual([]);
  });
});

describe("an execution", () => {
  it("is described as its status event would tell it", async () => {
    const { machines: those } = await machines(() => ({
      body: {
        executionArn: arnOf("add", "a"),
        status: "FAILED",
        startDate: 1,
        stopDate: 2,
        error: "Boom",
        cause: "why",
      },
    }));
    const event = { execution: arnOf("add", "a"), status: "FAILED", startedAt: 1_000, endedAt: 2_000 };
    expect(await those.describe(arnOf("add", "a"))).toEqual({ ...event, error: "Boom", cause: "why" });
  });

  it("is stopped once; one that is not there needs no stop", async () => {
    const { machines: those, requests } = await machines(() => ({ error: "ExecutionDoesNotExist" }));
    await those.stop(arnOf("add", "a"), { name: "RunCancelled", cause: "because" });
    expect(requests[0]?.body).toEqual({ executionArn: arnOf("add", "a"), error: "RunCancelled", cause: "because" });
  });
});
