import { afterEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { readLine } from "../../../engine/aws/run-logs.ts";
import { serve } from "../../../engine/aws/serve.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import type { JsonObject } from "../../../engine/model/json.ts";
import type { TaskPayload } from "../../../engine/model/wire.ts";
import { WorkflowType, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { submitWorkflow } from "../../../engine/runtime/children.ts";
import { task, type Task } from "../../../engine/runtime/task.ts";
import { fakeAws } from "./fake-aws.ts";

const greet = task(
  { name: "greet", input: z.object({ name: z.string() }), output: z.string() },
  async ({ name }, { log, items, run, signal }) => {
    if (name === "") throw new RangeError("no name");
    log.info("greeting", { name });
    log.debug("looking", { at: 1 });
    log.warn("so it goes");
    await items.put({ pk: "greeting", sk: run.id });
    return signal.aborted ? "too late" : `hello ${name}`;
  },
) as unknown as Task;

const CHILD: WorkflowDefinition = {
  name: "child",
  type: WorkflowType.INTERNAL,
  module: "hello/flows",
  function: "child",
  parameters: z.object({ all: z.boolean() }),
  result: z.null(),
  tags: [],
};

const run = "0198c0de-0000-7000-8000-000000000001";
const payload = (name: string, change: Partial<TaskPayload> = {}): TaskPayload => ({
  task: "greet",
  input: { name },
  run: `arn:aws:states:eu-west-1:123456789012:execution:millrace_validate:${run}`,
  step: "greet[2]",
  at: "functions/hello/flows.ts:7",
  attempt: 3,
  context: {},
  ...change,
});
const context = { invokedFunctionArn: "", getRemainingTimeInMillis: () => 60_000 };

function environment(): void {
  vi.stubEnv("MILLRACE_STACK", "millrace");
  vi.stubEnv("MILLRACE_TABLE", "millrace_items");
  vi.stubEnv("MILLRACE_BUCKET", "millrace-blobs");
  vi.stubEnv("MILLRACE_DOMAIN", "hello");
}

describe("a domain's function", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it("runs the task over the domain's items and writes lines that its run finds again", async () => {
    const requests = await fakeAws(() => ({ body: {} }));
    environment();
    const written: JsonObject[] = [];
    const take = (line: unknown) => void written.push(JSON.parse(String(line)) as JsonObject);
    vi.spyOn(console, "info").mockImplementation(take);
    vi.spyOn(console, "debug").mockImplementation(take);
    vi.spyOn(console, "warn").mockImplementation(take);
    vi.stubEnv("POWERTOOLS_DEV", "true");
    expect(await serve([greet])(payload("Ada"), context)).toBe("hello Ada");
    const keys = { run, workflow: "validate", step: "greet[2]", attempt: 3, task: "greet", service: "hello" };
    expect(written).toEqual([
      expect.objectContaining({ ...keys, level: "INFO", message: "greeting", fields: { name: "Ada" } }),
      expect.objectContaining({ ...keys, level: "DEBUG", message: "looking", fields: { at: 1 } }),
      expect.objectContaining({ ...keys, level: "WARN", message: "so it goes" }),
    ]);
    expect(written.map((line) => readLine(JSON.stringify(line), run))).toMatchObject([
      { level: "info", message: "greeting", step: "greet[2]", fields: { name: "Ada" } },
      { level: "debug", message: "looking", step: "greet[2]", fields: { at: 1 } },
      { level: "warn", message: "so it goes", step: "greet[2]" },
    ]);
    expect(requests[0]?.body).toMatchObject({
      TableName: "millrace_items",
      Item: { pk: { S: "DOMAIN#hello#greeting" }, sk: { S: run } },
    });
  });

  it("fails with the task's own error, whose stack ends with where", async () => {
    environment();
    const error = await serve([greet])(payload(""), context).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ name: "RangeError", message: "no name" });
    const where = `    at functions/hello/flows.ts:7\n    npx millrace show ${run} --stack millrace`;
    expect((error as Error).stack?.endsWith(where)).toBe(true);
  });

  it("adds tags without a task of the domain's own", async () => {
    const updates: unknown[] = [];
    await fakeAws((action, body) => {
      updates.push([action, body["Key"]]);
      return { body: {} };
    });
    environment();
    const tags = payload("", { task: "millrace/add-tags", input: ["infrahub.app/branch/main"] });
    expect(await serve([])(tags, context)).toBeNull();
    expect(updates).toContainEqual(["UpdateItem", { pk: { S: `RUN#${run}` }, sk: { S: "#" } }]);
  });

  it("submits the children of a task to the stack's own function, twice under one key where an answer is lost", async () => {
    let invoked = 0;
    const submitted = { id: "0198c0de", execution: run, existing: false };
    const requests = await fakeAws((action) => {
      if (!action.startsWith("Invoke")) return { body: {} };
      return ++invoked === 1 ? "lost" : { body: submitted };
    });
    environment();
    const start = task({ name: "start", input: z.null(), output: z.string() }, async () => {
      return (await submitWorkflow(CHILD, { parameters: { all: true } })).id;
    }) as unknown as Task;
    expect(await serve([start])(payload("", { task: "start", input: null }), context)).toBe("0198c0de");
    const bodies = requests.filter(({ action }) => action === "Invoke millrace_submit").map(({ body }) => body);
    expect(bodies[0]).toMatchObject({ workflow: "child", parameters: { all: true }, parent: run });
    expect(bodies).toEqual([bodies[0], bodies[0]]);
  });

  it("names the tasks that it has", async () => {
    environment();
    await expect(serve([greet])(payload("", { task: "gone" }), context)).rejects.toMatchObject({
      name: ErrorName.TASK_NOT_FOUND,
      message: expect.stringContaining('no task "gone"; it has greet, millrace/add-tags') as string,
    });
  });

  it("lets the signal of a task end with the function's own time", async () => {
    await fakeAws(() => ({ body: {} }));
    environment();
    const wait = task({ name: "wait", input: z.null(), output: z.string() }, async (__, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return String(signal.reason);
    }) as unknown as Task;
    const soon = { ...context, getRemainingTimeInMillis: () => 5 };
    const keepAlive = setInterval(() => {}, 1_000);
    expect(await serve([wait])(payload("", { task: "wait", input: null }), soon)).toContain("TimeoutError");
    clearInterval(keepAlive);
  });
});
