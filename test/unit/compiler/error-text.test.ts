import fc from "fast-check";
import evaluator from "jsonata";
import { describe, expect, it } from "vitest";
import { CAUGHT_MESSAGE, causeOf } from "../../../engine/compiler/error-text.ts";
import { withWhere } from "../../../engine/model/wire.ts";

const message = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "\\",
    '"',
    '\\"',
    '","trace":["',
    "\n    at functions/a.ts:1",
    '{"errorMessage":"x"}',
    "é😀\u2028\u0001\u0002",
  ),
);
const RUN = "01980000-0000-7000-8000-000000000000";

function evaluate(text: string, states: object): Promise<unknown> {
  const expression = evaluator(text);
  expression.registerFunction("parse", (given: string) => JSON.parse(given) as unknown, "<s:x>");
  return expression.evaluate(undefined, { states, message: undefined });
}

const caught = (errorOutput: object) => evaluate(CAUGHT_MESSAGE, { errorOutput });

describe("The message of a caught error", () => {
  it("is that of a task, out of Lambda's JSON", async () => {
    await fc.assert(
      fc.asyncProperty(message, fc.string(), async (errorMessage, line) => {
        const Cause = JSON.stringify({ errorType: "Declined", errorMessage, trace: [line] });
        expect(await caught({ Error: "Declined", Cause })).toBe(errorMessage);
      }),
    );
  });

  it("is that of a throw, without the lines that say where", async () => {
    await fc.assert(
      fc.asyncProperty(message, async (text) => {
        const Cause = withWhere(text, "functions/git/flows.ts:31", "millrace", RUN);
        expect(await caught({ Error: "Declined", Cause })).toBe(text);
      }),
    );
  });

  it("is a service's own text, and empty at a timeout", async () => {
    expect(await caught({ Error: "Lambda.Unknown", Cause: "The function ran out of memory." })).toBe(
      "The function ran out of memory.",
    );
    expect(await caught({ Error: "States.Timeout" })).toBe("");
  });

  it("is something, wherever a cause is cut", async () => {
    await fc.assert(
      fc.asyncProperty(message, fc.nat(), async (errorMessage, at) => {
        const whole = JSON.stringify({ errorType: "Declined", errorMessage, trace: ['"}', "\\"] });
        expect(await caught({ Error: "Declined", Cause: whole.slice(0, at % (whole.length + 1)) })).toBeTypeOf(
          "string",
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("The cause of a throw", () => {
  it("is the text of withWhere", async () => {
    const at = "functions/git/flows.ts:31";
    const states = { context: { Execution: { Name: RUN }, StateMachine: { Name: "my-stack_git-repository_add" } } };
    expect(await evaluate(causeOf('"Not found: \\"x\\""', at), states)).toBe(
      withWhere('Not found: "x"', at, "my-stack", RUN),
    );
  });
});
