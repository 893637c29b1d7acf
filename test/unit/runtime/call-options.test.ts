import { describe, expect, it } from "vitest";
import * as z from "zod";
import { isRetried } from "../../../engine/model/retry.ts";
import { eachLineOnce, type LogLine } from "../../../engine/model/run.ts";
import type { CallOptions } from "../../../engine/model/task-options.ts";
import type { FlowLine, TaskPayload } from "../../../engine/model/wire.ts";
import { invokeTask, type TaskHost } from "../../../engine/runtime/invoke.ts";
import { task, type Task } from "../../../engine/runtime/task.ts";
import { memoryBlobs } from "../../../engine/testing/memory-blobs.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";

class Declined extends Error {
  override readonly name = "Declined";
}

const options = { name: "charge", input: z.number(), output: z.number(), retries: 2 };
const charge = task(options, (amount) => {
  if (amount > 1) throw new Declined("too much");
  return amount;
});
const payload: TaskPayload = {
  task: "charge",
  input: 1,
  run: "arn:aws:states:local:000000000000:execution:local_pay:0193a0b1-0000-7000-8000-00000000000a",
  step: "charge",
  at: "functions/pay/flows.ts:7",
  attempt: 1,
  context: {},
};

function invoke(called: unknown, more: Partial<TaskPayload>, lines: LogLine[] = []): Promise<unknown> {
  const host: TaskHost = {
    items: memoryItems(),
    blobs: memoryBlobs(),
    domain: "pay",
    now: () => 7,
    sleep: () => Promise.resolve(),
    submit: () => Promise.reject(new Error("not here")),
    answer: () => Promise.resolve("gone"),
    log: ({ step }, line) => {
      const write = (level: LogLine["level"]) => (message: string) => {
        lines.push({ time: 7, level, message, step, ...(line === undefined ? {} : { line }) });
      };
      return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
    },
  };
  return invokeTask(called as Task, { ...payload, ...more }, host);
}

describe("a task with options for one call", () => {
  it("is the same task, and leaves the declared one as it is", async () => {
    const patient = charge.with({ retries: 5, retryDelaySeconds: 3 }).with({ retryOn: ["Declined"] });
    const changed = { name: "charge", retries: 5, retryDelaySeconds: 3, retryOn: ["Declined"] };
    expect(patient.options).toMatchObject(changed);
    expect(charge.options).toEqual(options);
    expect(await invoke(patient, {})).toBe(1);
  });

  it.each<[CallOptions, RegExp]>([
    [{ retries: 101 }, /retries is 101, allowed are whole numbers from 0 to 100/],
    [{ timeoutSeconds: 0 }, /timeoutSeconds is 0/],
    [{ maxRetryDelaySeconds: 0.5 }, /maxRetryDelaySeconds is 0.5/],
    [{ retryOn: [] }, /retryOn is \[\]/],
    [{ retryOn: ["States.ALL"] }, /retryOn is \["States.ALL"\]/],
  ])("refuses %j", (given, problem) => {
    expect(() => charge.with(given)).toThrow(problem);
  });

  it("is tried again for the errors that it names alone, and never for what no attempt can mend", () => {
    expect(isRetried({ retries: 1 }, 1, "Error")).toBe(true);
    expect(isRetried({ retries: 1 }, 2, "Error")).toBe(false);
    expect(isRetried({ retries: 1, retryOn: ["Declined"] }, 1, "Error")).toBe(false);
    expect(isRetried({ retries: 1, retryOn: ["Declined"] }, 1, "Declined")).toBe(true);
    expect(isRetried({ retries: 1, retryOn: ["InvalidInput"] }, 1, "InvalidInput")).toBe(false);
  });

  it("has the call's timeout, which its payload brings", async () => {
    const slow = task({ name: "slow", input: z.number(), output: z.number() }, (_, { signal }) => {
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    });
    await expect(invoke(slow, { timeoutSeconds: 0.01 })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("throws an error of the task's own class under its name", async () => {
    await expect(invoke(charge, { input: 2 })).rejects.toMatchObject({ name: "Declined", message: "too much" });
  });
});

describe("lines that a flow logged", () => {
  const logs: FlowLine[] = [{ level: "warn", message: "look", at: "functions/pay/flows.ts:5", line: "line.0" }];

  it("are written by the task that carries them, under their own place, also where it fails", async () => {
    const lines: LogLine[] = [];
    await expect(invoke(charge, { input: 2, logs }, lines)).rejects.toThrow("too much");
    const written = { time: 7, level: "warn", message: "look", step: "functions/pay/flows.ts:5", line: "line.0" };
    expect(lines).toEqual([written]);
  });

  it("are told once, however many attempts have written them", () => {
    const line = (message: string, more = {}): LogLine => ({ time: 1, level: "info", message, step: "s", ...more });
    const lines = [line("a", { line: "1" }), line("b"), line("a", { line: "1" }), line("b"), line("a", { line: "2" })];
    expect(eachLineOnce(lines)).toEqual([lines[0], lines[1], lines[3], lines[4]]);
  });
});
