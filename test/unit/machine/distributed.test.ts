import { describe, expect, it } from "vitest";
import type { MapState, States } from "../../../engine/model/machine.ts";
import { END, EXECUTION, machine, named, outputOf, task, trial, type Tasks } from "./trial.ts";

/** A distributed Map whose items are handed to a task. */
function distributed(more: Partial<MapState> = {}, states: States = { child: task("{% $states.input %}") }): States {
  const ProcessorConfig = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } as const;
  const ItemProcessor = { ProcessorConfig, StartAt: Object.keys(states)[0] ?? "", States: states };
  return { many: { Type: "Map", Items: [1, 2, 3, 4], ItemProcessor, End: true, ...more } };
}

const failing = (...wrong: readonly unknown[]): Tasks => ({
  child: (input) => {
    if (wrong.includes(input)) throw named("Declined", "no");
    return input;
  },
});

describe("A distributed Map", () => {
  it("runs each item as an execution of its own", async () => {
    const Output = {
      id: "{% $states.context.Execution.Id %}",
      input: "{% $states.context.Execution.Input %}",
      machine: "{% $states.context.StateMachine.Name %}",
    };
    const output = await outputOf(
      machine(distributed({ Label: "rows", Items: ["a", "b"] }, { id: { Type: "Pass", Output, End: true } })),
    );
    const id = expect.stringMatching(new RegExp(`^${EXECUTION.replace(/:[^:]*$/, "")}/rows:[0-9a-f-]{36}$`)) as unknown;
    expect(output).toEqual([
      { id, input: "a", machine: "local_trial/rows" },
      { id, input: "b", machine: "local_trial/rows" },
    ]);
    expect(new Set((output as { id: string }[]).map((one) => one.id)).size).toBe(2);
  });

  it("reads no variables around it", async () => {
    const inner = { read: { Type: "Pass", Output: "{% $outer %}", End: true } } as const;
    const { outcome } = await trial(
      machine({ first: { Type: "Pass", Assign: { outer: 1 }, Next: "many" }, ...distributed({}, inner) }),
    );
    expect(outcome).toMatchObject({ error: "States.ExceedToleratedFailureThreshold" });
  });

  it("takes the entries of an object", async () => {
    expect(await outputOf(machine(distributed({ Items: { a: 1, b: [2] } })))).toEqual([
      { Key: "a", Value: 1 },
      { Key: "b", Value: [2] },
    ]);
    const ItemSelector = { key: "{% $states.context.Map.Item.Key %}", at: "{% $states.context.Map.Item.Index %}" };
    expect(await outputOf(machine(distributed({ Items: { a: 1 }, ItemSelector })))).toEqual([{ key: "a", at: 0 }]);
  });

  it.each([
    ["a count", { MaxItemsPerBatch: 3 }, [[1, 2, 3], [4]]],
    [
      "a count that an expression gives",
      { MaxItemsPerBatch: "{% 1 + 1 %}" },
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      "bytes",
      { MaxInputBytesPerBatch: '{"Items":[1,2]}'.length },
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])("makes batches by %s", async (_, ItemBatcher, batches) => {
    const output = await outputOf(machine(distributed({ ItemBatcher })));
    expect(output).toEqual(batches.map((Items) => ({ Items })));
  });

  it("gives every batch its input, behind the selector of each item", async () => {
    const ItemBatcher = { MaxItemsPerBatch: 2, BatchInput: { shared: "{% $states.input.x %}" } };
    const ItemSelector = "{% $states.context.Map.Item.Value * 10 %}";
    const output = await outputOf(machine(distributed({ Items: [1, 2, 3], ItemBatcher, ItemSelector })), {
      input: { x: 7 },
    });
    expect(output).toEqual([
      { BatchInput: { shared: 7 }, Items: [10, 20] },
      { BatchInput: { shared: 7 }, Items: [30] },
    ]);
  });

  it.each([
    ["a count", { ToleratedFailureCount: 1 }, [2], [2, 3]],
    ["a percentage", { ToleratedFailurePercentage: 25 }, [2], [2, 3]],
    [
      "a percentage, where a count of 0 is none",
      { ToleratedFailureCount: 0, ToleratedFailurePercentage: 50 },
      [1, 2],
      [1, 2, 3],
    ],
    ["an expression", { ToleratedFailureCount: "{% 2 %}" }, [1, 4], [1, 2, 4]],
    ["the lower of both", { ToleratedFailureCount: 3, ToleratedFailurePercentage: 25 }, [2], [2, 3]],
  ])("tolerates failures up to %s", async (_, more, within, beyond) => {
    const items = [1, 2, 3, 4];
    const output = await outputOf(machine(distributed(more)), { tasks: failing(...within) });
    expect(output).toMatchObject(
      items.map((one) => (within.includes(one) ? { Status: "FAILED", Error: "Declined" } : one)),
    );
    const { outcome } = await trial(machine(distributed(more)), { tasks: failing(...beyond) });
    expect(outcome).toMatchObject({ status: "FAILED", error: "States.ExceedToleratedFailureThreshold" });
  });

  it("counts a batch that failed by its items", async () => {
    const more = { ItemBatcher: { MaxItemsPerBatch: 2 }, ToleratedFailureCount: 1 };
    const tasks: Tasks = {
      child: () => {
        throw named("Declined");
      },
    };
    expect((await trial(machine(distributed(more)), { tasks })).outcome).toMatchObject({ status: "FAILED" });
  });

  it("is caught by the name of the threshold", async () => {
    const Catch = [{ ErrorEquals: ["States.ExceedToleratedFailureThreshold"], Next: "end" }];
    const output = await outputOf(machine({ ...distributed({ Catch }), end: END }), { tasks: failing(1) });
    expect(output).toMatchObject({ Error: "States.ExceedToleratedFailureThreshold" });
  });
});
