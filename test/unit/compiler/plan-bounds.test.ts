import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCatalogue } from "../../../engine/compiler/compile.ts";
import type { CompiledWorkflow } from "../../../engine/model/compiled.ts";
import type { Json } from "../../../engine/model/json.ts";
import { parameterFields } from "../../../engine/model/schema.ts";
import { counted } from "./counted.ts";
import { Bounds } from "./fixture/functions/bounds/models.ts";
import { ROOT } from "./flows.ts";

const NAMES = ["bySchema", "byNestedSchema", "byOutput", "byConstant", "byComment", "nested", "caught", "unbounded"];
const fields = parameterFields(Bounds);
const { workflows, diagnostics } = compileCatalogue({
  root: ROOT,
  workflows: NAMES.map((name) => ({
    name,
    module: "bounds/flows",
    function: name,
    parameters: fields.ok ? fields.value : [],
  })),
});
const planOf = (name: string): CompiledWorkflow["plan"] => {
  const found = workflows.find((workflow) => workflow.name === name);
  if (found === undefined) throw new Error(`${name} does not compile`);
  return found.plan;
};

describe("A loop has the bound", () => {
  it("that schemas, the source and comments give it", () => {
    expect(diagnostics).toEqual([]);
    const bounds = Object.fromEntries(
      NAMES.map((name) => [name, planOf(name).loops.map(({ typical, max }) => [typical, max])]),
    );
    expect(bounds).toEqual({
      bySchema: [[undefined, 4]],
      byNestedSchema: [
        [undefined, 2],
        [undefined, 3],
      ],
      byOutput: [
        [undefined, 5],
        [undefined, 4],
      ],
      byConstant: [[2, 2]],
      byComment: [[2, 6]],
      nested: [
        [undefined, 4],
        [undefined, 2],
        [undefined, 3],
      ],
      caught: [[undefined, 4]],
      unbounded: [[undefined, undefined]],
    });
  });

  it("that its plan is counted by", () => {
    expect(planOf("bySchema").transitions).toEqual({ min: 1, max: 1 + 4 });
    expect(planOf("byNestedSchema").transitions).toEqual({ min: 1, max: 1 + 2 * (1 + 3) });
    expect(planOf("byComment").transitions).toEqual({ min: 1, typical: 1 + 2, max: 1 + 6 });
    expect(planOf("byComment").events).toEqual({ min: 2 + 4, typical: 2 + 4 + 2 * 7, max: 2 + 4 + 6 * 7 });
    expect(planOf("byComment").calls).toEqual({ bounds: { min: 0, typical: 2, max: 6 } });
    expect(planOf("unbounded").transitions).toEqual({ min: 1 });
  });
});

const parameters = fc.record({
  names: fc.array(fc.constant("n"), { maxLength: 4 }),
  groups: fc.array(fc.record({ members: fc.array(fc.constant("m"), { maxLength: 3 }) }), { maxLength: 2 }),
  free: fc.array(fc.constant("f"), { maxLength: 6 }),
});
const report = fc.array(fc.constant("row"), { maxLength: 5 }).map((rows) => ({ rows, next: "n", notes: null }));
const marks = fc.array(
  fc.oneof({ arbitrary: fc.boolean(), weight: 4 }, { arbitrary: fc.constant("fails"), weight: 1 }),
  {
    minLength: 1,
  },
);

describe("What a run counts lies within its plan", () => {
  it.each(workflows.map((workflow) => [workflow.name, workflow] as const))("%s", async (_, { machine, plan }) => {
    await fc.assert(
      fc.asyncProperty(parameters, report, marks, async (input, read, answers) => {
        let calls = 0;
        const answer = (task: string): Json => {
          if (task !== "mark") return read;
          const mark = answers[calls++ % answers.length] ?? true;
          if (mark === "fails") throw new Error("mark failed");
          return mark;
        };
        const actual = await counted(machine, input, answer);
        for (const measure of ["transitions", "events"] as const) {
          expect(actual[measure]).toBeLessThanOrEqual(plan[measure].max ?? Infinity);
          if (actual.succeeded) expect(actual[measure]).toBeGreaterThanOrEqual(plan[measure].min);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("and reaches the ends of it", async () => {
    const full = {
      names: ["1", "2", "3", "4"],
      groups: [{ members: ["a", "b", "c"] }, { members: ["a", "b", "c"] }],
      free: [],
    };
    const read = { rows: ["1", "2", "3", "4", "5"], next: "n", notes: null };
    const longest = async (name: string, mark: (call: number) => boolean): Promise<number> => {
      let calls = 0;
      const { machine } = workflows.find((workflow) => workflow.name === name) as CompiledWorkflow;
      const { transitions } = await counted(machine, full, (task) => (task === "mark" ? mark(calls++) : read));
      return transitions;
    };
    for (const name of ["bySchema", "byNestedSchema", "byOutput"]) {
      expect(await longest(name, () => false)).toBe(planOf(name).transitions.max);
    }
    const empty = { names: [], groups: [], free: [] };
    const { machine } = workflows.find(({ name }) => name === "nested") as CompiledWorkflow;
    const least = await counted(machine, empty, () => true);
    expect(least.transitions).toBe(planOf("nested").transitions.min);
  });
});
