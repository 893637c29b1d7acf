import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { RecordedCall } from "../../../engine/model/recorded-call.ts";
import type { Run } from "../../../engine/model/run.ts";
import { defineEvent } from "../../../engine/model/event.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { waitForEvent } from "../../../engine/runtime/event.ts";
import { task } from "../../../engine/runtime/task.ts";
import { direct } from "../../../engine/testing/direct.ts";
import { fake } from "../../../engine/testing/fake.ts";
import { recorded } from "../../../engine/testing/recorded.ts";
import { testOf } from "../../../engine/testing/test-of.ts";
import { newTrace } from "../../../engine/testing/trace.ts";

const charge = task(
  {
    name: "charge",
    runName: "Charge {n}",
    input: z.object({ n: z.number().default(1) }),
    output: z.string(),
    retries: 1,
  },
  () => "real",
);
const APPROVAL = defineEvent({ name: "approval", schema: z.object({ approved: z.boolean() }) });

describe("a recording", () => {
  it("answers each call by one with the same input, as it was sent, in the order of those", async () => {
    const calls = [
      { input: { n: 1 }, error: { name: "Declined", message: "no" } },
      { input: { n: 2 }, result: "two" },
      { input: { n: 1 }, result: "one" },
    ];
    const trace = newTrace();
    const tasks = [fake("charge", recorded(calls))];
    const flow = async (): Promise<string[]> => [await charge({ n: 1 }), await charge({ n: 2 })];
    expect(await direct(flow, {}, { tasks, trace })).toEqual(["one", "two"]);
    expect(trace.calls.map(({ error }) => error)).toEqual(["Declined", undefined, undefined]);
  });

  it("throws an error of its class, where that is given", async () => {
    class Declined extends Error {}
    const calls = [{ input: {}, error: { name: "Declined", message: "no", class: Declined } }];
    const flow = async (): Promise<unknown> => {
      try {
        return await charge({});
      } catch (error) {
        return error instanceof Declined && [error.name, error.message];
      }
    };
    const tasks = [fake("charge", recorded([...calls, ...calls]))];
    expect(await direct(flow, {}, { tasks })).toEqual(["Declined", "no"]);
  });

  it("takes times and UUIDs for the same, where no call has the very same", async () => {
    const [one, two] = ["2026-01-01T00:00:00Z", "6f9619ff-8b86-4011-b42d-00cf4fc964ff"];
    const answer = recorded([
      { input: { at: "2027-02-03T00:00:00.000Z", id: two }, result: 1 },
      { input: { at: one, id: two }, result: 2 },
    ]);
    expect(await answer({ at: one, id: two })).toBe(2);
    expect(await answer({ at: one, id: "00000000-8b86-4011-b42d-00cf4fc964ff" })).toBe(1);
  });

  it("refuses a call that the run did not make, and it is not tried again", async () => {
    const trace = newTrace();
    const run = direct(
      async () => charge({ n: 5 }),
      {},
      { tasks: [fake("charge", recorded([{ input: { n: 1 } }]))], trace },
    );
    await expect(run).rejects.toThrow(
      'The recorded run made no call with {"n":5}; of those that it made, {"n":1} is left.',
    );
    expect(trace.calls).toHaveLength(1);
  });
});

describe("an event of a flow called directly", () => {
  const flow = async (): Promise<boolean> => {
    const { approved } = await waitForEvent(APPROVAL, { timeoutSeconds: 3_600 });
    return approved;
  };

  it("is answered at once, or times out when its time has passed", async () => {
    const trace = newTrace();
    expect(await direct(flow, {}, { events: { approval: [{ approved: true }] }, trace })).toBe(true);
    expect(trace.events).toEqual([{ at: 0, event: { name: "approval", value: { approved: true } } }]);
    const late = newTrace();
    await expect(direct(flow, {}, { trace: late })).rejects.toMatchObject({ name: "EventTimedOut" });
    expect(late.events).toEqual([{ at: 3_600_000, event: { name: "approval", error: "EventTimedOut" } }]);
  });

  it("is answered with an error, and with nothing that its schema refuses", async () => {
    const failed = Object.assign(new Error("no"), { name: "Refused" });
    await expect(direct(flow, {}, { events: { approval: [failed] } })).rejects.toBe(failed);
    await expect(direct(flow, {}, { events: { approval: [{}] } })).rejects.toMatchObject({ name: "InvalidAnswer" });
  });
});

describe("the test that is made of a run", () => {
  const parameters = z.object({ n: z.number(), to: z.string().default("x") });
  const workflow = (name: string): WorkflowDefinition => ({
    ...{ name, type: "internal", module: "orders/flows", function: `${name}Flow`, tags: [] },
    ...{ parameters, result: z.unknown() },
  });
  const workflows = [workflow("order"), workflow("ship")];
  const facts = { id: "run-1", workflow: "order", name: "order", execution: "arn", tags: [], createdAt: 1 };
  const run: Run = {
    ...facts,
    context: {},
    parameters: { n: 1 },
    state: "completed",
    startedAt: 5,
    endedAt: 9,
    result: [1],
  };
  const calls: RecordedCall[] = [
    {
      kind: "task",
      name: "charge",
      input: { n: 1 },
      error: { name: "Declined", message: "no", at: "functions/a.ts:1" },
    },
    { kind: "child", name: "ship", input: { n: 2 }, result: "sent" },
    { kind: "event", name: "approval", input: null, result: { approved: true } },
    { kind: "event", name: "approval", input: null, error: { name: "Refused", message: "no" } },
    { kind: "task", name: "charge", input: { n: 1 }, result: "r" },
  ];
  const options = { workflows, functions: "../functions", errors: { Declined: "orders/errors.ts" } };

  it("calls its flow with what tasks, children and events answered, and expects its result", () => {
    expect(testOf({ run: { ...run, context: { branch: "b" } }, calls }, options)).toMatchInlineSnapshot(`
      "// Run run-1 of "order", written by \`millrace test\`.
      import { direct, fake, recorded, recordedError } from "millrace/testing";
      import { expect, it } from "vitest";
      import { Declined } from "../functions/orders/errors.ts";
      import { orderFlow } from "../functions/orders/flows.ts";

      it("order goes as it did in run run-1", async () => {
        const ended = direct(orderFlow, {"n":1,"to":"x"}, {
          now: 5,
          context: {"branch":"b"},
          tasks: [
            fake("charge", recorded([
              { input: {"n":1}, error: { name: "Declined", message: "no", class: Declined } },
              { input: {"n":1}, result: "r" },
            ])),
          ],
          workflows: {
            "ship": recorded([
              { input: {"n":2,"to":"x"}, result: "sent" },
            ]),
          },
          events: {
            "approval": [{"approved":true}, recordedError({ name: "Refused", message: "no" })],
          },
        });
        expect(await ended).toEqual([1]);
      });
      "
    `);
  });

  it("expects its error where it failed, and is not made of a run that ended otherwise", () => {
    const error = { name: "Declined", message: 'no "funds"', at: "functions/a.ts:1" };
    const failed: Run = {
      ...facts,
      context: {},
      parameters: { n: 1 },
      state: "failed",
      startedAt: 5,
      endedAt: 9,
      error,
    };
    expect(testOf({ run: failed, calls: [] }, options)).toContain(
      'await expect(ended).rejects.toMatchObject({"name":"Declined","message":"no \\"funds\\""});',
    );
    const refused = (more: Partial<Run>) => () => testOf({ run: { ...failed, ...more } as Run, calls }, options);
    expect(refused({ state: "cancelled" })).toThrow("Run run-1 is cancelled: a test can be made of a run that has");
    expect(refused({ workflow: "gone" })).toThrow('The catalogue has no workflow "gone" any longer');
  });
});
