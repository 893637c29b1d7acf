import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineWorkflow, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { executeWorkflow } from "../../../engine/runtime/children.ts";
import { sleep } from "../../../engine/runtime/sleep.ts";
import { task } from "../../../engine/runtime/task.ts";
import { direct } from "../../../engine/testing/direct.ts";
import { newTrace } from "../../../engine/testing/trace.ts";

const echo = task({ name: "echo", input: z.unknown(), output: z.unknown() }, (value) => value);
const boom = task({ name: "boom", input: z.null(), output: z.null() }, () => {
  throw new RangeError("boom");
});
const parameters = z.object({ n: z.number(), to: z.string().default("x") });
const CHILD: WorkflowDefinition<typeof parameters, z.ZodUnknown> = {
  ...{ name: "child", type: "internal", module: "a/flows", function: "child", tags: [] },
  ...{ parameters, result: z.unknown() },
};
const workflows = { child: async ({ n }: { n: number }) => [n] };

describe("a value that crosses a boundary of a flow called directly", () => {
  it("is what JSON leaves of it, on the way in and on the way out", async () => {
    const flow = async (given: unknown): Promise<unknown> => ({
      given,
      told: await echo({ at: new Date(0), no: undefined }),
    });
    const left = { given: { list: [null] }, told: { at: "1970-01-01T00:00:00.000Z" } };
    const result = await direct(flow, { list: [undefined], gone: undefined });
    expect(result).toStrictEqual(left);
    expect(await direct(async () => echo(undefined), {})).toBeNull();
    expect(await direct(async () => undefined, {})).toBeNull();
  });

  it.each<[string, (given: { list: number[]; o: { a?: number } }) => Promise<unknown>, RegExp]>([
    ["a parameter", async ({ list }) => list.push(1), /Cannot add property 1/],
    ["a member of one", async ({ o }) => delete o.a, /Cannot delete property 'a'/],
    ["a result of a task", async () => ((await echo([2, 1])) as number[]).sort(), /read only property '0'/],
    [
      "a result of a child",
      async () => Object.assign((await executeWorkflow(CHILD, { parameters: { n: 1 } })) as object, { [0]: 2 }),
      /read only property '0'/,
    ],
  ])("cannot be changed: %s", async (_, flow, what) => {
    const run = direct(flow, { list: [0], o: { a: 1 } }, { workflows });
    await expect(run).rejects.toMatchObject({
      name: "Mutated",
      message: expect.stringMatching(what) as string,
      cause: expect.any(TypeError) as TypeError,
    });
    await expect(run).rejects.toThrow(/in a machine at \/.*enforced\.test\.ts:\d+: .*Make a new value: \[/);
  });

  it("leaves alone what a flow made itself, and a TypeError of another kind", async () => {
    const flow = async ({ list }: { list: number[] }): Promise<number[]> => {
      const copy = [...list];
      copy.push(1);
      return copy;
    };
    expect(await direct(flow, { list: [0] })).toEqual([0, 1]);
    const wrong = async (): Promise<unknown> => (null as unknown as { a: number }).a;
    await expect(direct(wrong, {})).rejects.toBeInstanceOf(TypeError);
  });

  it("has at most 256 KiB: parameters, a task's input, a flow's result", async () => {
    const large = "x".repeat(262_143);
    const refused = {
      name: "States.DataLimitExceeded",
      message: expect.stringMatching(/allowed are 262144/) as string,
    };
    await expect(direct(async () => 1, { large })).rejects.toMatchObject(refused);
    await expect(direct(async () => echo(large), {})).rejects.toMatchObject(refused);
    await expect(direct(async () => large, {})).rejects.toMatchObject(refused);
    await expect(direct(async () => large.slice(2), {})).resolves.toHaveLength(262_141);
  });

  it("is checked by the workflow's schema, which also fills in the defaults", async () => {
    const workflow: WorkflowDefinition = defineWorkflow({
      ...{ name: "child", module: "git/flows", function: "addRepository", result: z.unknown() },
      parameters,
    } as never);
    const flow = async (given: unknown): Promise<unknown> => given;
    expect(await direct(flow, { n: 1 }, { workflow })).toEqual({ n: 1, to: "x" });
    await expect(direct(flow, { n: "1" }, { workflow })).rejects.toMatchObject({ name: "InvalidParameters" });
  });
});

describe("a call that a flow does not await", () => {
  it.each<[string, () => Promise<unknown>, string]>([
    [
      "a task, though it has ended",
      async () => (void echo(1), await echo(2), await echo(3)),
      'a call that it made: task "echo". Await it',
    ],
    ["a child", async () => void executeWorkflow(CHILD, { parameters: { n: 1 } }), 'workflow "child"'],
    ["a sleep", async () => void sleep(5), "sleep"],
    ["several", async () => void [echo(1), boom(null)], 'calls that it made: task "echo", task "boom". Await them'],
  ])("is a mistake: %s", async (_, flow, named) => {
    const run = direct(flow, {}, { workflows });
    await expect(run).rejects.toMatchObject({ name: "NotAwaited", message: expect.stringContaining(named) as string });
  });

  it("is none where it is awaited with others, later, or by whoever calls the function around it", async () => {
    const helper = async (value: number): Promise<unknown> => echo(value);
    const flow = async (): Promise<unknown> => {
      const settled = await Promise.allSettled([boom(null), sleep(5)]);
      return [...(await Promise.all([echo(1), helper(2)])), settled.map(({ status }) => status)];
    };
    expect(await direct(flow, {})).toEqual([1, 2, ["rejected", "fulfilled"]]);
  });

  it("is none where another one failed meanwhile, and the flow's own error comes first", async () => {
    const caught = async (): Promise<string> => {
      try {
        await Promise.all([sleep(60), boom(null)]);
        return "";
      } catch (error) {
        return (error as Error).name;
      }
    };
    const trace = newTrace();
    expect(await direct(caught, {}, { trace })).toBe("RangeError");
    const flow = async (): Promise<unknown> => (void echo(1), boom(null));
    await expect(direct(flow, {})).rejects.toThrow("boom");
  });
});
