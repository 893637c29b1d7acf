import { describe, expect, it } from "vitest";
import { Answers } from "../../../engine/cli/asl/answers.ts";
import { simulate } from "../../../engine/cli/asl/simulate.ts";
import type { Json } from "../../../engine/model/json.ts";
import type { MapState, States, TaskState } from "../../../engine/model/machine.ts";

const run = (states: States, tasks: Json = {}, input: Json = {}) =>
  simulate(
    { QueryLanguage: "JSONata", StartAt: Object.keys(states)[0] ?? "", States: states },
    input,
    new Answers(tasks),
  );

const task = (more: Partial<TaskState> = {}): TaskState => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: "{% $states.input %}",
  ...(more.Next === undefined ? { End: true } : {}),
  ...more,
});

const map = (states: States, more: Partial<MapState> = {}): MapState => ({
  Type: "Map",
  ItemProcessor: { StartAt: Object.keys(states)[0] ?? "", States: states },
  End: true,
  ...more,
});

describe("A simulation", () => {
  it("answers the calls of a state in turn, a retry too, and repeats the last entry", async () => {
    const Retry = [{ ErrorEquals: ["Busy"], IntervalSeconds: 60, MaxAttempts: 5 }];
    const { status, output, calls, events } = {
      output: undefined,
      ...(await run(
        {
          one: task({ Retry, Next: "two", Output: "{% $states.result %}" }),
          two: task({ Resource: "arn:aws:lambda:eu-west-1:1:function:f" }),
        },
        {
          one: [{ error: "Busy" }, { error: "Busy", cause: "still" }, { result: 5 }],
          two: [{ result: 6, delaySeconds: 9 }],
        },
        { a: 1 },
      )),
    };
    expect({ status, output }).toEqual({ status: "SUCCEEDED", output: 6 });
    expect(calls.map(({ state, arguments: given }) => [state, given])).toEqual([
      ["one", { a: 1 }],
      ["one", { a: 1 }],
      ["one", { a: 1 }],
      ["two", 5],
    ]);
    expect(events.join(" ")).toBe(
      "TaskStateEntered TaskScheduled TaskStarted TaskFailed TaskScheduled TaskStarted TaskFailed TaskScheduled TaskStarted " +
        "TaskSucceeded TaskStateExited TaskStateEntered LambdaFunctionScheduled LambdaFunctionStarted " +
        "LambdaFunctionSucceeded TaskStateExited",
    );
  });

  it("tells items in virtual-time order, then by number, whatever began first", async () => {
    const states: States = {
      wait: { Type: "Wait", Seconds: "{% $states.input %}", Next: "call" },
      call: task({ Output: "{% $states.result %}" }),
    };
    const { calls, ...outcome } = await run(
      { each: map(states, { Items: [3, 1, 3, 0] }) },
      { call: [{ result: "a" }, { result: "b" }, { result: "c" }, { result: "d" }] },
    );
    expect(calls.map(({ arguments: given }) => given)).toEqual([0, 1, 3, 3]);
    expect(outcome).toMatchObject({ output: ["c", "b", "d", "a"] });
  });

  it("keeps an item's events together, and tells what a failure stops", async () => {
    const states: States = { call: task({ TimeoutSeconds: 5 }) };
    const { status, events } = await run(
      { each: map(states, { Items: [1, 2] }) },
      { call: [{ result: 1, delaySeconds: 9 }] },
    );
    expect(status).toBe("FAILED");
    const item = "MapIterationStarted TaskStateEntered TaskScheduled TaskStarted";
    expect(events.join(" ")).toBe(
      `MapStateEntered MapStateStarted ${item} ${item} TaskTimedOut MapIterationFailed TaskStateAborted ` +
        "MapIterationAborted TaskStateAborted MapStateFailed",
    );
  });

  it("tells an evaluation that failed, and one that a Parallel catches", async () => {
    const broken: States = { wrong: { Type: "Pass", Output: "{% $nothing %}", End: true } };
    expect(await run(broken)).toMatchObject({
      status: "FAILED",
      error: "States.QueryEvaluationError",
      events: ["PassStateEntered", "EvaluationFailed"],
    });
    const Catch = [{ ErrorEquals: ["States.QueryEvaluationError"], Next: "end" }];
    const { events } = await run({
      both: { Type: "Parallel", Branches: [{ StartAt: "wrong", States: broken }], Catch, End: true },
      end: { Type: "Succeed", Output: 1 },
    });
    expect(events.join(" ")).toBe(
      "ParallelStateEntered ParallelStateStarted PassStateEntered EvaluationFailed ParallelStateFailed " +
        "ParallelStateExited SucceedStateEntered SucceedStateExited",
    );
  });

  it("leaves the children of a distributed Map to their own histories, but not their calls", async () => {
    const ProcessorConfig = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } as const;
    const ItemProcessor = { ProcessorConfig, StartAt: "call", States: { call: task() } };
    const { calls, events } = await run(
      { many: { Type: "Map", Items: [1, 2], ItemProcessor, End: true } },
      { call: [{ result: 1 }] },
    );
    expect(calls).toHaveLength(2);
    expect(events.join(" ")).toBe(
      "MapStateEntered MapStateStarted MapRunStarted MapRunSucceeded MapStateSucceeded MapStateExited",
    );
  });

  it("takes an entry for the answer to a token, which may come too late", async () => {
    const wait = task({ Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", TimeoutSeconds: 60 });
    const begun = "TaskStateEntered TaskScheduled TaskStarted TaskSubmitted";
    const told = await run({ wait }, { wait: [{ result: "yes", delaySeconds: 60 }] });
    expect(told).toMatchObject({ output: "yes" });
    expect(told.events.join(" ")).toBe(`${begun} TaskSucceeded TaskStateExited`);
    const late = await run({ wait }, { wait: [{ result: "yes", delaySeconds: 61 }] });
    expect(late).toMatchObject({ status: "FAILED", error: "States.Timeout" });
    expect(late.events.join(" ")).toBe(`${begun} TaskTimedOut`);
  });

  it("names the event of a state's entry in what it fails with", async () => {
    const fails: States = { two: { Type: "Wait", Seconds: "{% $states.input.days %}", End: true } };
    const inside: States = {
      one: { Type: "Pass", Next: "both" },
      both: { Type: "Parallel", Branches: [{ StartAt: "two", States: fails }], End: true },
    };
    const causeOf = async (days: Json) => {
      const outcome = await run(inside, {}, { days });
      return "cause" in outcome ? outcome.cause : undefined;
    };
    const begun = "An error occurred while executing the state 'two' (entered at the event id #6). ";
    expect(await causeOf(-1)).toBe(`${begun}Seconds must be 0 or greater but was: -1`);
    expect(await causeOf(1.5)).toBe(`${begun}The Seconds field cannot be parsed as an integer: 1.5`);
    expect(await causeOf(null)).toBe(
      `${begun}The JSONata expression '$states.input.days' specified for the field 'Seconds' returned an unexpected ` +
        "result type. Expected 'number', but was 'null' for value: null",
    );
  });

  it("ends at once where a Choice has no way on, past every catcher", async () => {
    const lost: States = {
      pick: { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "end" }] },
      end: { Type: "Succeed" },
    };
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "done" }];
    const outcome = await run({
      both: { Type: "Parallel", Branches: [{ StartAt: "pick", States: lost }], Catch, End: true },
      done: { Type: "Succeed" },
    });
    expect(outcome).toMatchObject({ status: "FAILED", error: "States.Runtime" });
    expect(outcome.events.join(" ")).toBe("ParallelStateEntered ParallelStateStarted ChoiceStateEntered");
  });

  it("catches a missed heartbeat by either name, and tells it as a timeout", async () => {
    const wait = (name: string): States => ({
      wait: task({
        Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        HeartbeatSeconds: 5,
        TimeoutSeconds: 60,
        Catch: [{ ErrorEquals: [name], Next: "end" }],
        Next: "end",
      }),
      end: { Type: "Succeed" },
    });
    for (const name of ["States.HeartbeatTimeout", "States.Timeout"]) {
      const { events, ...outcome } = await run(wait(name), { wait: [{ result: 1, delaySeconds: 6 }] });
      expect(outcome).toMatchObject({ output: { Error: "States.Timeout" } });
      expect(events).toContain("TaskTimedOut");
    }
    const other = await run(wait("States.TaskFailed"), { wait: [{ result: 1, delaySeconds: 6 }] });
    expect(other).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  });

  it("fails where an inline Map has what a distributed one has", async () => {
    const states: States = { call: task() };
    const outcome = await run({ each: map(states, { Items: [1], ItemBatcher: { MaxItemsPerBatch: 1 } }) });
    expect(outcome).toMatchObject({ status: "FAILED", error: "States.Runtime", events: ["MapStateEntered"] });
  });

  it("times out as a whole, and ends at the longest history", async () => {
    const loop: States = { again: { Type: "Pass", Next: "again" } };
    const looped = await run(loop);
    expect(looped).toMatchObject({ status: "FAILED", error: "States.Runtime" });
    expect(looped.events).toHaveLength(24_998);
    const day: States = { wait: { Type: "Wait", Seconds: 86_400, End: true } };
    const definition = { QueryLanguage: "JSONata", StartAt: "wait", TimeoutSeconds: 60, States: day } as const;
    expect(await simulate(definition, {}, new Answers({}))).toMatchObject({ status: "TIMED_OUT" });
  });

  it("refuses a call without an entry, in a branch too, whatever catches", async () => {
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "end" }];
    const run1 = run({ each: map({ call: task({ Catch, Next: "end" }), end: { Type: "Succeed" } }, { Items: [1] }) });
    await expect(run1).rejects.toThrow(/State "call" makes a call that the tasks file has no entry for/);
  });
});

describe("The tasks file", () => {
  it.each<Json>([
    [],
    { a: {} },
    { a: [{}] },
    { a: [{ result: 1, error: "A" }] },
    { a: [{ result: 1, delaySeconds: -1 }] },
  ])("is not %j", (given) => expect(() => new Answers(given)).toThrow(/Allowed is/));
});
