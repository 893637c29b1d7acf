import { describe, expect, it } from "vitest";
import type { State } from "../../../engine/model/machine.ts";
import { END, EXECUTION, machine, outputOf, START, task, trial } from "./trial.ts";

const pass = (more: object): State => ({ Type: "Pass", End: true, ...more });

describe("Assign and Output", () => {
  it("both read the variables from before the state", async () => {
    const definition = machine({
      first: { Type: "Pass", Assign: { a: 1, b: 2 }, Next: "swap" },
      swap: { Type: "Pass", Assign: { a: "{% $b %}", b: "{% $a %}" }, Output: "{% $a %}", Next: "end" },
      end: { Type: "Succeed", Output: { input: "{% $states.input %}", a: "{% $a %}", b: "{% $b %}" } },
    });
    expect(await outputOf(definition)).toEqual({ input: 1, a: 2, b: 1 });
  });

  it("without Output hands the input on", async () => {
    expect(await outputOf(machine({ one: pass({ Assign: { a: 1 } }) }), { input: { x: 1 } })).toEqual({ x: 1 });
  });

  it("takes null as an output and keeps types and nesting", async () => {
    expect(await outputOf(machine({ one: pass({ Output: null }) }))).toBeNull();
    const Output = { list: [1, "{% $states.input.x %}", { deep: "{% [$states.input.x] %}" }], text: "{%half" };
    expect(await outputOf(machine({ one: pass({ Output }) }), { input: { x: "v" } })).toEqual({
      list: [1, "v", { deep: ["v"] }],
      text: "{%half",
    });
  });

  it.each([
    [
      "nothing",
      "{% $states.input.missing %}",
      "expression '$states.input.missing' specified for the field 'Output' returned nothing (undefined).",
    ],
    [
      "nothing inside",
      { a: ["{% $nowhere %}"] },
      "expression '$nowhere' specified for the field 'Output/a[0]' returned nothing (undefined).",
    ],
    ["an error", "{% 1 + 'a' %}", "during evaluation. T2002: The right side of the"],
    ["a function", "{% $count %}", "returned an unsupported result type."],
    ["a function inside", "{% {'f': function($x) { $x }} %}", "returned an unsupported result type."],
  ])("fails with States.QueryEvaluationError on %s", async (_, Output, message) => {
    const { outcome } = await trial(machine({ one: pass({ Output }) }));
    expect(outcome).toMatchObject({ status: "FAILED", error: "States.QueryEvaluationError" });
    expect(outcome).toHaveProperty("cause", expect.stringContaining(message));
    expect(outcome).toHaveProperty(
      "cause",
      expect.stringMatching(/^An error occurred while executing the state 'one'\. /),
    );
  });

  it("assigns nothing where Assign fails", async () => {
    const definition = machine({
      one: task(1, {
        Assign: { a: 1, b: "{% $nowhere %}" },
        Catch: [{ ErrorEquals: ["States.ALL"], Output: "{% $exists($a) %}", Next: "end" }],
      }),
      end: END,
    });
    expect(await outputOf(definition)).toBe(false);
  });

  it("gives numbers that JSON lacks their names", async () => {
    expect(await outputOf(machine({ one: pass({ Output: ["{% 1/0 %}", "{% -1/0 %}"] }) }))).toEqual([
      "Infinity",
      "-Infinity",
    ]);
  });

  it.each([
    ["Output", { Output: "{% $join([1..70000] ~> $map($string), ',') %}" }],
    ["Assign", { Assign: { a: "{% $pad('', 200000, 'a') %}", b: "{% $pad('', 200000, 'b') %}" } }],
  ])("fails with States.DataLimitExceeded on a large %s", async (_, more) => {
    const { outcome } = await trial(machine({ one: pass(more) }));
    expect(outcome).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  });

  it("carries 262144 bytes and not one more", async () => {
    const definition = (length: number): Parameters<typeof trial>[0] =>
      machine({ one: pass({ Output: `{% $pad('', ${length}, 'é') %}` }) });
    expect((await trial(definition(131_071))).outcome.status).toBe("SUCCEEDED");
    expect((await trial(definition(131_072))).outcome.status).toBe("FAILED");
  });
});

describe("the context object", () => {
  it("names execution, state and machine", async () => {
    const definition = machine({ one: pass({ Output: "{% $states.context %}" }) });
    expect(await outputOf(definition, { input: { x: 1 } })).toEqual({
      Execution: {
        Id: EXECUTION,
        Input: { x: 1 },
        Name: "run-1",
        RoleArn: "arn:aws:iam::000000000000:role/local_trial",
        StartTime: new Date(START).toISOString(),
        RedriveCount: 0,
      },
      State: { EnteredTime: new Date(START).toISOString(), Name: "one" },
      StateMachine: { Id: "arn:aws:states:local:000000000000:stateMachine:local_trial", Name: "local_trial" },
    });
  });

  it("counts retries in a Task", async () => {
    let failures = 2;
    const definition = machine({
      one: task("{% $states.context.State.RetryCount %}", {
        Retry: [{ ErrorEquals: ["States.ALL"] }],
        Output: "{% $states.context.State.RetryCount %}",
      }),
    });
    const { outcome, calls } = await trial(definition, {
      tasks: {
        one: (input) => {
          if (failures-- > 0) throw new Error("not yet");
          return input;
        },
      },
    });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: 2 });
    expect(calls.map((call) => (call.arguments as { Payload: number }).Payload)).toEqual([0, 1, 2]);
  });
});

describe("Choice", () => {
  const definition = machine({
    pick: {
      Type: "Choice",
      Choices: [
        { Condition: "{% $states.input.n > 10 %}", Assign: { v: "big" }, Output: "{% $states.input.n %}", Next: "end" },
        { Condition: "{% $states.input.n > 5 %}", Next: "end" },
      ],
      Default: "end",
      Assign: { v: "default" },
      Output: "by default",
    },
    end: { Type: "Succeed", Output: ["{% $exists($v) ? $v : 'none' %}", "{% $states.input %}"] },
  });

  it.each([
    [20, ["big", 20]],
    [7, ["none", { n: 7 }]],
    [1, ["default", "by default"]],
  ])("takes the first rule that holds, with its own results (%i)", async (n, expected) => {
    expect(await outputOf(definition, { input: { n } })).toEqual(expected);
  });

  it("fails without a matching rule and Default", async () => {
    const none = machine({
      pick: { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "end" }] },
      end: END,
    });
    expect((await trial(none)).outcome).toMatchObject({
      error: "States.Runtime",
      cause: expect.stringContaining("state 'pick'. Failed to transition out of the state.") as string,
    });
  });

  it.each(["{% 1 %}", "{% $states.input.missing %}", "{% 'true' %}"])(
    "fails on a Condition that is no boolean: %s",
    async (Condition) => {
      const odd = machine({
        pick: { Type: "Choice", Choices: [{ Condition, Next: "end" }], Default: "end" },
        end: END,
      });
      expect((await trial(odd)).outcome).toMatchObject({ error: "States.QueryEvaluationError" });
    },
  );

  it("lets others have a turn in a loop without tasks", async () => {
    const loop = machine({
      start: { Type: "Pass", Assign: { i: 0 }, Next: "pick" },
      pick: {
        Type: "Choice",
        Choices: [{ Condition: "{% $i < 1000 %}", Assign: { i: "{% $i + 1 %}" }, Next: "pick" }],
        Default: "end",
      },
      end: { Type: "Succeed", Output: "{% $i %}" },
    });
    const { outcome, entries } = await trial(loop);
    expect(outcome).toEqual({ status: "SUCCEEDED", output: 1000 });
    expect(entries.length).toBeGreaterThan(4); // what a kill would repeat is bounded
  });
});

describe("Wait", () => {
  const wait = (more: object): Parameters<typeof trial>[0] =>
    machine({ wait: { Type: "Wait", Output: "{% $millis() %}", End: true, ...more } });

  it.each([
    ["Seconds", { Seconds: 90 }, 90_000],
    ["an expression", { Seconds: "{% 2 * 30 %}" }, 60_000],
    ["no time", { Seconds: 0 }, 0],
    ["Timestamp", { Timestamp: "2026-01-01T00:00:05Z" }, 5_000],
    ["Timestamp with offset", { Timestamp: "{% '2026-01-01t01:00:07.5+01:00' %}" }, 7_500],
    ["a Timestamp past", { Timestamp: "2020-01-01T00:00:00Z" }, 0],
    ["a year", { Seconds: 31_536_000 }, 31_536_000_000],
  ])("sleeps and then reads its Output: %s", async (_, more, expected) => {
    expect(await outputOf(wait(more))).toBe(START + expected);
  });

  it.each([
    { Seconds: "{% -1 %}" },
    { Seconds: "{% 1.5 %}" },
    { Seconds: "{% '1' %}" },
    { Seconds: "{% null %}" },
    { Timestamp: "{% '2026-01-01 00:00:05Z' %}" },
    { Timestamp: "{% '2026-01-01T00:00:05' %}" },
    { Timestamp: "{% '2026-02-30T00:00:05Z' %}" },
    { Timestamp: "{% 5 %}" },
  ])("fails with States.QueryEvaluationError on %o", async (more) => {
    expect((await trial(wait(more))).outcome).toMatchObject({ error: "States.QueryEvaluationError" });
  });
});

describe("Succeed and Fail", () => {
  it("Fail reads Error and Cause", async () => {
    const definition = machine({
      stop: { Type: "Fail", Error: "{% 'No' & 'pe' %}", Cause: "{% $states.input.why %}" },
    });
    const { outcome } = await trial(definition, { input: { why: "because" } });
    expect(outcome).toEqual({ status: "FAILED", error: "Nope", cause: "because" });
  });

  it("Fail may name neither", async () => {
    expect((await trial(machine({ stop: { Type: "Fail" } }))).outcome).toEqual({ status: "FAILED" });
  });

  it("Fail takes text alone", async () => {
    const { outcome } = await trial(machine({ stop: { Type: "Fail", Error: "{% 1 %}" } }));
    expect(outcome).toMatchObject({ error: "States.QueryEvaluationError" });
  });

  it("Succeed hands its input on", async () => {
    expect(await outputOf(machine({ end: END }), { input: { x: 1 } })).toEqual({ x: 1 });
  });
});

describe("a definition", () => {
  it.each([
    ["JSONPath", { QueryLanguage: "JSONPath" as "JSONata" }, { one: pass({ Output: 1, End: true }) }, "QueryLanguage"],
    ["a broken expression", {}, { one: pass({ Output: "{% 1 + %}" }) }, 'state "one", field Output'],
    ["an unknown type", {}, { one: { Type: "Activity" } as unknown as State }, "allowed are Task"],
  ])("is refused for %s", async (_, more, states, message) => {
    const run = trial({ ...machine(states), ...more });
    await expect(run).rejects.toMatchObject({ name: "InvalidDefinition" });
    await expect(run).rejects.toThrow(message);
  });
});
