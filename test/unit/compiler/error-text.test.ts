import fc from "fast-check";
import evaluator from "jsonata";
import { describe, expect, it } from "vitest";
import { CAUGHT, causeOf } from "../../../engine/compiler/error-text.ts";
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
    '\n    caused by {"name":',
    "x\n    at functions/a.ts:1\n    caused by {\n    npx millrace show r --stack s",
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

const caught = (errorOutput: object) => evaluate(CAUGHT.message, { errorOutput });

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

const whyOf = (errorOutput: object) => evaluate(CAUGHT.cause, { errorOutput });
const AT = "functions/git/flows.ts:31";
const cause = fc.option(fc.record({ name: message, message }));

describe("The cause of a caught error", () => {
  it("is that of a task, out of the stack in Lambda's JSON", async () => {
    await fc.assert(
      fc.asyncProperty(message, cause, async (errorMessage, why) => {
        const stack = withWhere(
          `Declined: ${errorMessage}\n    at task (/var/task/a.js:1:2)`,
          AT,
          "s",
          "r",
          why ?? undefined,
        );
        const Cause = JSON.stringify({ errorType: "Declined", errorMessage, trace: stack.split("\n") });
        expect(await caught({ Error: "Declined", Cause })).toBe(errorMessage);
        expect(await whyOf({ Error: "Declined", Cause })).toEqual(why);
      }),
      { numRuns: 500 },
    );
  });

  it("is that of a throw, out of its text", async () => {
    await fc.assert(
      fc.asyncProperty(message, cause, async (text, why) => {
        const Cause = withWhere(text, AT, "millrace", RUN, why ?? undefined);
        expect(await caught({ Error: "Declined", Cause })).toBe(text);
        expect(await whyOf({ Error: "Declined", Cause })).toEqual(why);
      }),
      { numRuns: 500 },
    );
  });

  it("is null where there is none, wherever a text is cut", async () => {
    expect(await whyOf({ Error: "States.Timeout" })).toBe(null);
    expect(await whyOf({ Error: "Lambda.Unknown", Cause: "The function ran out of memory." })).toBe(null);
    await fc.assert(
      fc.asyncProperty(message, message, fc.nat(), async (errorMessage, text, at) => {
        const trace = withWhere(errorMessage, AT, "s", "r", { name: "Gone", message: text }).split("\n");
        const whole = JSON.stringify({ errorType: "Declined", errorMessage, trace });
        const found = await whyOf({ Error: "Declined", Cause: whole.slice(0, at % whole.length) });
        expect([null, { name: "Gone", message: text }]).toContainEqual(found);
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
    const cause = { name: "Gone", message: 'a "b"' };
    const text = (why: string) => evaluate(causeOf('"Not found"', at, why), states);
    expect(await text(JSON.stringify(cause))).toBe(withWhere("Not found", at, "my-stack", RUN, cause));
    expect(await text("null")).toBe(withWhere("Not found", at, "my-stack", RUN));
  });
});
