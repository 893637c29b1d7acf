import { describe, expect, it } from "vitest";
import { definitionProblems } from "../../../engine/compiler/verify-definition.ts";
import type { Json, JsonObject } from "../../../engine/model/json.ts";

const pass = { Type: "Pass", End: true };
const call = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", End: true };
const of = (state: JsonObject, more: JsonObject = {}): JsonObject => ({
  QueryLanguage: "JSONata",
  StartAt: "a",
  States: { a: state },
  ...more,
});
const map = (
  more: JsonObject,
  config: JsonObject = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
): JsonObject => ({
  Type: "Map",
  ItemProcessor: { ProcessorConfig: config, StartAt: "b", States: { b: pass } },
  End: true,
  ...more,
});
const said = (definition: Json): string =>
  definitionProblems(definition)
    .map(({ message }) => message)
    .join("\n");

const REFUSED: readonly (readonly [string, Json, RegExp])[] = [
  ["JSONPath", { StartAt: "a", States: { a: pass } }, /it is in JSONPath/],
  ["a state in JSONPath", of({ ...pass, QueryLanguage: "JSONPath" }), /it is in JSONPath/],
  ["no object", [], /a definition is a JSON object/],
  ["no StartAt", { QueryLanguage: "JSONata", States: { a: pass } }, /it has no StartAt/],
  ["no States", { QueryLanguage: "JSONata", StartAt: "a" }, /it has no States/],
  ["an unknown field of the machine", of(pass, { Timeout: 1 }), /a state machine has no field Timeout/],
  ["another version", of(pass, { Version: "2.0" }), /its Version is "2.0"/],
  ["a Timeout on a Map", of(map({ TimeoutSeconds: 1 })), /a Map state has no field TimeoutSeconds/],
  ["a resource that is no ARN", of({ ...call, Resource: "${lambda}" }), /its Resource is/],
  ["a heartbeat as long as the timeout", of({ ...call, TimeoutSeconds: 5, HeartbeatSeconds: 5 }), /are not below/],
  ["a Wait for both", of({ Type: "Wait", Seconds: 1, Timestamp: "2026-01-01T00:00:00Z", End: true }), /either Seconds/],
  ["a 30 February", of({ Type: "Wait", Timestamp: "2026-02-30T00:00:00Z", End: true }), /its Timestamp is/],
  ["a negative concurrency", of(map({ MaxConcurrency: -1 })), /its MaxConcurrency is -1/],
  ["too much tolerance", of(map({ ToleratedFailurePercentage: 101 })), /its ToleratedFailurePercentage is 101/],
  ["a batcher without a limit", of(map({ ItemBatcher: { BatchInput: 1 } })), /its ItemBatcher needs/],
  [
    "a state in JSONPath beside one in JSONata",
    of({ ...pass, Result: 1 }, { QueryLanguage: "JSONPath" }),
    /it is in JSONPath/,
  ],
  ["an empty expression", of({ ...pass, Output: "{%%}" }), /does not parse/],
  ["a language for a branch", of(map({}, { Mode: "INLINE", QueryLanguage: "JSONata" })), /no field QueryLanguage/],
  ["no ExecutionType", of(map({}, { Mode: "DISTRIBUTED" })), /its ExecutionType is neither/],
  ["a label with a space", of(map({ Label: "a b" })), /its Label is/],
  ["an empty Parallel", of({ Type: "Parallel", Branches: [], End: true }), /its Branches is \[\]/],
  ["a backoff below 1", of({ ...call, Retry: [{ ErrorEquals: ["A"], BackoffRate: 0.5 }] }), /BackoffRate is 0.5/],
  [
    "a delay below the interval",
    of({ ...call, Retry: [{ ErrorEquals: ["A"], MaxDelaySeconds: 1 }] }),
    /MaxDelaySeconds/,
  ],
  ["a negative attempt", of({ ...call, Retry: [{ ErrorEquals: ["A"], MaxAttempts: -1 }] }), /MaxAttempts is -1/],
  ["a catcher without Next", of({ ...call, Catch: [{ ErrorEquals: ["A"] }] }), /a catcher has no Next/],
  ["Credentials without a role", of({ ...call, Credentials: {} }), /no RoleArn/],
  [
    "an SDK call without Arguments",
    of({ ...call, Resource: "arn:aws:states:::aws-sdk:s3:listBuckets" }),
    /needs Arguments/,
  ],
  ["a token in a Pass", of({ ...pass, Output: "{% $states.context.Task.Token %}" }), /context.Task cannot be read/],
  ["$ in a function", of({ ...pass, Output: "{% $map([1], function($v) { $ }) %}" }), /reads a context/],
];

const TAKEN: readonly (readonly [string, JsonObject])[] = [
  ["states that set the language alone", { StartAt: "a", States: { a: { ...pass, QueryLanguage: "JSONata" } } }],
  [
    "states in JSONPath that have nothing of it, beside one in JSONata",
    { StartAt: "a", States: { a: { Type: "Pass", QueryLanguage: "JSONata", Next: "b" }, b: pass } },
  ],
  ["a batcher inline, which fails as it runs", of(map({ ItemBatcher: { MaxItemsPerBatch: 1 } }, { Mode: "INLINE" }))],
  ["braces in the name of an error", of({ ...call, Retry: [{ ErrorEquals: ["{% a %}"] }] })],
  ["a transformation", of({ ...pass, Output: "{% $states.input ~> |$|{'a': b}| %}" })],
  ["an unassigned variable", of({ ...pass, Output: "{% $never %}" })],
  ["a variable that hides a function", of({ ...pass, Assign: { count: 1 } })],
  [
    "a Choice without Default",
    {
      ...of(pass),
      StartAt: "c",
      States: { c: { Type: "Choice", Choices: [{ Condition: true, Next: "a" }] }, a: pass },
    },
  ],
  ["a token in any Task", of({ ...call, Arguments: "{% $states.context.Task.Token %}" })],
  [
    "names that a filter, an order or a group gives",
    of({ ...pass, Output: "{% ($x := $states.input.xs; $x[a = $.b]^(c){d: $sum(e)}) %}" }),
  ],
  ["$states as a whole, and by brackets", of({ ...pass, Output: "{% [$states, $states['result']] %}" })],
  ["an expression in a Comment", of({ ...pass, Comment: "{% not one" })],
  ["names of variables in any script", of({ ...pass, Assign: { größe: 1 } })],
  ["tolerance inline", of(map({ ToleratedFailureCount: 1 }, { Mode: "INLINE" }))],
  [
    "a variable that is assigned around a Map behind it",
    {
      QueryLanguage: "JSONata",
      StartAt: "a",
      States: {
        a: {
          ...map({ Next: "z" }),
          End: false,
          ItemProcessor: { StartAt: "b", States: { b: { ...pass, Assign: { x: 1 } } } },
        },
        z: { ...pass, Assign: { x: 1 } },
      },
    },
  ],
];

describe("A definition", () => {
  it.each(REFUSED)("is refused for %s", (_, definition, problem) => expect(said(definition)).toMatch(problem));

  it.each(TAKEN)("may have %s", (_, definition) => expect(said(definition)).toBe(""));
});
