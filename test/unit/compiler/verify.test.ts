import { describe, expect, it } from "vitest";
import { verify } from "../../../engine/compiler/verify.ts";
import type { JsonObject } from "../../../engine/model/json.ts";
import type { StateMachine } from "../../../engine/model/machine.ts";

const task = (more: JsonObject): JsonObject => ({ Type: "Task", Resource: "arn:aws:states:::lambda:invoke", ...more });

/** A machine with every part that a test breaks; each call makes a new one. */
function machine(): { readonly [state: string]: JsonObject } {
  return {
    load: task({
      Arguments: { id: "{% $states.context.Execution.Input.id %}" },
      Retry: [{ ErrorEquals: ["Lambda.ServiceException"] }, { ErrorEquals: ["States.ALL"] }],
      Catch: [
        { ErrorEquals: ["States.ALL"], Assign: { errorName: "{% $states.errorOutput.Error %}" }, Next: "failed" },
      ],
      Assign: { order: "{% $states.result.Payload %}" },
      Next: "if",
    }),
    if: {
      Type: "Choice",
      Choices: [{ Condition: "{% $count($order.lines) > 0 %}", Assign: { index: 0 }, Next: "for" }],
      Default: "done",
    },
    for: {
      Type: "Map",
      Items: "{% $order.lines %}",
      ItemSelector: { line: "{% $states.context.Map.Item.Value %}" },
      ItemProcessor: {
        ProcessorConfig: { Mode: "INLINE" },
        StartAt: "ship",
        States: {
          ship: task({ Arguments: "{% $states.input.line %}", Assign: { shipped: "{% $index %}" }, Next: "end" }),
          end: { Type: "Succeed", Output: "{% $shipped %}" },
        },
      },
      Next: "done",
    },
    done: { Type: "Pass", Output: "{% $order.id %}", End: true },
    failed: { Type: "Fail", Error: "{% $errorName %}" },
  };
}

type States = ReturnType<typeof machine> & { [state: string]: JsonObject };
const problemsOf = (states: JsonObject, startAt = "load") =>
  verify({ QueryLanguage: "JSONata", StartAt: startAt, States: states } as unknown as StateMachine).map(
    ({ state, message }) => `${state ?? "-"}: ${message}`,
  );

const set = (state: string, field: string, value: unknown) => (states: States) =>
  void Object.assign(states[state] ?? {}, { [field]: value });
const inner = (states: States) => (states["for"]?.["ItemProcessor"] as JsonObject)["States"] as States;
const output = (text: string) => set("done", "Output", `{% ${text} %}`);

/** Ways to break the machine, and what the verifier says of it. */
const BREAKS: readonly (readonly [what: string, change: (states: States) => void, problem: RegExp])[] = [
  ["a missing target", set("load", "Next", "gone"), /^load: it leads to gone, which is missing/],
  [
    "a missing target of a rule",
    (s) =>
      void (
        (s["if"]?.["Choices"] as JsonObject[])[0] ?? {},
        Object.assign((s["if"]?.["Choices"] as JsonObject[])[0] ?? {}, { Next: "gone" })
      ),
    /^if: it leads to gone/,
  ],
  ["a state that no way leads to", (s) => void (s["lost"] = { Type: "Pass", End: true }), /^lost: no way leads to it/],
  [
    "one name in two scopes",
    (s) => void Object.assign(inner(s), { done: inner(s)["ship"], ship: { ...inner(s)["ship"], Next: "done" } }),
    /^done: a second state has its name/,
  ],
  [
    "a name of 81 characters",
    (s) =>
      void Object.assign(s, {
        ["x".repeat(81)]: s["done"],
        if: { ...s["if"], Default: "x".repeat(81) },
        for: { ...s["for"], Next: "x".repeat(81) },
      }),
    /its name has 81 characters, allowed are 80/,
  ],
  ["a variable that is never assigned", output("$other"), /^done: Output: variable other may not be assigned yet/],
  [
    "a variable that one way does not assign",
    output("$index"),
    /^done: Output: variable index may not be assigned yet/,
  ],
  ["a variable of a Map behind it", output("$shipped"), /variable shipped may not be assigned yet/],
  [
    "a variable assigned by the same state",
    set("load", "Output", "{% $order %}"),
    /^load: Output: variable order may not/,
  ],
  [
    "a variable that hides a function",
    set("load", "Assign", { order: 1, count: 1 }),
    /variable count hides the function/,
  ],
  ["a variable named states", set("load", "Assign", { order: 1, states: 1 }), /^load: Assign writes `states`/],
  ["a variable with a path", set("load", "Assign", { order: 1, "a.b": 1 }), /`a.b` cannot be the name of a variable/],
  [
    "one variable inside and outside",
    (s) => void Object.assign(inner(s)["ship"] ?? {}, { Assign: { shipped: 1, order: 1 } }),
    /variable order is assigned here and around it/,
  ],
  ["a bare $", output("$.id"), /^done: Output: `\$` reads a context/],
  ["a bare $$", output("$$.id"), /^done: Output: `\$\$` reads a context/],
  ["a bare name", output("order.id"), /^done: Output: `order` has no object before it/],
  [
    "a bare name in a function",
    output("[$map($order.lines, function($x) { sku })[]]"),
    /`sku` has no object before it/,
  ],
  ["$states as a whole", output("$states"), /`\$states` is read as a whole/],
  ["errorOutput outside a catcher", output("$states.errorOutput.Error"), /\$states.errorOutput cannot be read here/],
  ["result in a Pass", output("$states.result"), /\$states.result cannot be read here/],
  ["result in Arguments", set("load", "Arguments", "{% $states.result %}"), /\$states.result cannot be read here/],
  [
    "result in a catcher",
    set("load", "Catch", [
      { ErrorEquals: ["States.ALL"], Assign: { errorName: "{% $states.result %}" }, Next: "failed" },
    ]),
    /\$states.result cannot be read here/,
  ],
  [
    "an item outside ItemSelector",
    output("$states.context.Map.Item.Index"),
    /\$states.context.Map cannot be read here/,
  ],
  [
    "a token that no state waits under",
    set("load", "Arguments", { token: "{% $states.context.Task.Token %}" }),
    /^load: Arguments\/token: \$states.context.Task cannot be read here/,
  ],
  ["??", output("$order.id ?? 1"), /does not parse as JSONata 2.0.6/],
  ["?:", output("$order.id ?: 1"), /does not parse as JSONata 2.0.6/],
  ["text that is not JSONata", output("$order."), /does not parse/],
  ["a regular expression", output("$contains($order.id, /a/)"), /a regular expression/],
  ["a half expression", set("done", "Output", "{% $order.id"), /^done: Output: `{%` and `%}` stand at one end only/],
  ["Timeout on a Map", set("for", "TimeoutSeconds", 1), /^for: a Map state has no field TimeoutSeconds/],
  ["a JSONPath field", set("done", "ResultPath", "$.a"), /^done: a Pass state has no field ResultPath/],
  ["Catch on a Pass", set("done", "Catch", []), /^done: a Pass state has no field Catch/],
  ["Assign on a Fail", set("failed", "Assign", {}), /^failed: a Fail state has no field Assign/],
  ["an unknown type", set("done", "Type", "Parse"), /^done: its type is "Parse"/],
  [
    "States.ALL not last",
    set("load", "Retry", [{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["A"] }]),
    /^load: States.ALL in Retry is not alone and last/,
  ],
  [
    "States.ALL not alone",
    set("load", "Retry", [{ ErrorEquals: ["States.ALL", "A"] }]),
    /^load: States.ALL in Retry is not alone/,
  ],
  ["a retrier without errors", set("load", "Retry", [{ ErrorEquals: [] }]), /^load: Retry 0 names no error/],
  ["no Default", (s) => void delete s["if"]?.["Default"], /^if: it has no Default/],
  ["a Choice without rules", set("if", "Choices", []), /^if: its Choices is \[\]/],
  ["a rule without condition", set("if", "Choices", [{ Next: "for" }]), /^if: a rule has no Condition/],
  ["neither Next nor End", (s) => void delete s["done"]?.["End"], /^done: it has neither Next nor End/],
  ["Next and End", set("done", "Next", "failed"), /^done: it has both Next and End/],
  ["depth", output(`${"(".repeat(81)}1${")".repeat(81)}`), /^done: Output nests 8\d levels deep/],
];

describe("The verifier", () => {
  it("has nothing to say of a legal machine", () => {
    expect(problemsOf(machine())).toEqual([]);
  });

  it.each(BREAKS)("finds %s", (_, change, problem) => {
    const states = machine() as States;
    change(states);
    expect(problemsOf(states).join("\n")).toMatch(new RegExp(problem.source, "m"));
  });

  it("finds a missing start", () => {
    expect(problemsOf(machine(), "gone")).toContain("-: it starts at gone, which is missing");
  });

  it("finds a machine that never ends", () => {
    const states = { a: { Type: "Pass", Next: "b" }, b: { Type: "Pass", Next: "a" } };
    expect(problemsOf(states, "a")).toEqual(["-: no state ends it"]);
  });

  it("finds a machine of more than a megabyte", () => {
    expect(problemsOf({ ...machine(), done: { Type: "Pass", Comment: "x".repeat(1_050_000), End: true } })[0]).toMatch(
      /^-: it has \d+ bytes/,
    );
  });

  it("knows the variables of blocks and functions from those of the machine", () => {
    const states = machine() as States;
    output('($a := $order.lines; $b := $a; $join([$map($b, function($x, $i) { $x & $i & $a })[]], ""))')(states);
    expect(problemsOf(states)).toEqual([]);
    output("($b := $a; $a := 1; $b)")(states);
    expect(problemsOf(states)).toEqual(["done: Output: variable a may not be assigned yet"]);
  });
});
