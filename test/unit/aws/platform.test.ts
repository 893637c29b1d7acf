import { describe, expect, it } from "vitest";
import { aws, pollPause } from "../../../engine/aws/platform.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import type { Run } from "../../../engine/model/run.ts";
import type { Submitted } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { fakeAws, type Answer } from "./fake-aws.ts";

const definition = { name: "validate" } as WorkflowDefinition;
const request = { workflow: "validate", parameters: { kind: "Device" } };
const execution = "arn:aws:states:eu-west-1:123456789012:execution:millrace_validate:0198c0de";
const submitted: Submitted = { id: "0198c0de", execution, existing: false };

/** What `platform.submit` rejects with where the service answers this. */
async function refusal(answer: Answer): Promise<unknown> {
  await fakeAws(() => answer);
  const platform = aws({ stack: "millrace" });
  const outcome = await platform.submit(definition, request).catch((error: unknown) => error);
  await platform.close();
  return outcome;
}

describe("submit", () => {
  it("invokes the stack's function and answers what it answers", async () => {
    const requests = await fakeAws(() => ({ body: submitted }));
    const platform = aws({ stack: "millrace" });
    expect(await platform.submit(definition, { ...request, idempotencyKey: "mine" })).toEqual(submitted);
    const body = { ...request, idempotencyKey: "mine" };
    expect(requests).toEqual([{ action: "Invoke millrace_submit", body }]);
  });

  it("makes one run of a request whose answer was lost: the client asks again with the same key", async () => {
    let calls = 0;
    const requests = await fakeAws(() => (++calls === 1 ? "lost" : { body: submitted }));
    const platform = aws({ stack: "millrace" });
    expect(await platform.submit(definition, request)).toEqual(submitted);
    const keys = requests.map(({ body }) => body["idempotencyKey"]);
    expect(keys).toEqual([expect.any(String), keys[0]]);
    await platform.submit(definition, request);
    expect(requests[2]?.body["idempotencyKey"]).not.toBe(keys[0]);
  });

  it.each([ErrorName.INVALID_PARAMETERS, ErrorName.WORKFLOW_NOT_FOUND, ErrorName.CONFLICT])(
    "raises the function's own %s with its message",
    async (name) => {
      const failure = { errorType: name, errorMessage: "what it said", trace: [] };
      expect(await refusal({ body: failure, functionError: true })).toMatchObject({ name, message: "what it said" });
    },
  );

  it("says which function failed where the error is none of ours", async () => {
    const failure = { errorType: "Runtime.ImportModuleError", errorMessage: "cannot find module" };
    const error = await refusal({ body: failure, functionError: true });
    expect(error).toMatchObject({ name: ErrorName.PLATFORM_UNAVAILABLE });
    expect(String(error)).toContain("millrace_submit failed with Runtime.ImportModuleError: cannot find module");
  });

  it("says how to deploy a stack that is not there", async () => {
    const error = await refusal({ error: "ResourceNotFoundException", message: "Function not found", status: 404 });
    expect(error).toMatchObject({ name: ErrorName.PLATFORM_UNAVAILABLE });
    expect(String(error)).toContain(
      'no stack "millrace" in eu-west-1. Deploy it with `npx cdk deploy -c stack=millrace`',
    );
  });

  it.each(["AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"])(
    "calls %s a denial",
    async (name) => {
      const error = await refusal({ error: name, message: "not you", status: 403 });
      expect(error).toMatchObject({ name: ErrorName.ACCESS_DENIED });
      expect(String(error)).toMatch(/submit a run of stack "millrace" in eu-west-1: not you/);
    },
  );

  it("refuses a name that no stack can have", () => {
    expect(() => aws({ stack: "my_stack" })).toThrow(expect.objectContaining({ name: ErrorName.INVALID_REQUEST }));
    expect(() => aws({ stack: "x".repeat(31) })).toThrow("at most 30 characters");
  });
});

describe("a run that is there", () => {
  it("is cancelled and retried by the stack's submit function, retried once where the answer is lost", async () => {
    let calls = 0;
    const requests = await fakeAws(() => (++calls === 2 ? "lost" : { body: submitted }));
    const platform = aws({ stack: "millrace" });
    await platform.cancel("0198c0de");
    expect(await platform.retry("0198c0de")).toEqual(submitted);
    const retry = { command: "retry", run: "0198c0de", idempotencyKey: expect.any(String) as string };
    expect(requests.map(({ body }) => body)).toEqual([{ command: "cancel", run: "0198c0de" }, retry, retry]);
    expect(requests[2]?.body).toEqual(requests[1]?.body);
  });
});

describe("the world of an operator", () => {
  it("has the account and the region from the stack's own function", async () => {
    const arn = "arn:aws:lambda:eu-central-1:123456789012:function:my-stack_submit";
    const requests = await fakeAws(() => ({ body: { FunctionArn: arn } }));
    const world = await aws({ stack: "my-stack" }).world([definition]);
    expect(requests.map(({ action }) => action)).toEqual([expect.stringContaining("my-stack_submit/configuration")]);
    expect(world.workflows()).toEqual([definition]);
    expect(world.executionOf("validate", "0198c0de")).toBe(
      "arn:aws:states:eu-central-1:123456789012:execution:my-stack_validate:0198c0de",
    );
    await world.items.get({ pk: "LIMIT#x", sk: "#" });
    expect(requests[1]?.body["TableName"]).toBe("my-stack_items");
  });

  it("is refused where the stack is not there", async () => {
    await fakeAws(() => ({ error: "ResourceNotFoundException", status: 404 }));
    const asked = aws({ stack: "millrace" }).world([]);
    await expect(asked).rejects.toMatchObject({ name: ErrorName.PLATFORM_UNAVAILABLE });
  });
});

describe("an execution", () => {
  it("is described in one form, with the error of its cause", async () => {
    const cause = JSON.stringify({ errorType: "Boom", errorMessage: "it did", trace: [] });
    const facts = { executionArn: execution, startDate: 10, stopDate: 12.5, input: '{"kind":"x"}' };
    await fakeAws(() => ({ body: { ...facts, status: "FAILED", error: "Boom", cause } }));
    expect(await aws({ stack: "millrace" }).describe(execution)).toEqual({
      execution,
      status: "FAILED",
      startedAt: 10_000,
      endedAt: 12_500,
      input: { kind: "x" },
      error: { name: "Boom", message: "it did" },
    });
  });

  it("that is not there is nothing", async () => {
    await fakeAws(() => ({ error: "ExecutionDoesNotExist" }));
    expect(await aws({ stack: "millrace" }).describe(execution)).toBeUndefined();
  });

  it("is waited for, from before it can be seen to its end", async () => {
    const answers: Answer[] = [
      { error: "ExecutionDoesNotExist" },
      { body: { executionArn: execution, status: "RUNNING", startDate: 1 } },
      { body: { executionArn: execution, status: "SUCCEEDED", startDate: 1, stopDate: 2, output: "7" } },
    ];
    const requests = await fakeAws(() => answers.shift() ?? "lost");
    const ended = await aws({ stack: "millrace" }).ended(execution, new AbortController().signal);
    expect(ended).toMatchObject({ status: "SUCCEEDED", output: 7 });
    expect(requests).toHaveLength(3);
  });

  it("is waited for no longer than the signal lets", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    await fakeAws(() => {
      setImmediate(() => abort.abort(reason));
      return { body: { executionArn: execution, status: "RUNNING", startDate: 1 } };
    });
    const platform = aws({ stack: "millrace" });
    await expect(platform.ended(execution, abort.signal)).rejects.toBe(reason);
    await expect(platform.ended(execution, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("is looked at less and less often, at last every 5 seconds", () => {
    expect(pollPause(0)).toBe(200);
    expect(pollPause(3)).toBeGreaterThan(pollPause(2));
    expect(pollPause(1_000_000)).toBe(5_000);
  });
});

describe("steps and logs", () => {
  const run = { id: "0198c0de", execution, createdAt: 1_000_000 } as Run;
  const call = (domain: string, at: string) => ({
    Type: "Task",
    Comment: at,
    Resource: "arn:aws:states:::lambda:invoke",
    Arguments: { FunctionName: `arn:aws:lambda:eu-west-1:123456789012:function:millrace_${domain}:7` },
    End: true,
  });
  const each = { Type: "Map", ItemProcessor: { StartAt: "b", States: { b: call("git", "functions/git/flows.ts:2") } } };
  const both = {
    Type: "Parallel",
    Branches: [{ StartAt: "c", States: { c: call("mail", "functions/mail/flows.ts:3") } }],
  };
  const definition = JSON.stringify({
    StartAt: "a",
    States: { a: call("git", "functions/git/flows.ts:1"), each, both },
  });
  const event = { timestamp: 1, previousEventId: 0 };

  it("come from the history, all pages of it, and from the definition that the execution keeps", async () => {
    const entered = { ...event, id: 1, type: "TaskStateEntered", stateEnteredEventDetails: { name: "b" } };
    const exited = {
      timestamp: 2,
      previousEventId: 1,
      id: 2,
      type: "TaskStateExited",
      stateExitedEventDetails: { name: "b" },
    };
    await fakeAws((action, body) => {
      if (action === "DescribeStateMachineForExecution") return { body: { definition } };
      return { body: body["nextToken"] === undefined ? { events: [entered], nextToken: "2" } : { events: [exited] } };
    });
    const [step] = await aws({ stack: "millrace" }).steps(run);
    expect(step).toMatchObject({ name: "b", at: "functions/git/flows.ts:2", state: "completed", endedAt: 2_000 });
  });

  it("come from the log groups of the functions that the machine calls, in order of time", async () => {
    const line = (second: string, fields: object) =>
      JSON.stringify({
        level: "INFO",
        message: "m",
        timestamp: `2026-11-24T23:19:${second}.000Z`,
        step: "b",
        ...fields,
      });
    const groups: { readonly [name: string]: readonly string[] } = {
      "/aws/lambda/millrace_git": [
        line("09", { run: run.id, level: "WARN", fields: { n: 1 } }),
        `START RequestId: ${run.id}`,
        line("01", { run: "another", message: `speaks of ${run.id}` }),
      ],
      "/aws/lambda/millrace_mail": [line("05", { run: run.id })],
    };
    const requests = await fakeAws((action, { logGroupName }) => {
      if (action === "DescribeStateMachineForExecution") return { body: { definition } };
      return { body: { events: groups[logGroupName as string]?.map((message) => ({ message })) } };
    });
    expect(await aws({ stack: "millrace" }).logs(run)).toEqual([
      { time: Date.parse("2026-11-24T23:19:05Z"), level: "info", message: "m", step: "b" },
      { time: Date.parse("2026-11-24T23:19:09Z"), level: "warn", message: "m", step: "b", fields: { n: 1 } },
    ]);
    const filters = requests.filter(({ action }) => action === "FilterLogEvents").map(({ body }) => body);
    expect(filters.map((filter) => filter["filterPattern"])).toEqual([`"${run.id}"`, `"${run.id}"`]);
  });

  it("are none where the execution never was, or is forgotten", async () => {
    await fakeAws(() => ({ error: "ExecutionDoesNotExist" }));
    const platform = aws({ stack: "millrace" });
    expect(await platform.steps(run)).toEqual([]);
    expect(await platform.logs(run)).toEqual([]);
  });

  it("say what else went wrong", async () => {
    await fakeAws(() => ({ error: "AccessDeniedException", message: "not you", status: 403 }));
    const platform = aws({ stack: "millrace" });
    await expect(platform.steps(run)).rejects.toMatchObject({ name: ErrorName.ACCESS_DENIED });
    await expect(platform.logs(run)).rejects.toMatchObject({ name: ErrorName.ACCESS_DENIED });
  });

  it("are none where no function of the run has logged yet", async () => {
    await fakeAws((action) =>
      action === "FilterLogEvents" ? { error: "ResourceNotFoundException" } : { body: { definition } },
    );
    expect(await aws({ stack: "millrace" }).logs(run)).toEqual([]);
  });
});

describe("items", () => {
  it("are those of the stack's table, and say where a table is not there", async () => {
    const requests = await fakeAws(() => ({ error: "ResourceNotFoundException" }));
    const { items } = aws({ stack: "millrace" });
    const error: unknown = await items.query({ pk: "RUN#1" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: ErrorName.PLATFORM_UNAVAILABLE });
    expect(requests[0]?.body["TableName"]).toBe("millrace_items");
  });

  it("refuse a cursor of theirs as any store does", async () => {
    await fakeAws(() => "lost");
    const page = aws({ stack: "millrace" }).items.query({ pk: "RUN#1", cursor: "nonsense" });
    await expect(page).rejects.toMatchObject({ name: ErrorName.INVALID_REQUEST });
  });
});
