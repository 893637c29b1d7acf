import { describe, expect, it } from "vitest";
import { EXIT_CODE_OF, ExitCode, exitCodeOf } from "../../../engine/cli/exit-codes.ts";
import { ErrorName, MillraceError, RunFailed } from "../../../engine/model/errors.ts";

describe("exit codes", () => {
  it("are frozen: scripts branch on them", () => {
    expect(ExitCode).toEqual({
      OK: 0,
      RUN_FAILED: 1,
      USAGE: 2,
      NOT_FOUND: 3,
      CANCELLED: 4,
      WAIT_TIMED_OUT: 5,
      LIMIT_REACHED: 6,
      INVALID_INPUT: 7,
      DENIED: 8,
      CONFLICT: 9,
    });
  });

  it("has one for each error of Millrace", () => {
    expect(EXIT_CODE_OF).toEqual({
      InvalidDefinition: 7,
      InvalidParameters: 7,
      InvalidInput: 1,
      InvalidOutput: 1,
      ResultTooLarge: 1,
      NotAnError: 1,
      "States.Timeout": 1,
      WorkflowNotFound: 3,
      TaskNotFound: 1,
      RunNotFound: 3,
      RunCancelled: 4,
      RunTimedOut: 1,
      WaitTimedOut: 5,
      LimitReached: 6,
      QueueTimedOut: 6,
      RunEnded: 9,
      LockTimedOut: 6,
      LockHeld: 9,
      LockNotHeld: 9,
      EventTimedOut: 1,
      InvalidAnswer: 7,
      AlreadyAnswered: 9,
      NotWaiting: 9,
      Conflict: 9,
      AccessDenied: 8,
      PlatformUnavailable: 8,
      InvalidRequest: 2,
    });
    expect(Object.keys(EXIT_CODE_OF).sort()).toEqual(Object.values(ErrorName).sort());
  });

  it("is 1 for a failed run whatever its error is named, and for an error nobody expected", () => {
    expect(exitCodeOf(new RunFailed("id", { name: "WorkflowNotFound", message: "of the task" }))).toBe(1);
    expect(exitCodeOf(new TypeError("x"))).toBe(1);
    expect(exitCodeOf("text")).toBe(1);
    expect(exitCodeOf(new MillraceError(ErrorName.CONFLICT, "x"))).toBe(9);
  });
});
