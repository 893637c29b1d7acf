import { describe, expect, it } from "vitest";
import * as z from "zod";
import { answerEvent, eventsOf, waitForEvent } from "../../../engine/coordination/events.ts";
import { runKey } from "../../../engine/coordination/keys.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import { defineEvent, type EventAnswer } from "../../../engine/model/event.ts";
import type { WaitEvent } from "../../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";

const APPROVAL = defineEvent({
  name: "approval",
  schema: z.object({ approved: z.boolean(), by: z.string().default("nobody") }),
});
const MERGE: WorkflowDefinition = {
  name: "merge",
  type: "user",
  module: "m/flows",
  function: "merge",
  parameters: z.object({}),
  result: z.unknown(),
  tags: [],
  events: [APPROVAL],
};
const YES = { value: { approved: true } };
const TAKEN = { output: { approved: true, by: "nobody" } };

interface Waiting {
  readonly world: FakeWorld;
  readonly id: string;
  wait(more?: Partial<WaitEvent>): Promise<null>;
  answer(answer: EventAnswer, step?: string): Promise<null>;
  end(): Promise<void>;
}

async function waiting(): Promise<Waiting> {
  const world = fakeWorld(memoryItems(), [MERGE]);
  const { id, execution } = await submit(world, MERGE, { workflow: "merge", parameters: {} });
  const entered = new Date(world.time).toISOString();
  const first = { event: "approval", run: execution, step: "approval", at: "functions/m/flows.ts:3", entered };
  return {
    world,
    id,
    wait: (more) => waitForEvent(world, { ...first, attempt: 1, token: "t1", timeoutSeconds: 60, ...more }),
    answer: (answer, step = "approval") => answerEvent(world, { command: "answer", run: id, step, answer }),
    end: () =>
      settle(world, { execution, status: "SUCCEEDED", startedAt: 1, endedAt: world.time, input: {}, output: null }),
  };
}

describe("A step that waits for an event", () => {
  it("is listed, and is answered with what the schema makes of the value", async () => {
    const { world, id, wait, answer } = await waiting();
    await wait();
    const until = world.time + 60_000;
    const at = "functions/m/flows.ts:3";
    expect(await eventsOf(world.items, id, world.time)).toEqual([
      { step: "approval", event: "approval", at, since: world.time, until },
    ]);
    expect(await eventsOf(world.items, id, until)).toEqual([]);
    await answer(YES);
    expect(world.answered).toEqual([{ token: "t1", answer: TAKEN }]);
    expect(await eventsOf(world.items, id, world.time)).toEqual([]);
  });

  it("takes the same answer again, and no other", async () => {
    const { world, wait, answer } = await waiting();
    await wait();
    await answer(YES);
    await answer(YES);
    expect(world.answered).toHaveLength(1);
    await expect(answer({ value: { approved: false } })).rejects.toMatchObject({ name: "AlreadyAnswered" });
    await expect(answer({ error: { name: "No", message: "" } })).rejects.toMatchObject({ name: "AlreadyAnswered" });
  });

  it("is answered with an error under the error's own name", async () => {
    const { world, wait, answer } = await waiting();
    await wait();
    await answer({ error: { name: "Refused", message: "too late" } });
    const cause = JSON.stringify({ errorType: "Refused", errorMessage: "too late" });
    expect(world.answered).toEqual([{ token: "t1", answer: { error: { name: "Refused", cause } } }]);
  });

  it("refuses what the schema refuses, before the run gets it", async () => {
    const { world, wait, answer } = await waiting();
    await wait();
    await expect(answer({ value: "yes" })).rejects.toMatchObject({ name: "InvalidAnswer" });
    await expect(answer({ error: { name: "States.ALL", message: "" } })).rejects.toMatchObject({
      name: "InvalidAnswer",
    });
    expect(world.answered).toEqual([]);
    await answer(YES);
    expect(world.answered).toHaveLength(1);
  });

  it("takes no answer before it waits", async () => {
    const { world, wait, answer } = await waiting();
    await expect(answer(YES)).rejects.toMatchObject({ name: "NotWaiting" });
    await wait();
    expect(world.answered).toEqual([]);
  });

  it("is none where it has another name, and says what waits", async () => {
    const { wait, answer } = await waiting();
    await wait({ step: "approval[1]" });
    const refused = expect(answer(YES)).rejects;
    await refused.toMatchObject({ name: "NotWaiting", message: expect.stringContaining('"approval[1]"') as string });
  });

  it("waits under the token of its last attempt", async () => {
    const { world, wait, answer } = await waiting();
    await wait({ attempt: 2, token: "t2" });
    await wait();
    await answer(YES);
    expect(world.answered.map(({ token }) => token)).toEqual(["t2"]);
  });

  it("hands an answer that was stored before a crash on to the next attempt", async () => {
    const { world, wait, answer } = await waiting();
    await wait();
    const { machines } = world;
    const real = machines.answer.bind(machines);
    machines.answer = async () => Promise.reject(new Error("the process died here"));
    await expect(answer(YES)).rejects.toThrow("died");
    machines.answer = real;
    await wait({ attempt: 2, token: "t2" });
    expect(world.answered).toEqual([{ token: "t2", answer: TAKEN }]);
    await answer(YES);
    expect(world.answered).toHaveLength(1);
  });

  it("says that nobody waits where the platform says so, and may be answered under a later token", async () => {
    const { world, wait, answer } = await waiting();
    await wait();
    const { machines } = world;
    const real = machines.answer.bind(machines);
    machines.answer = async () => "gone";
    await expect(answer(YES)).rejects.toMatchObject({ name: "NotWaiting" });
    machines.answer = real;
    await wait({ attempt: 2, token: "t2" });
    expect(world.answered).toEqual([]);
    await answer(YES);
    expect(world.answered.map(({ token }) => token)).toEqual(["t2"]);
  });

  it("begins anew where its state is entered again", async () => {
    const { world, wait, answer } = await waiting();
    await wait();
    await answer(YES);
    await wait({ entered: new Date(world.time + 1).toISOString(), token: "t2" });
    await answer({ value: { approved: false } });
    expect(world.answered.map(({ token }) => token)).toEqual(["t1", "t2"]);
  });

  it("leaves nothing when its run has ended, and nothing can be answered or waited for then", async () => {
    const { world, id, wait, answer, end } = await waiting();
    await wait();
    await end();
    await wait({ attempt: 2, token: "t2" });
    const record = await world.items.get(runKey(id));
    expect(Object.keys(record ?? {}).filter((name) => name.startsWith("e:") || name === "follows")).toEqual([]);
    expect(record).not.toHaveProperty("gk");
    expect(await eventsOf(world.items, id, world.time)).toEqual([]);
    await expect(answer(YES)).rejects.toMatchObject({ name: "RunEnded" });
  });

  it("is written once more after a write that a crash lost", async () => {
    for (let failAt = 0; failAt < 3; failAt++) {
      const { world, wait, answer } = await waiting();
      world.failAt = failAt;
      const again = (work: () => Promise<null>) => () => {
        world.failAt = -1;
        return work();
      };
      await wait().catch(again(wait));
      await answer(YES).catch(again(() => answer(YES)));
      expect(world.answered).toEqual([{ token: "t1", answer: TAKEN }]);
    }
  });
});
