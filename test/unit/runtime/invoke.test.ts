import { describe, expect, it } from "vitest";
import * as z from "zod";
import { getRun } from "../../../engine/coordination/run-record.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import type { Json } from "../../../engine/model/json.ts";
import { WorkflowType, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { addTagsTask } from "../../../engine/runtime/add-tags-task.ts";
import { invokeTask, type TaskHost } from "../../../engine/runtime/invoke.ts";
import { addTags } from "../../../engine/runtime/scope.ts";
import { task, type Task } from "../../../engine/runtime/task.ts";
import { memoryBlobs } from "../../../engine/testing/memory-blobs.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { fakeWorld } from "../coordination/fake-world.ts";

const ID = "0193a0b1-0000-7000-8000-00000000000a";
const LINES: string[] = [];

function host(changes: Partial<TaskHost> = {}): TaskHost {
  const log = (message: string): void => void LINES.push(message);
  return {
    items: memoryItems(),
    blobs: memoryBlobs(),
    domain: "git",
    now: () => 7,
    sleep: () => Promise.resolve(),
    submit: () => Promise.reject(new Error("not here")),
    answer: () => Promise.resolve("gone"),
    log: () => ({ debug: log, info: log, warn: log, error: log }),
    ...changes,
  };
}

function call(
  called: unknown,
  input: Json = {},
  options: { host?: TaskHost; tags?: string[]; run?: string } = {},
): Promise<Json> {
  const payload = {
    task: "t",
    input,
    run: options.run ?? `arn:aws:states:local:000000000000:execution:local_add-repository:${ID}`,
    step: "t[2]",
    at: "functions/git/flows.ts:31",
    attempt: 2,
    context: { branch: "main" },
    ...(options.tags === undefined ? {} : { tags: options.tags }),
  };
  return invokeTask(called as Task, payload, options.host ?? host());
}

const anything = { name: "t", input: z.object({ name: z.string().default("x") }), output: z.unknown() };

describe("the wrapper around a task", () => {
  it("hands over its checked input and all that the platform has", async () => {
    const probe = task({ ...anything, runName: "Probe {name}" }, async (input, scope) => {
      expect(scope.signal.aborted).toBe(false);
      return { input, run: scope.run, context: scope.context, now: scope.now() };
    });
    const run = { id: ID, workflow: "add-repository", stack: "local", step: "t[2]", attempt: 2 };
    expect(await call(probe, { name: "r1" })).toEqual({
      input: { name: "r1" },
      run,
      context: { branch: "main" },
      now: 7,
    });
    expect(LINES).toEqual(["Probe r1"]);
  });

  it("cuts both ports to the domain", async () => {
    const platform = host();
    const writes = task(anything, async (_, { items, blobs }) => {
      await items.put({ pk: "a", sk: "b", v: 1 });
      await blobs.put("a/b", Buffer.from("x"));
      return (await items.query({ pk: "a" })).items;
    });
    expect(await call(writes, {}, { host: platform })).toEqual([{ pk: "a", sk: "b", v: 1 }]);
    expect(await platform.items.get({ pk: "DOMAIN#git#a", sk: "b" })).toMatchObject({ v: 1 });
    expect(await platform.blobs.head("git/a/b")).toEqual({ key: "git/a/b", size: 1 });
  });

  it.each<[string, unknown, Json, string, RegExp]>([
    [
      "input that its schema refuses",
      task(anything, () => 1),
      { name: 5 },
      "InvalidInput",
      /"t" does not take this input: name: /,
    ],
    [
      "output that its schema refuses",
      task({ ...anything, output: z.number() }, () => "x" as never),
      {},
      "InvalidOutput",
      /expected number/,
    ],
    [
      "a result above 256 KiB",
      task(anything, () => "x".repeat(260_200)),
      {},
      "ResultTooLarge",
      /"t" returned 260202 bytes; .* 260096\..*resultAs/,
    ],
    [
      "something thrown that is no Error",
      task(anything, () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what is tested
        throw "oops";
      }),
      {},
      "NotAnError",
      /"oops"/,
    ],
  ])("turns %s into an error of its own", async (_, called, input, name, message) => {
    await expect(call(called, input)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as string,
    });
  });

  it("lets a result through that just fits", async () => {
    await expect(call(task(anything, () => "x".repeat(260_094)))).resolves.toHaveLength(260_094);
  });

  it("keeps name and message of an error, and ends its stack with where and how to look", async () => {
    class Gone extends Error {
      override readonly name = "Gone";
    }
    const failing = task(anything, () => {
      throw new Gone("no repository");
    });
    const error = (await call(failing).catch((thrown: unknown) => thrown)) as Error;
    expect([error.name, error.message]).toEqual(["Gone", "no repository"]);
    expect(error.stack?.split("\n").slice(-2)).toEqual([
      "    at functions/git/flows.ts:31",
      `    npx millrace show ${ID} --stack local`,
    ]);
  });

  it("writes an error that is the cause of one between them, and leaves another cause behind", async () => {
    const causedBy = async (cause: unknown): Promise<Error> => {
      const failing = task(anything, () => {
        throw new Error("no repository", { cause });
      });
      return (await call(failing).catch((thrown: unknown) => thrown)) as Error;
    };
    const caused = await causedBy(new TypeError("no name"));
    expect(caused.cause).toEqual(new TypeError("no name"));
    expect(caused.stack?.split("\n").at(-2)).toBe('    caused by {"name":"TypeError","message":"no name"}');
    const other = await causedBy({ code: 1 });
    expect(other.cause).toBe(undefined);
    expect(other.stack?.split("\n").at(-2)).toBe("    at functions/git/flows.ts:31");
  });

  it("puts a large result into the blob store, where another task reads it", async () => {
    const platform = host();
    const large = task({ ...anything, resultAs: "blob" }, () => "x".repeat(500_000));
    const reference = await call(large, {}, { host: platform });
    expect(reference).toMatchObject({ size: 500_002, blob: expect.stringContaining(`runs/${ID}/`) as string });
    const reads = task({ ...anything, input: z.any() }, async (input, { blobs }) => {
      return ((await blobs.read(input as never)) as string).length;
    });
    expect(await call(reads, reference, { host: platform })).toBe(500_000);
  });

  it("runs a task that a task calls within the same step", async () => {
    const inner = task({ ...anything, output: z.string() }, ({ name }, { run }) => `${name} in ${run.step}`);
    expect(await call(task(anything, () => inner({ name: "inner" })))).toBe("inner in t[2]");
  });
});

describe("tags of a run", () => {
  const workflow: WorkflowDefinition = {
    name: "add-repository",
    type: WorkflowType.INTERNAL,
    module: "git/flows",
    function: "add",
    parameters: z.object({}),
    result: z.unknown(),
    tags: [],
  };

  it("come from the flow, from the task itself and from the built-in task, before the result is out", async () => {
    const world = fakeWorld();
    const { id, execution } = await submit(world, workflow, { workflow: workflow.name, parameters: {} });
    const platform = host({ items: world.items });
    const tagging = task(anything, () => addTags({ branches: ["b"] }).then(() => 1));
    await call(tagging, {}, { host: platform, tags: ["flow"], run: execution });
    await call(addTagsTask, ["built-in"], { host: platform, run: execution });
    expect((await getRun(world.items, id))?.tags).toEqual([
      "built-in",
      "flow",
      "infrahub.app/branch/b",
      "infrahub.app/workflow-type/internal",
    ]);
  });

  it("are refused where they cannot be part of a key", async () => {
    await expect(
      call(
        task(anything, () => 1),
        {},
        { tags: ["a#b"] },
      ),
    ).rejects.toMatchObject({ name: "InvalidRequest" });
  });
});

describe("a task's declaration", () => {
  it.each<[string, object, RegExp]>([
    ["a name with spaces", { name: "my task" }, /its name must be/],
    ["retries of -1", { retries: -1 }, /retries is -1, allowed are whole numbers from 0 to 100/],
    ["a timeout above Lambda's", { timeoutSeconds: 901 }, /timeoutSeconds is 901, .* 1 to 900/],
    ["a backoff below 1", { retryBackoff: 0.5 }, /retryBackoff is 0.5/],
    ["an unknown field in its run name", { runName: "{nope}" }, /\{nope\}.*it has \{name\}/],
  ])("refuses %s", (_, changes, message) => {
    expect(() => task({ ...anything, ...changes }, () => 1)).toThrow(message);
  });
});

describe("a task called outside of a run", () => {
  it("says how to call it", async () => {
    await expect(task(anything, () => 1)({})).rejects.toMatchObject({
      name: "InvalidRequest",
      message: expect.stringContaining("direct(…)") as string,
    });
  });
});
