import { describe, expect, it } from "vitest";
import * as z from "zod";
import { connect } from "../../../engine/client/connect.ts";
import type { Execution, Platform } from "../../../engine/client/platform.ts";
import { cancel } from "../../../engine/coordination/cancel.ts";
import { answerEvent } from "../../../engine/coordination/events.ts";
import { retryRun } from "../../../engine/coordination/retry.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import { RunFailed } from "../../../engine/model/errors.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { fakeWorld } from "../coordination/fake-world.ts";

const parameters = z.object({ count: z.number().default(1) });
const COUNT: WorkflowDefinition<typeof parameters, z.ZodNumber> = {
  name: "count",
  type: "user",
  module: "m/flows",
  function: "count",
  parameters,
  result: z.number(),
  tags: [],
};

function platform(end: Partial<Execution> | "never"): Platform {
  const world = fakeWorld(memoryItems(), [COUNT]);
  return {
    kind: "local",
    name: "local",
    submit: (definition, request) => submit(world, definition, request),
    describe: async (execution) =>
      end === "never" ? undefined : { execution, status: "SUCCEEDED", startedAt: 1, ...end },
    ended: (execution, signal) =>
      end === "never"
        ? new Promise((_, reject) => {
            const stop = (): void => reject(signal.reason as Error);
            if (signal.aborted) stop();
            else signal.addEventListener("abort", stop);
          })
        : Promise.resolve({ execution, status: "SUCCEEDED", startedAt: 1, endedAt: 2, ...end }),
    cancel: (run) => cancel(world, run),
    retry: (run) => retryRun(world, run),
    answer: (run, step, answer) => answerEvent(world, { command: "answer", run, step, answer }),
    world: async () => world,
    obstacle: async () => undefined,
    sleep: async () => undefined,
    items: world.items,
    steps: async () => [],
    calls: async () => [],
    logs: async () => [],
    now: () => world.time,
    close: async () => undefined,
  };
}

describe("executeWorkflow", () => {
  it("gives the typed result", async () => {
    const result: number = await connect(platform({ output: 5 })).executeWorkflow(COUNT, { parameters: {} });
    expect(result).toBe(5);
  });

  it("throws the error that ended the run, by its own name and message", async () => {
    const error = { name: "Gone", message: "no repository", at: "functions/git/flows.ts:31" };
    const thrown = await connect(platform({ status: "FAILED", error }))
      .executeWorkflow(COUNT, { parameters: {} })
      .catch((caught: unknown) => caught);
    expect(thrown).toBeInstanceOf(RunFailed);
    expect(thrown).toMatchObject({ ...error, run: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
  });

  it.each<[Partial<Execution>, string]>([
    [{ status: "ABORTED" }, "RunCancelled"],
    [{ status: "ABORTED", error: { name: "InvalidParameters", message: "bad" } }, "InvalidParameters"],
    [{ status: "TIMED_OUT" }, "RunTimedOut"],
    [{ output: "no number" }, "InvalidOutput"],
  ])("tells %j apart", async (end, name) => {
    await expect(connect(platform(end)).executeWorkflow(COUNT, { parameters: {} })).rejects.toMatchObject({ name });
  });

  it("stops waiting after its timeout, or when its caller says so; the run goes on", async () => {
    const workflows = connect(platform("never"));
    const waiting = workflows.executeWorkflow(COUNT, { parameters: {}, timeoutSeconds: 0.001 });
    await expect(waiting).rejects.toMatchObject({
      name: "WaitTimedOut",
      message: expect.stringContaining("It goes on") as string,
    });
    const reason = new Error("enough");
    const stopped = workflows.executeWorkflow(COUNT, {
      parameters: {},
      timeoutSeconds: 60,
      signal: AbortSignal.abort(reason),
    });
    await expect(stopped).rejects.toThrow("enough");
    expect((await workflows.queryRuns()).runs.map((run) => run.state)).toEqual(["running", "running"]);
  });

  it("refuses bad parameters before anything leaves the process", async () => {
    const workflows = connect(platform({}));
    await expect(workflows.submitWorkflow(COUNT, { parameters: { count: "x" as never } })).rejects.toMatchObject({
      name: "InvalidParameters",
    });
    expect((await workflows.queryRuns()).runs).toEqual([]);
  });
});

describe("a run", () => {
  it("that is waited for shows its end although the record is not settled yet", async () => {
    const workflows = connect(platform({ output: 5 }));
    const { id } = await workflows.submitWorkflow(COUNT, { parameters: {} });
    expect(await workflows.waitForRun(id)).toMatchObject({ id, state: "completed", result: 5, endedAt: 2 });
  });

  it("has the parameters and the result that are too large for its record", async () => {
    const large = "x".repeat(40_000);
    const ended = {
      status: "SUCCEEDED",
      startedAt: Date.UTC(2026, 10, 24),
      endedAt: Date.UTC(2026, 10, 24, 1),
      output: large,
      input: { count: 1, $millrace: {} },
    } as const;
    const standing = platform(ended);
    const workflows = connect(standing);
    const { id } = await workflows.submitWorkflow(COUNT, { parameters: { count: 1 } });
    const { execution } = await workflows.getRun(id);
    await settle(await standing.world([COUNT]), { ...ended, execution });
    expect(await workflows.getRun(id)).toMatchObject({ state: "completed", result: large, parameters: { count: 1 } });
    expect(await workflows.waitForRun(id)).toMatchObject({ result: large });
    expect((await workflows.queryRuns()).runs[0]).not.toHaveProperty("result");
  });

  it("that is not there is said so", async () => {
    await expect(connect(platform({})).getRun("nope")).rejects.toMatchObject({
      name: "RunNotFound",
      message: expect.stringMatching(/"nope".*"local"/) as string,
    });
  });
});
