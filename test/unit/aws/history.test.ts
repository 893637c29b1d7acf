import { describe, expect, it } from "vitest";
import { stepsOf } from "../../../engine/aws/history.ts";
import { historyOf, RECORDED, type Row } from "./history-rows.ts";

/** A step as one line: name, kind, end, attempt, first and last event, error. */
function told(rows: readonly Row[]): string[] {
  return stepsOf(historyOf(rows), {}).map(({ name, kind, state, attempt, startedAt, endedAt, error }) => {
    const span = `${startedAt / 1000}-${endedAt === undefined ? "" : endedAt / 1000}`;
    return [name, kind, state, attempt, span, ...(error ? [error.name] : [])].join(" ");
  });
}

describe("steps of a history", () => {
  it("tells a recorded history", () => {
    expect(told(RECORDED)).toEqual([
      "greet task completed 1 2-6",
      "is it choice completed 1 7-8",
      "sleep wait completed 1 9-10",
      "each map completed 1 11-47",
      "one[0] task completed 1 14-23",
      "one[1] task failed 1 18-21 TypeError",
      "note[0] pass completed 1 24-25",
      "one[2] task completed 1 28-32",
      "note[2] pass completed 1 33-34",
      "one[1] task failed 2 36-38 TypeError",
      "one[1] task completed 3 39-42",
      "note[1] pass completed 1 43-44",
      "try map failed 1 48-63",
      "two task failed 1 52-61 RangeError",
      "two task completed 1 53-59",
      "both parallel completed 1 65-79",
      "left wait completed 1 67-75",
      "right task completed 1 68-72",
      "right2 end completed 1 73-74",
      "left2 pass completed 1 76-77",
      "boom task failed 1 80-83 RangeError",
      "boom task failed 2 84-86 RangeError",
    ]);
  });

  it("takes message and place of an error from its cause, and the place of a step from the machine", () => {
    const [step] = stepsOf(
      historyOf([
        [1, 0, "TaskStateEntered", "a"],
        [2, 1, "TaskScheduled", "a"],
        [3, 2, "TaskFailed", "Boom"],
      ]),
      { a: "functions/git/flows.ts:31" },
    );
    expect(step).toEqual({
      name: "a",
      kind: "task",
      at: "functions/git/flows.ts:31",
      state: "failed",
      attempt: 1,
      startedAt: 1_000,
      endedAt: 3_000,
      error: { name: "Boom", message: "Boom!" },
    });
  });

  it("shows what still runs, between attempts too", () => {
    const rows: Row[] = [
      [1, 0, "ExecutionStarted"],
      [2, 0, "MapStateEntered", "each"],
      [3, 2, "MapStateStarted"],
      [4, 3, "MapIterationStarted", ["each", 7]],
      [5, 4, "WaitStateEntered", "pause"],
    ];
    expect(told(rows)).toEqual(["each map running 1 2-", "pause[7] wait running 1 5-"]);
    const retried: Row[] = [
      [1, 0, "TaskStateEntered", "a"],
      [2, 1, "TaskScheduled", "a"],
      [3, 2, "TaskTimedOut", "States.Timeout"],
    ];
    expect(told(retried)).toEqual(["a task failed 1 1-3 States.Timeout"]);
    expect(told([...retried, [4, 3, "TaskScheduled", "a"]])).toEqual([
      "a task failed 1 1-3 States.Timeout",
      "a task running 2 4-",
    ]);
  });

  it("ends what an end of the execution interrupts, with the execution's error", () => {
    const rows: Row[] = [
      [1, 0, "ParallelStateEntered", "both"],
      [2, 1, "ParallelStateStarted"],
      [3, 2, "WaitStateEntered", "left"],
      [4, 2, "PassStateEntered", "right"],
      [5, 4, "PassStateExited", "right"],
      [6, 3, "ExecutionAborted", "Stopped"],
    ];
    expect(told(rows)).toEqual([
      "both parallel failed 1 1-6 Stopped",
      "left wait failed 1 3-6 Stopped",
      "right pass completed 1 4-5",
    ]);
  });

  it("ends the other branches of a parallel that fails, and nothing outside of it", () => {
    const rows: Row[] = [
      [1, 0, "ParallelStateEntered", "outer"],
      [2, 1, "ParallelStateStarted"],
      [3, 2, "WaitStateEntered", "bystander"],
      [4, 2, "ParallelStateEntered", "inner"],
      [5, 4, "ParallelStateStarted"],
      [6, 5, "WaitStateEntered", "sibling"],
      [7, 5, "FailStateEntered", "throw"],
      [8, 7, "ParallelStateFailed", "Refused"],
      [9, 8, "ParallelStateExited", "inner"],
      [10, 9, "PassStateEntered", "after"],
    ];
    expect(told(rows)).toEqual([
      "outer parallel running 1 1-",
      "bystander wait running 1 3-",
      "inner parallel failed 1 4-8 Refused",
      "sibling wait failed 1 6-8 Refused",
      "throw end failed 1 7-8 Refused",
      "after pass running 1 10-",
    ]);
  });

  it("gives a state within nested maps the indices of all, and a state after them none", () => {
    const rows: Row[] = [
      [1, 0, "MapStateEntered", "outer"],
      [2, 1, "MapStateStarted"],
      [3, 2, "MapIterationStarted", ["outer", 4]],
      [4, 3, "MapStateEntered", "inner"],
      [5, 4, "MapStateStarted"],
      [6, 5, "MapIterationStarted", ["inner", 2]],
      [7, 6, "PassStateEntered", "deep"],
      [8, 7, "PassStateExited", "deep"],
      [9, 8, "MapIterationSucceeded", ["inner", 2]],
      [10, 9, "MapStateSucceeded"],
      [11, 10, "MapStateExited", "inner"],
      [12, 11, "PassStateEntered", "shallow"],
      [13, 12, "PassStateExited", "shallow"],
      [14, 13, "MapIterationSucceeded", ["outer", 4]],
      [15, 14, "MapStateSucceeded"],
      [16, 15, "MapStateExited", "outer"],
      [17, 16, "PassStateEntered", "after"],
      [18, 17, "PassStateExited", "after"],
    ];
    expect(told(rows)).toEqual([
      "outer map completed 1 1-16",
      "inner[4] map completed 1 4-11",
      "deep[4][2] pass completed 1 7-8",
      "shallow[4] pass completed 1 12-13",
      "after pass completed 1 17-18",
    ]);
  });

  it("tells a task whose arguments could not be evaluated, and takes parameters that are cut", () => {
    const rows: Row[] = [
      [1, 0, "TaskStateEntered", "a"],
      [2, 1, "EvaluationFailed", "States.QueryEvaluationError"],
      [3, 2, "ExecutionFailed", "States.QueryEvaluationError"],
    ];
    expect(told(rows)).toEqual(["a task failed 1 1-2 States.QueryEvaluationError"]);
    const resource = "invoke.waitForTaskToken";
    const kinds = ["submit", "lock"].map((name) => {
      const parameters = JSON.stringify({ FunctionName: `arn:aws:lambda:r:1:function:millrace_${name}`, Payload: {} });
      const [entered, scheduled] = historyOf([
        [1, 0, "TaskStateEntered", "a"],
        [2, 1, "TaskScheduled", "a"],
      ]);
      const waits = { ...scheduled, taskScheduledEventDetails: { resource, parameters } };
      return stepsOf([entered, waits] as never, {}).map((step) => step.kind);
    });
    expect(kinds).toEqual([["child"], ["wait"]]);
    const [entered, scheduled] = historyOf([
      [1, 0, "TaskStateEntered", "a"],
      [2, 1, "TaskScheduled", "a[3]"],
    ]);
    const cut = { ...scheduled, taskScheduledEventDetails: { parameters: '{"Payload":{"st' } };
    expect(stepsOf([entered, cut] as never, {}).map((step) => step.name)).toEqual(["a"]);
  });
});
