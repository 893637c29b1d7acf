import { describe, expect, it } from "vitest";
import * as z from "zod";
import { limitNotes } from "../../../engine/compiler/plan-limits.ts";
import type { CompiledWorkflow, Plan } from "../../../engine/model/compiled.ts";
import type { State, States } from "../../../engine/model/machine.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { workflow } from "../coordination/definitions.ts";

const TASK: State = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", TimeoutSeconds: 60, End: true };
const COUNTED: Plan = {
  transitions: { min: 1, max: 1 },
  events: { min: 7, max: 7 },
  writes: { min: 0, max: 0 },
  calls: {},
  children: {},
  loops: [],
};

function noted(given: {
  states?: States;
  plan?: Partial<Plan>;
  children?: CompiledWorkflow["children"];
  definition?: Partial<WorkflowDefinition>;
}): string[] {
  const { states = { task: TASK }, plan = {}, children = [], definition = {} } = given;
  const machine = { QueryLanguage: "JSONata", StartAt: Object.keys(states)[0] ?? "", States: states } as const;
  const compiled = { machine, children, plan: { ...COUNTED, ...plan } } as unknown as CompiledWorkflow;
  const others = [workflow("slow", { timeoutSeconds: 7200 })];
  return limitNotes(workflow("w", definition), compiled, others).map(
    ({ limit, verdict, text }) => `${verdict} ${limit}: ${text}`,
  );
}

const map = (MaxConcurrency?: number): State => ({
  Type: "Map",
  Comment: "functions/a/flows.ts:1",
  ...(MaxConcurrency === undefined ? {} : { MaxConcurrency }),
  ItemProcessor: { StartAt: "inner", States: { inner: TASK } },
  End: true,
});

describe("The plan names the limits that a workflow comes near", () => {
  it("none where it is small", () => {
    expect(noted({ definition: { timeoutSeconds: 60 } })).toEqual([]);
  });

  it("events of the history", () => {
    expect(noted({ plan: { events: { min: 2, max: 20_000 } } })).toEqual([
      "near events: the history may have 20,000 of 25,000",
    ]);
    expect(noted({ plan: { events: { min: 2, max: 25_001 } } })).toEqual([
      "over events: the history may have 25,001 of 25,000",
    ]);
    const loops = [{ at: "functions/a/flows.ts:3", kind: "loop" as const }];
    expect(noted({ plan: { events: { min: 2 }, loops } })).toEqual([
      expect.stringMatching(/^unknown events: nothing bounds functions\/a\/flows.ts:3: /),
    ]);
  });

  it("bytes of the parameters, where their schema bounds them", () => {
    const parameters = z.object({ text: z.string().max(50_000) });
    expect(noted({ definition: { parameters } })).toEqual([
      "over payload: the bytes of the parameters may be 300,012 of 262,144",
    ]);
    expect(noted({ definition: { parameters: z.object({ text: z.string() }) } })).toEqual([]);
  });

  it("bytes of the machine, names and depth", () => {
    const long = { ["n".repeat(80)]: { ...TASK, Comment: "c".repeat(900_000) } as State };
    expect(noted({ states: long }).map((text) => text.split(":")[0])).toEqual(["near definition", "near state-name"]);
    const deep = `{% ${"1 + (".repeat(40)}1${")".repeat(40)} %}`;
    expect(noted({ states: { pass: { Type: "Pass", Output: { deep }, End: true } } }).join()).toMatch(
      /^(near|over) expression-depth/,
    );
  });

  it("turns of a Map at once", () => {
    const loops = [{ at: "functions/a/flows.ts:1", kind: "map" as const, max: 41 }];
    expect(noted({ states: { map: map() }, plan: { loops } })).toEqual([
      "near inline-map: functions/a/flows.ts:1 runs 40 turns at once on AWS, 41 were asked for",
    ]);
    expect(noted({ states: { map: map(5) }, plan: { loops } })).toEqual([]);
  });

  it("Lambda functions at once, with the runs that may be", () => {
    expect(noted({ states: { map: map(20) }, definition: { concurrencyLimit: 40 } })).toEqual([
      "near concurrency: Lambda functions at once may be 800 of 1,000",
    ]);
  });

  it("what may take longer than the run", () => {
    const children = [
      { workflow: "slow", waits: true, at: "" },
      { workflow: "slow", waits: false, at: "" },
    ];
    expect(noted({ children, definition: { timeoutSeconds: 30 } })).toEqual([
      "over timeout: task may take 60 s, and a run 30 s",
      "over timeout: the child slow may take 7200 s, and a run 30 s",
    ]);
  });
});
