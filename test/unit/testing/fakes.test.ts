import { describe, expect, it } from "vitest";
import * as z from "zod";
import { task } from "../../../engine/runtime/task.ts";
import { direct } from "../../../engine/testing/direct.ts";
import { fake } from "../../../engine/testing/fake.ts";
import { randomFaults, type Fault } from "../../../engine/testing/faults.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { newTrace } from "../../../engine/testing/trace.ts";

const charge = task(
  { name: "charge", input: z.number(), output: z.string(), retries: 2, timeoutSeconds: 30 },
  async (amount, { items, run }) => {
    await items.put({ pk: `charged/${run.attempt}`, sk: "x", amount });
    return `receipt ${amount}`;
  },
);
const report = task({ name: "report", input: z.any(), output: z.array(z.number()), resultAs: "blob" }, () => [0]);
const read = task({ name: "read", input: z.any(), output: z.any() }, (reference, { blobs }) =>
  blobs.read(reference as { blob: string; size: number; sha256: string }),
);
const pay = async (amount: number): Promise<string> => charge(amount);

describe("a fake task", () => {
  it("answers by a function, which gets what the schema makes of the input", async () => {
    const tasks = [fake(charge, (amount, { run }) => `${amount} at attempt ${run.attempt}`)];
    expect(await direct(pay, 5, { tasks })).toBe("5 at attempt 1");
    await expect(direct(pay, "5" as never, { tasks })).rejects.toMatchObject({ name: "InvalidInput" });
  });

  it("answers its calls in turn, retries among them, and says when there are more", async () => {
    const trace = newTrace();
    const tasks = [fake("charge", [new RangeError("no"), "a", "b"])];
    const twice = async (n: number): Promise<string[]> => [await charge(n), await charge(n)];
    expect(await direct(twice, 1, { tasks, trace })).toEqual(["a", "b"]);
    expect(trace.calls.map(({ attempt, error }) => [attempt, error])).toEqual([
      [1, "RangeError"],
      [2, undefined],
      [1, undefined],
    ]);
    await expect(direct(twice, 1, { tasks: [fake(charge, ["a"])] })).rejects.toThrow(
      'The fake of task "charge" has 1 answers, and this is call',
    );
  });

  it("cannot answer what the task's schema refuses", async () => {
    const tasks = [fake(charge, [5 as never])];
    await expect(direct(pay, 1, { tasks })).rejects.toMatchObject({ name: "InvalidOutput" });
    const blob = direct(async () => report(null), {}, { tasks: [fake(report, [["x"] as never])] });
    await expect(blob).rejects.toMatchObject({ name: "InvalidOutput" });
  });

  it("stands in for a task that another one calls within its step, whose result is no blob there", async () => {
    const outer = task({ name: "outer", input: z.null(), output: z.unknown() }, async () => [
      await charge(1),
      await report(null),
    ]);
    const tasks = [fake(charge, ["faked"]), fake(report, [[7]])];
    const trace = newTrace();
    expect(await direct(async () => outer(null), {}, { tasks, trace })).toEqual(["faked", [7]]);
    expect(trace.calls).toHaveLength(1);
  });

  it("has its result in the blob store where the task's is there, or names one that is", async () => {
    const flow = async (): Promise<unknown> => read(await report(null));
    expect(await direct(flow, {}, { tasks: [fake(report, [[1, 2]])] })).toEqual([1, 2]);
    const reference = { blob: "runs/x/y", size: 3, sha256: "z" };
    expect(await direct(async () => report(null), {}, { tasks: [fake("report", [reference])] })).toEqual(reference);
  });
});

describe("a fault", () => {
  it.each<[Fault["fault"], string, number, string[]]>([
    [new RangeError("no"), "RangeError", 1_000, ["charged/2"]],
    ["timeout", "States.Timeout", 31_000, ["charged/2"]],
    ["crash-after-commit", "Lambda.Unknown", 1_000, ["charged/1", "charged/2"]],
  ])("is retried as any other failure: %s", async (fault, name, at, written) => {
    const trace = newTrace();
    const items = memoryItems();
    expect(await direct(pay, 5, { items, trace, faults: [{ task: charge, fault }] })).toBe("receipt 5");
    expect(trace.calls.map(({ error }) => error)).toEqual([name, undefined]);
    expect(trace.events.at(-1)?.at).toBe(at);
    const found = await Promise.all(
      ["charged/1", "charged/2"].map((pk) => items.get({ pk: `DOMAIN#direct#${pk}`, sk: "x" })),
    );
    expect(found.filter((item) => item !== undefined).map(({ pk }) => pk.split("#")[2])).toEqual(written);
  });

  it("ends the flow where no attempt is left", async () => {
    const faults = [1, 2, 3].map((attempt): Fault => ({ task: "charge", attempt, fault: "timeout" }));
    const run = direct(pay, 5, { faults });
    await expect(run).rejects.toMatchObject({ name: "States.Timeout", message: "" });
    await expect(run).rejects.toMatchObject({
      stack: expect.stringMatching(/"charge" took longer than its 30 s/) as string,
    });
  });

  it("at random is the same for the same seed, and never spoils the last attempt", async () => {
    const errors = async (seed: number): Promise<unknown[]> => {
      const trace = newTrace();
      const flow = async (): Promise<string[]> => [await charge(1), await charge(2), await charge(3)];
      const ended = await direct(flow, {}, { trace, faults: randomFaults({ seed, rate: 0.7 }) });
      expect(ended).toEqual(["receipt 1", "receipt 2", "receipt 3"]);
      return trace.calls.map(({ error }) => error);
    };
    const runs = await Promise.all(Array.from({ length: 20 }, (_, seed) => errors(seed)));
    expect(await errors(7)).toEqual(runs[7]);
    const seen = new Set(runs.flat());
    expect(seen).toEqual(new Set([undefined, "Error", "States.Timeout", "Lambda.Unknown"]));
  });
});
