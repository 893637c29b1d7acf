import { describe, expect, it } from "vitest";
import type { Json } from "../../../engine/model/json.ts";
import type { MapState, ParallelState } from "../../../engine/model/machine.ts";
import { END, machine, named, outputOf, task, trial, type Tasks } from "./trial.ts";

function each(more?: Partial<MapState>): MapState {
  const item = task("{% $states.input %}");
  const exits: Partial<MapState> = more?.Next === undefined ? { End: true } : {};
  return {
    Type: "Map",
    Items: "{% $states.context.Execution.Input.items %}",
    ItemProcessor: { StartAt: "item", States: { item } },
    ...exits,
    ...more,
  };
}

const both = (more?: Partial<ParallelState>): ParallelState => ({
  Type: "Parallel",
  Branches: [
    { StartAt: "left", States: { left: task("{% $states.input %}") } },
    { StartAt: "right", States: { right: task("{% $states.input %}") } },
  ],
  ...(more?.Next === undefined ? { End: true } : {}),
  ...more,
});

/** Never answers; resolves `stopped` when it is aborted. */
function hanging(): { readonly task: Tasks[string]; readonly stopped: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    task: (_, { signal }) => {
      signal.addEventListener("abort", () => resolve());
      return new Promise(() => undefined);
    },
    stopped: promise,
  };
}

describe("Map", () => {
  it("answers the outputs in the order of its items", async () => {
    const tasks: Tasks = { item: async (input, _, clock) => (await clock.sleep(100 - (input as number)), input) };
    expect(await outputOf(machine({ each: each() }), { input: { items: [3, 1, 2] }, tasks })).toEqual([3, 1, 2]);
  });

  it("gives nothing for no items", async () => {
    expect(await outputOf(machine({ each: each() }), { input: { items: [] } })).toEqual([]);
  });

  it("selects each item's input, with index and value", async () => {
    const ItemSelector = { i: "{% $states.context.Map.Item.Index %}", v: "{% $states.context.Map.Item.Value.n %}" };
    const options = { input: { items: [{ n: "a" }, { n: "b" }] } };
    expect(await outputOf(machine({ each: each({ ItemSelector }) }), options)).toEqual([
      { i: 0, v: "a" },
      { i: 1, v: "b" },
    ]);
  });

  it("iterates its input without Items", async () => {
    const bare: MapState = { Type: "Map", ItemProcessor: each().ItemProcessor, End: true };
    const definition = machine({ start: { Type: "Pass", Output: [1, 2], Next: "each" }, each: bare });
    expect(await outputOf(definition)).toEqual([1, 2]);
  });

  it.each(["{% {} %}", "{% 1 %}", "{% null %}", "{% $nowhere %}"])("fails on Items %s", async (Items) => {
    const { outcome } = await trial(machine({ each: each({ Items }) }));
    expect(outcome).toMatchObject({ error: "States.QueryEvaluationError" });
  });

  it.each([
    [undefined, 40],
    [0, 40],
    [3, 3],
    ["{% 2 %}", 2],
    [100, 40],
  ])("runs at most MaxConcurrency %s items at once, and never above 40", async (given, expected) => {
    let now = 0;
    let most = 0;
    const tasks: Tasks = {
      item: async (input, _, clock) => {
        most = Math.max(most, ++now);
        await clock.sleep(1);
        now--;
        return input;
      },
    };
    const more = given === undefined ? {} : { MaxConcurrency: given };
    await outputOf(machine({ each: each(more) }), { input: { items: Array.from({ length: 50 }, (_, i) => i) }, tasks });
    expect(most).toBe(expected);
  });

  it("fails on a MaxConcurrency that is no whole number", async () => {
    const { outcome } = await trial(machine({ each: each({ MaxConcurrency: "{% -1 %}" }) }), { input: { items: [] } });
    expect(outcome).toMatchObject({ error: "States.QueryEvaluationError" });
  });

  it("fails with the error of its item; the other items are stopped", async () => {
    const { task: hang, stopped } = hanging();
    const tasks: Tasks = {
      item: (input, call, clock, callbacks) => {
        if (input === 2) throw named("Declined");
        return hang(input, call, clock, callbacks);
      },
    };
    const Catch = [{ ErrorEquals: ["Declined"], Output: "{% $states.errorOutput.Error %}", Next: "end" }];
    const definition = machine({ each: each({ Catch }), end: END });
    expect(await outputOf(definition, { input: { items: [1, 2] }, tasks })).toBe("Declined");
    await stopped;
  });

  it("retries all of its items", async () => {
    let failures = 1;
    const tasks: Tasks = {
      item: (input) => {
        if (input === 2 && failures-- > 0) throw named("E");
        return input;
      },
    };
    const definition = machine({ each: each({ MaxConcurrency: 1, Retry: [{ ErrorEquals: ["States.ALL"] }] }) });
    const { outcome, calls } = await trial(definition, { input: { items: [1, 2, 3] }, tasks });
    expect(outcome).toMatchObject({ output: [1, 2, 3] });
    expect(calls.map(({ frame }) => frame)).toEqual(["each[0]", "each[1]", "each[0]", "each[1]", "each[2]"]);
  });

  it("lets items read outer variables and forgets theirs", async () => {
    const definition = machine({
      start: { Type: "Pass", Assign: { outer: 10 }, Next: "each" },
      each: each({
        ItemProcessor: {
          StartAt: "add",
          States: {
            add: { Type: "Pass", Assign: { own: "{% $outer + $states.input %}" }, Next: "answer" },
            answer: { Type: "Succeed", Output: "{% $own %}" },
          },
        },
        Next: "end",
      }),
      end: { Type: "Succeed", Output: ["{% $states.input %}", "{% $exists($own) %}", "{% $outer %}"] },
    });
    expect(await outputOf(definition, { input: { items: [1, 2] } })).toEqual([[11, 12], false, 10]);
  });

  it("fails with States.DataLimitExceeded on results that are large together", async () => {
    const tasks: Tasks = { item: () => "x".repeat(100_000) };
    const { outcome } = await trial(machine({ each: each() }), { input: { items: [1, 2, 3] }, tasks });
    expect(outcome).toMatchObject({ error: "States.DataLimitExceeded" });
  });

  it("nests, and steps carry the indices", async () => {
    const definition = machine({
      each: each({
        ItemProcessor: {
          StartAt: "inner / [1]",
          States: { "inner / [1]": each({ Items: "{% $states.input %}" }) },
        },
      }),
    });
    const items: Json = [[1], [2, 3]];
    const { outcome, calls, events } = await trial(definition, { input: { items } });
    expect(outcome).toMatchObject({ output: items });
    expect(calls.map(({ frame }) => frame)).toContain("each[1]/inner %2F %5B1%5D[1]");
    expect(events.map(({ name }) => name)).toContain("item[1][1]");
  });
});

describe("Parallel", () => {
  it("gives its Arguments to every branch and answers their outputs in order", async () => {
    const tasks: Tasks = { left: async (input, _, clock) => (await clock.sleep(5), [input, "left"]) };
    expect(await outputOf(machine({ both: both({ Arguments: { x: "{% 1 %}" } }) }), { tasks })).toEqual([
      [{ x: 1 }, "left"],
      { x: 1 },
    ]);
  });

  it("gives its input without Arguments", async () => {
    expect(await outputOf(machine({ both: both() }), { input: { y: 1 } })).toEqual([{ y: 1 }, { y: 1 }]);
  });

  it("shapes the results with Assign and Output", async () => {
    const more = { Assign: { n: "{% $count($states.result) %}" }, Output: "{% $states.result[1] %}", Next: "end" };
    const definition = machine({
      both: both(more),
      end: { Type: "Succeed", Output: ["{% $n %}", "{% $states.input %}"] },
    });
    expect(await outputOf(definition, { input: { y: 1 } })).toEqual([2, { y: 1 }]);
  });

  it("fails with the Error and Cause of a Fail in a branch", async () => {
    const Branches = [
      { StartAt: "stop", States: { stop: { Type: "Fail", Error: "Nope", Cause: "why" } as const } },
      { StartAt: "right", States: { right: task(1) } },
    ];
    const Catch = [{ ErrorEquals: ["Nope"], Next: "end" }];
    const { task: hang, stopped } = hanging();
    const definition = machine({ both: both({ Branches, Catch }), end: END });
    expect(await outputOf(definition, { tasks: { right: hang } })).toEqual({ Error: "Nope", Cause: "why" });
    await stopped;
  });

  it("lets an error inside pass the catcher of a branch first", async () => {
    const left = task(1, { Catch: [{ ErrorEquals: ["E"], Output: "caught inside", Next: "out" }] });
    const Branches = [{ StartAt: "left", States: { left, out: END } }];
    const tasks: Tasks = {
      left: () => {
        throw named("E");
      },
    };
    expect(await outputOf(machine({ both: both({ Branches }) }), { tasks })).toEqual(["caught inside"]);
  });

  it("stops a Wait in a sibling", async () => {
    const Branches = [
      { StartAt: "wait", States: { wait: { Type: "Wait", Seconds: 1000, End: true } as const } },
      { StartAt: "stop", States: { stop: { Type: "Fail", Error: "Nope" } as const } },
    ];
    const { outcome, clock, events } = await trial(machine({ both: both({ Branches }) }));
    expect(outcome).toEqual({ status: "FAILED", error: "Nope" });
    expect(clock.now() - events[0]!.startedAt).toBe(0);
  });
});
