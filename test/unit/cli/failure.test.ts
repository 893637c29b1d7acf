import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { failureOf, type Failure } from "../../../engine/cli/failure.ts";
import { errorOf } from "../../../engine/cli/follow.ts";
import { ErrorName, MillraceError, RunFailed } from "../../../engine/model/errors.ts";
import type { Run } from "../../../engine/model/run.ts";

const run = { id: "id", workflow: "w", name: "w", execution: "arn", context: {}, tags: [], createdAt: 0, endedAt: 1 };

describe("failure", () => {
  it("is one sentence for an error of Millrace", () => {
    expect(failureOf(new MillraceError(ErrorName.RUN_NOT_FOUND, "There is no run."))).toEqual({
      error: { name: "RunNotFound", message: "There is no run." },
      exitCode: 3,
      text: "There is no run.",
    } satisfies Failure);
  });

  it("has the name, the message and the source line of a run's own error", () => {
    const error = { name: "Refused", message: "no", at: "functions/a/flows.ts:3" };
    const text = "Refused: no\n    at functions/a/flows.ts:3";
    expect(failureOf(new RunFailed("id", error))).toEqual({ error, exitCode: 1, text } satisfies Failure);
    expect(failureOf(new RunFailed("id", { name: "Refused", message: "no" }))?.text).toBe("Refused: no");
  });

  it("has the stack of an error that nobody expected, because it is a bug", () => {
    expect(failureOf(new TypeError("x is not a function"))).toMatchObject({
      error: { name: "TypeError", message: "x is not a function" },
      text: expect.stringMatching(/^TypeError: x is not a function\n.*failure\.test\.ts/) as string,
    });
    expect(failureOf("text")?.error).toMatchObject({ name: "NotAnError" });
  });

  it("is a matter of usage where the command line itself is wrong", () => {
    const text = "Unknown option '--x'. `millrace --help` lists the commands.";
    const failure = failureOf(new CommanderError(1, "commander.unknownOption", "error: unknown option '--x'"));
    expect(failure).toEqual({ error: { name: "InvalidRequest", message: text }, exitCode: 2, text } satisfies Failure);
    expect(failureOf(new CommanderError(0, "commander.helpDisplayed", "(outputHelp)"))).toBeUndefined();
  });
});

describe("the error of a run", () => {
  it.each([
    [{ ...run, state: "failed", error: { name: "LimitReached", message: "of the task" } }, 1],
    [{ ...run, state: "timed-out", error: { name: "States.Timeout", message: "m" } }, 1],
    [{ ...run, state: "cancelled", error: { name: "RunCancelled", message: "m" } }, 4],
    [{ ...run, state: "cancelled", error: { name: "LimitReached", message: "m" } }, 6],
  ] satisfies [Run, number][])("%#", (ended, code) => expect(failureOf(errorOf(ended))?.exitCode).toBe(code));

  it("is nothing for a completed one", () => {
    expect(errorOf({ ...run, state: "completed", startedAt: 0, result: null })).toBeUndefined();
  });
});
