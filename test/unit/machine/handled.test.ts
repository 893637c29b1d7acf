import { describe, expect, it } from "vitest";
import { nextRetry } from "../../../engine/local/machine/retry.ts";
import type { Json } from "../../../engine/model/json.ts";
import type { Retrier, TaskState } from "../../../engine/model/machine.ts";
import { END, LAMBDA, machine, named, outputOf, task, trial, type Tasks } from "./trial.ts";

/** Fails with these errors in turn, then answers. */
function failing(...errors: string[]): Tasks {
  const left = [...errors];
  return {
    one: () => {
      const error = left.shift();
      if (error !== undefined) throw named(error);
      return "done";
    },
  };
}

const once = (Retry: Retrier[]): Parameters<typeof trial>[0] => machine({ one: task(1, { Retry }) });

describe("a call", () => {
  it("gets a copy of its arguments, its attempt and a signal", async () => {
    const definition = machine({
      start: { Type: "Pass", Assign: { list: [1] }, Next: "one" },
      one: task("{% $list %}", { Output: "{% $list %}" }),
    });
    const spoil: Tasks = { one: (input) => ((input as Json[]).push(2), input) };
    const { outcome, calls } = await trial(definition, { tasks: spoil });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: [1] });
    expect(calls[0]).toMatchObject({ state: "one", frame: "", attempt: 1, arguments: { Payload: [1, 2] } });
    expect(calls[0]?.signal.aborted).toBe(false);
  });

  it("has the state's input without Arguments, the result as output without Output", async () => {
    const bare: TaskState = { Type: "Task", Resource: LAMBDA, End: true };
    const { outcome, calls } = await trial(machine({ one: bare }), { input: { Payload: 3 } });
    expect(calls[0]?.arguments).toEqual({ Payload: 3 });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: { Payload: 3, StatusCode: 200 } });
  });

  it("of a function fails with Lambda's JSON as its cause", async () => {
    const { outcome } = await trial(machine({ one: task(1) }), { tasks: failing("Declined") });
    expect(outcome).toMatchObject({ status: "FAILED", error: "Declined" });
    const cause = JSON.parse((outcome as { cause: string }).cause) as { trace: string[] };
    expect(cause).toMatchObject({ errorType: "Declined", errorMessage: "Declined happened" });
    expect(cause.trace.length).toBeGreaterThan(1);
  });

  it("of anything else fails with its message as the cause", async () => {
    const Resource = "arn:aws:states:::dynamodb:putItem";
    const { outcome } = await trial(machine({ one: task(1, { Resource }) }), { tasks: failing("DynamoDB.Odd") });
    expect(outcome).toEqual({ status: "FAILED", error: "DynamoDB.Odd", cause: "DynamoDB.Odd happened" });
  });

  it("fails with States.DataLimitExceeded on a large result, which a catcher may take", async () => {
    const Catch = [{ ErrorEquals: ["States.ALL"], Output: "{% $states.errorOutput.Error %}", Next: "end" }];
    const tasks = { one: () => "x".repeat(262_144) };
    expect(await outputOf(machine({ one: task(1, { Catch }), end: END }), { tasks })).toBe("States.DataLimitExceeded");
  });

  it("fails with States.DataLimitExceeded on large arguments", async () => {
    const { outcome, calls } = await trial(machine({ one: task("{% $pad('', 262144, 'x') %}") }));
    expect(outcome).toMatchObject({ error: "States.DataLimitExceeded" });
    expect(calls).toHaveLength(0);
  });
});

describe("Retry", () => {
  it("pauses by IntervalSeconds times BackoffRate, at most MaxDelaySeconds", () => {
    const retrier = { ErrorEquals: ["E"], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 9, MaxDelaySeconds: 20 };
    const pause = (...earlier: number[]): number | undefined =>
      nextRetry([retrier], earlier, "E", () => 0.5)?.milliseconds;
    expect([pause(), pause(0), pause(0, 0), pause(0, 0, 0)]).toEqual([2_000, 6_000, 18_000, 20_000]);
  });

  it("has Step Functions' defaults and full jitter", () => {
    const retrier = { ErrorEquals: ["E"] } as const;
    const pause = (earlier: number[], more?: Partial<Retrier>): number | undefined =>
      nextRetry([{ ...retrier, ...more }], earlier, "E", () => 0.25)?.milliseconds;
    expect([pause([]), pause([0]), pause([0, 0]), pause([0, 0, 0])]).toEqual([1_000, 2_000, 4_000, undefined]);
    expect(pause([0], { JitterStrategy: "FULL" })).toBe(500);
    expect(pause([], { MaxAttempts: 0 })).toBeUndefined();
  });

  it("waits between attempts", async () => {
    const definition = once([{ ErrorEquals: ["E"], IntervalSeconds: 10, BackoffRate: 1 }]);
    const { outcome, clock, calls, events } = await trial(definition, { tasks: failing("E", "E") });
    expect(outcome.status).toBe("SUCCEEDED");
    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(clock.now() - events[0]!.startedAt).toBe(20_000);
  });

  it("adds up attempts for each retrier, and only the first that covers counts", async () => {
    const retriers = [
      { ErrorEquals: ["A", "B"], MaxAttempts: 2 },
      { ErrorEquals: ["B", "C"], MaxAttempts: 5 },
    ];
    expect((await trial(once(retriers), { tasks: failing("A", "C", "B") })).outcome.status).toBe("SUCCEEDED");
    expect((await trial(once(retriers), { tasks: failing("A", "B", "B") })).outcome).toMatchObject({ error: "B" });
  });

  it("counts anew at each visit", async () => {
    const definition = machine({
      one: task(1, { Retry: [{ ErrorEquals: ["E"], MaxAttempts: 1 }], Next: "again" }),
      again: {
        Type: "Choice",
        Choices: [{ Condition: "{% $exists($seen) %}", Next: "end" }],
        Default: "one",
        Assign: { seen: true },
      },
      end: END,
    });
    let calls = 0;
    const tasks: Tasks = {
      one: () => {
        if (calls++ % 2 === 0) throw named("E");
        return 1;
      },
    };
    expect((await trial(definition, { tasks })).outcome.status).toBe("SUCCEEDED");
    expect(calls).toBe(4);
  });

  it.each([
    ["States.ALL", "E", true],
    ["States.ALL", "States.Timeout", true],
    ["States.ALL", "States.Runtime", false],
    ["States.TaskFailed", "E", true],
    ["States.TaskFailed", "States.Timeout", false],
    ["States.TaskFailed", "States.QueryEvaluationError", false],
    ["States.TaskFailed", "States.DataLimitExceeded", true],
    ["States.Timeout", "States.Timeout", true],
    ["States.Runtime", "States.Runtime", false],
    ["E", "F", false],
  ])("%s covers %s: %s", (name, error, expected) => {
    expect(nextRetry([{ ErrorEquals: [name] }], [], error, () => 0) !== undefined).toBe(expected);
  });

  it("repeats the call where Output fails and States.ALL is retried", async () => {
    const definition = machine({
      one: task(1, { Output: "{% $nowhere %}", Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 2 }] }),
    });
    const { outcome, calls } = await trial(definition);
    expect(outcome).toMatchObject({ error: "States.QueryEvaluationError" });
    expect(calls).toHaveLength(3);
  });
});

describe("Catch", () => {
  const Catch = [
    { ErrorEquals: ["A"], Assign: { by: "A" }, Next: "end" },
    {
      ErrorEquals: ["States.ALL"],
      Assign: { by: "all", old: "{% $by %}" },
      Output: "{% $states.errorOutput %}",
      Next: "end",
    },
  ];
  const definition = machine({
    start: { Type: "Pass", Assign: { by: "none" }, Next: "one" },
    one: task(1, { Assign: { by: "task" }, Catch, TimeoutSeconds: 60 }),
    end: { Type: "Succeed", Output: ["{% $by %}", "{% $states.input %}"] },
  });

  it("takes the first catcher that covers, with its results and not the state's", async () => {
    const [by, input] = (await outputOf(definition, { tasks: failing("A") })) as [string, { Cause: string }];
    expect([by, input]).toMatchObject(["A", { Error: "A" }]);
    expect(input.Cause).toContain("A happened");
    expect(await outputOf(definition, { tasks: failing("B") })).toMatchObject(["all", { Error: "B" }]);
  });

  it("sees no Cause after a timeout, whose call is aborted", async () => {
    const tasks: Tasks = { one: () => new Promise(() => undefined) };
    const { outcome, calls, clock, events } = await trial(definition, { tasks });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: ["all", { Error: "States.Timeout" }] });
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(clock.now() - events[0]!.startedAt).toBe(60_000);
  });

  it("comes after Retry", async () => {
    const Retry = [{ ErrorEquals: ["A"], MaxAttempts: 1 }];
    const both = machine({ ...definition.States, one: task(1, { Catch, Retry }) }, { StartAt: "start" });
    const { outcome, calls } = await trial(both, { tasks: failing("A", "A") });
    expect(outcome).toMatchObject({ output: ["A", { Error: "A" }] });
    expect(calls).toHaveLength(2);
  });

  it("does not take a failure of its own results", async () => {
    const odd = machine({
      one: task(1, { Catch: [{ ErrorEquals: ["States.ALL"], Output: "{% $nowhere %}", Next: "end" }] }),
      end: END,
    });
    const { outcome } = await trial(odd, { tasks: failing("A") });
    expect(outcome).toMatchObject({ status: "FAILED", error: "States.QueryEvaluationError" });
  });
});

describe("TimeoutSeconds", () => {
  it.each(["{% -1 %}", "{% 1.5 %}", "{% '1' %}"])("must be whole seconds: %s", async (TimeoutSeconds) => {
    const { outcome } = await trial(machine({ one: task(1, { TimeoutSeconds }) }));
    expect(outcome).toMatchObject({ error: "States.QueryEvaluationError" });
  });

  it("of the machine ends the execution as TIMED_OUT, past every catcher", async () => {
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "end" }];
    const definition = machine({ one: task(1, { Catch }), end: END }, { TimeoutSeconds: 30 });
    const tasks: Tasks = { one: () => new Promise(() => undefined) };
    const { outcome, calls, entries, clock, events } = await trial(definition, { tasks });
    expect(outcome).toEqual({ status: "TIMED_OUT", error: "States.Timeout" });
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(entries.map(({ kind }) => kind)).toEqual(["ended"]);
    expect(clock.now() - events[0]!.startedAt).toBe(30_000);
  });
});

describe("an aborted signal", () => {
  it("stops the walk, records nothing and rejects with its reason", async () => {
    const controller = new AbortController();
    const reason = new Error("going down");
    const tasks: Tasks = { one: () => (controller.abort(reason), "late") };
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "two" }];
    const definition = machine({ one: task(1, { Catch, Next: "two" }), two: task(2) });
    const options = { tasks, signal: controller.signal };
    await expect(trial(definition, options)).rejects.toBe(reason);
    await expect(trial(definition, options)).rejects.toBe(reason);
  });
});
