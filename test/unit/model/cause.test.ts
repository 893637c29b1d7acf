import { describe, expect, it } from "vitest";
import { readCause } from "../../../engine/model/cause.ts";
import { toError } from "../../../engine/model/errors.ts";
import { withWhere } from "../../../engine/model/wire.ts";

describe("the error of an ended execution", () => {
  it("is read from what a failed Lambda function leaves", () => {
    const stack = withWhere(
      "Gone: no repository\n    at clone (file.js:1:1)",
      "functions/git/flows.ts:31",
      "millrace",
      "id",
    );
    const cause = JSON.stringify({ errorType: "Gone", errorMessage: "no repository", trace: stack.split("\n") });
    expect(readCause("Gone", cause)).toEqual({
      name: "Gone",
      message: "no repository",
      at: "functions/git/flows.ts:31",
    });
  });

  it("is read from the cause of a throw in a flow", () => {
    const cause = withWhere("nothing to do", "functions/git/flows.ts:40", "millrace", "id");
    expect(readCause("Empty", cause)).toEqual({
      name: "Empty",
      message: "nothing to do",
      at: "functions/git/flows.ts:40",
    });
  });

  it("has its name as message after a timeout, which has no cause", () => {
    expect(readCause("States.Timeout", undefined)).toEqual({ name: "States.Timeout", message: "States.Timeout" });
  });

  it("is the text as it stands where that was cut or is no failure of Lambda", () => {
    expect(readCause("X", '{"errorMessage": "cut')).toEqual({ name: "X", message: '{"errorMessage": "cut' });
    expect(readCause("X", '{"a":1}')).toEqual({ name: "X", message: '{"a":1}' });
  });
});

describe("something thrown that is no Error", () => {
  it.each([
    ["text", '"text"'],
    [{ code: 5 }, '{"code":5}'],
    [undefined, "undefined"],
  ])("becomes one: %j", (thrown, shown) => {
    const error = toError(thrown);
    expect(error.name).toBe("NotAnError");
    expect(error.message).toContain(shown);
  });
});
