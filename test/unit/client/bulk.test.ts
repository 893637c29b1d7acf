import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { connect, type Workflows } from "../../../engine/client/connect.ts";
import type { Platform } from "../../../engine/client/platform.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import { MillraceError } from "../../../engine/model/errors.ts";
import { newRunId } from "../../../engine/model/run-id.ts";
import type { SubmitRequest } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { fakeWorld, type FakeWorld } from "../coordination/fake-world.ts";

const parameters = z.object({ count: z.number() });
const COUNT: WorkflowDefinition<typeof parameters, z.ZodNumber> = {
  name: "count",
  type: "user",
  module: "m/flows",
  function: "count",
  parameters,
  result: z.number(),
  tags: [],
};

interface Opened {
  readonly workflows: Workflows;
  readonly world: FakeWorld;
  readonly asked: SubmitRequest[];
  /** Most requests under way at a time. */
  most(): number;
}

function open(fails: (request: SubmitRequest) => Error | undefined = () => undefined): Opened {
  const world = { ...fakeWorld(), newId: () => newRunId(0, randomBytes) };
  const asked: SubmitRequest[] = [];
  let [now, most] = [0, 0];
  const platform: Partial<Platform> = {
    kind: "local",
    name: "local",
    items: world.items,
    now: () => world.time,
    describe: async () => undefined,
    submit: async (definition, request) => {
      asked.push(request);
      most = Math.max(most, (now += 1));
      await Promise.resolve();
      now -= 1;
      const error = fails(request);
      if (error !== undefined) throw error;
      return submit(world, definition, request);
    },
  };
  return { workflows: connect(platform as Platform), world, asked, most: () => most };
}

const counts = (length: number): { parameters: { count: number } }[] =>
  Array.from({ length }, (_, count) => ({ parameters: { count } }));

describe("submitWorkflows", () => {
  it("submits 1,000 runs, 20 at a time, and answers in order", async () => {
    const { workflows, world, most } = open();
    const outcomes = await workflows.submitWorkflows(COUNT, counts(1_000));
    expect(outcomes).toHaveLength(1_000);
    expect(most()).toBe(20);
    const inputs = new Map(world.started.map(({ run, input }) => [run, input]));
    expect(outcomes.map((outcome) => ("id" in outcome ? inputs.get(outcome.id) : outcome))).toEqual(
      counts(1_000).map((one) => one.parameters),
    );
  });

  it("answers nothing for nothing", async () => {
    expect(await open().workflows.submitWorkflows(COUNT, [])).toEqual([]);
  });

  it("gives the outcome of each, so that one that fails takes no other with it", async () => {
    const denied = new MillraceError("AccessDenied", "No leave.");
    const { workflows } = open(({ parameters: { count } }) => (count === 1 ? denied : undefined));
    const id = expect.any(String) as string;
    expect(await workflows.submitWorkflows(COUNT, counts(3))).toEqual([{ id }, { error: denied }, { id }]);
  });

  it("makes one run of entries with one key, and finds the run of an earlier list", async () => {
    const { workflows, asked, world } = open();
    const entry = (count: number, idempotencyKey: string) => ({ parameters: { count }, idempotencyKey });
    const [first, second, third] = await workflows.submitWorkflows(COUNT, [
      entry(1, "a"),
      entry(2, "b"),
      entry(1, "a"),
    ]);
    expect(first).toEqual(third);
    expect(first).not.toEqual(second);
    expect(asked).toHaveLength(2);
    expect(await workflows.submitWorkflows(COUNT, [entry(2, "b"), entry(5, "a"), entry(3, "c")])).toEqual([
      second,
      { error: expect.objectContaining({ name: "Conflict" }) as Error },
      { id: expect.any(String) as string },
    ]);
    expect(world.started).toHaveLength(3);
  });

  it.each<[string, object[], string, RegExp]>([
    ["a list of 1,001", counts(1_001), "InvalidRequest", /the list has 1001 entries, allowed are 1000/],
    ["bad parameters", [...counts(1), { parameters: { count: "x" } }], "InvalidParameters", /entry 1: .*count/],
    ["a bad tag", [{ ...counts(1)[0], tags: ["a#b"] }], "InvalidRequest", /entry 0: .*a#b/],
    ["an empty key", [...counts(2), { ...counts(1)[0], idempotencyKey: "" }], "InvalidRequest", /entry 2: .*key/],
    ["a time that is none", [{ ...counts(1)[0], startAt: Number.NaN }], "InvalidRequest", /entry 0: .*startAt/],
    [
      "one key with two sets of parameters",
      counts(2).map((one) => ({ ...one, idempotencyKey: "k" })),
      "Conflict",
      /entry 1: An entry before it has the idempotency key "k" with other parameters/,
    ],
  ])("writes nothing of %s", async (_, list, name, message) => {
    const { workflows, asked } = open();
    const refused = expect.stringMatching(message) as string;
    await expect(workflows.submitWorkflows(COUNT, list as never)).rejects.toMatchObject({ name, message: refused });
    expect(asked).toEqual([]);
  });
});

describe("an idempotency key", () => {
  const options = { parameters: { count: 1 }, idempotencyKey: "nightly" };

  it("answers with the same run, which is started once", async () => {
    const { workflows, world } = open();
    const first = await workflows.submitWorkflow(COUNT, options);
    expect(await workflows.submitWorkflow(COUNT, options)).toEqual(first);
    expect(world.started).toHaveLength(1);
  });

  it("is refused with other parameters, whose run is not written", async () => {
    const { workflows, world } = open();
    await workflows.submitWorkflow(COUNT, options);
    const other = workflows.submitWorkflow(COUNT, { ...options, parameters: { count: 2 } });
    await expect(other).rejects.toMatchObject({
      name: "Conflict",
      message: expect.stringMatching(/"nightly" of workflow "count" belongs to run .* with other parameters/) as string,
    });
    expect(world.started).toHaveLength(1);
  });

  it("belongs to one workflow", async () => {
    const { workflows } = open();
    const first = await workflows.submitWorkflow(COUNT, options);
    expect(await workflows.submitWorkflow({ ...COUNT, name: "other" }, options)).not.toEqual(first);
  });

  it("of a run that has ended gives its result", async () => {
    const { workflows, world } = open();
    await workflows.submitWorkflow(COUNT, options);
    const [started] = world.started;
    const { execution = "", input = {} } = started ?? {};
    await settle(
      { ...world, workflows: () => [COUNT] },
      { execution, input, status: "SUCCEEDED", startedAt: 1, endedAt: 2, output: 5 },
    );
    expect(await workflows.executeWorkflow(COUNT, options)).toBe(5);
    expect(world.started).toHaveLength(1);
  });
});
