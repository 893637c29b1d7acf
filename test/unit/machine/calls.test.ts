import { expect, it } from "vitest";
import { callsOf } from "../../../engine/local/machine/calls.ts";
import type { JournalEntry } from "../../../engine/local/machine/journal.ts";
import { Killed, MemoryCallbacks, machine, named, task, trial } from "./trial.ts";

const CALL = { task: "charge", step: "charge", input: { n: 1 } };
const TOKEN = { Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", Output: "{% $states.result %}" };

it("tells each attempt of a task with what was sent and what came back, whatever the machine keeps of it", async () => {
  const retried = { Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 1, IntervalSeconds: 1 }] };
  const states = {
    charge: task(CALL, { ...retried, Next: "tags", Output: "{% $states.result.Payload.receipt %}" }),
    tags: task({ task: "millrace/add-tags", step: "tags", input: [] }, { Next: "ship" }),
    ship: task({ task: "ship", step: "ship", input: "{% $states.context.Execution.Name %}" }, { Output: {} }),
  };
  let attempts = 0;
  const entries: JournalEntry[] = [];
  const charge = () => {
    if (++attempts === 1) throw named("Declined");
    return { receipt: "r-1", more: [1] };
  };
  const { outcome } = await trial(machine(states), {
    entries,
    tasks: {
      charge,
      ship: () => {
        throw named("Lost");
      },
    },
  });
  expect(outcome).toMatchObject({ status: "FAILED", error: "Lost" });
  const charged = { kind: "task", name: "charge", input: { n: 1 } };
  expect(callsOf(entries)).toEqual([
    { ...charged, error: expect.objectContaining({ name: "Declined" }) as object },
    { ...charged, result: { receipt: "r-1", more: [1] } },
    { kind: "task", name: "ship", input: "run-1", error: expect.objectContaining({ name: "Lost" }) as object },
  ]);
});

it("tells of a child and of an event, though another process got the answer", async () => {
  const child = { workflow: "ship", parameters: { id: "a" }, step: "child", token: "{% $states.context.Task.Token %}" };
  const event = { event: "approval", step: "approval", token: "{% $states.context.Task.Token %}" };
  const definition = machine({ child: task(child, { ...TOKEN, Next: "approval" }), approval: task(event, TOKEN) });
  const entries: JournalEntry[] = [];
  const callbacks = new MemoryCallbacks();
  await expect(trial(definition, { entries, callbacks, killAfter: 1 })).rejects.toThrow(Killed);
  callbacks.answer(callbacks.tokens[0] ?? "", { output: "sent" });
  const approve = (_: unknown, { token = "" }: { readonly token?: string }) => {
    callbacks.answer(token, { error: { name: "Refused", cause: "no" } });
    return null;
  };
  const { outcome } = await trial(definition, { entries, callbacks, tasks: { approval: approve } });
  expect(outcome).toMatchObject({ status: "FAILED", error: "Refused" });
  expect(callsOf(entries)).toEqual([
    { kind: "child", name: "ship", input: { id: "a" }, result: "sent" },
    { kind: "event", name: "approval", input: null, error: { name: "Refused", message: "no" } },
  ]);
});
