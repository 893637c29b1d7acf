import type { HistoryEvent } from "@aws-sdk/client-sfn";

/** Id, id of the event before, type, and what its details tell: a state's name, an iteration, a step, an error, an input. */
export type Row = readonly [id: number, previous: number, type: string, detail?: string | readonly [string, number]];

/** Event n happens n seconds after the epoch. */
export function historyOf(rows: readonly Row[]): HistoryEvent[] {
  return rows.map(([id, previousEventId, type, detail]) => ({
    id,
    previousEventId,
    timestamp: new Date(id * 1000),
    ...({ type } as Pick<HistoryEvent, "type">),
    ...(detail !== undefined && details(type, detail)),
  }));
}

function details(type: string, detail: string | readonly [string, number]): object {
  if (typeof detail !== "string") return { mapIterationStartedEventDetails: { name: detail[0], index: detail[1] } };
  if (type.endsWith("StateEntered")) return { stateEnteredEventDetails: { name: detail } };
  if (type.endsWith("StateExited")) return { stateExitedEventDetails: { name: detail } };
  if (type === "TaskScheduled") {
    const Payload = { task: detail, step: detail };
    return { taskScheduledEventDetails: { parameters: JSON.stringify({ Payload }) } };
  }
  if (type === "MapRunStarted") return { mapRunStartedEventDetails: { mapRunArn: detail } };
  if (type === "ExecutionStarted") return { executionStartedEventDetails: { input: detail } };
  const cause = JSON.stringify({ errorType: detail, errorMessage: `${detail}!`, trace: [] });
  return { [`${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`]: { error: detail, cause } };
}

/** As LocalStack recorded it: retries within a map, a failed map that is caught, a parallel, a task that fails at last. */
// prettier-ignore
export const RECORDED: readonly Row[] = [
  [1, 0, "ExecutionStarted"], [2, 0, "TaskStateEntered", "greet"],
  [3, 2, "TaskScheduled", "greet"], [4, 3, "TaskStarted"],
  [5, 4, "TaskSucceeded"], [6, 5, "TaskStateExited", "greet"],
  [7, 6, "ChoiceStateEntered", "is it"], [8, 7, "ChoiceStateExited", "is it"],
  [9, 8, "WaitStateEntered", "sleep"], [10, 9, "WaitStateExited", "sleep"],
  [11, 10, "MapStateEntered", "each"], [12, 11, "MapStateStarted"],
  [13, 12, "MapIterationStarted", ["each", 0]], [14, 13, "TaskStateEntered", "one"],
  [15, 12, "MapIterationStarted", ["each", 1]], [16, 14, "TaskScheduled", "one[0]"],
  [17, 16, "TaskStarted"], [18, 15, "TaskStateEntered", "one"],
  [19, 18, "TaskScheduled", "one[1]"], [20, 19, "TaskStarted"],
  [21, 20, "TaskFailed", "TypeError"], [22, 17, "TaskSucceeded"],
  [23, 22, "TaskStateExited", "one"], [24, 23, "PassStateEntered", "note"],
  [25, 24, "PassStateExited", "note"], [26, 25, "MapIterationSucceeded", ["each", 0]],
  [27, 25, "MapIterationStarted", ["each", 2]], [28, 27, "TaskStateEntered", "one"],
  [29, 28, "TaskScheduled", "one[2]"], [30, 29, "TaskStarted"],
  [31, 30, "TaskSucceeded"], [32, 31, "TaskStateExited", "one"],
  [33, 32, "PassStateEntered", "note"], [34, 33, "PassStateExited", "note"],
  [35, 34, "MapIterationSucceeded", ["each", 2]], [36, 21, "TaskScheduled", "one[1]"],
  [37, 36, "TaskStarted"], [38, 37, "TaskFailed", "TypeError"],
  [39, 38, "TaskScheduled", "one[1]"], [40, 39, "TaskStarted"],
  [41, 40, "TaskSucceeded"], [42, 41, "TaskStateExited", "one"],
  [43, 42, "PassStateEntered", "note"], [44, 43, "PassStateExited", "note"],
  [45, 44, "MapIterationSucceeded", ["each", 1]], [46, 45, "MapStateSucceeded"],
  [47, 45, "MapStateExited", "each"], [48, 47, "MapStateEntered", "try"],
  [49, 48, "MapStateStarted"], [50, 49, "MapIterationStarted", ["try", 0]],
  [51, 49, "MapIterationStarted", ["try", 1]], [52, 51, "TaskStateEntered", "two"],
  [53, 50, "TaskStateEntered", "two"], [54, 53, "TaskScheduled", "two"],
  [55, 54, "TaskStarted"], [56, 52, "TaskScheduled", "two"],
  [57, 56, "TaskStarted"], [58, 55, "TaskSucceeded"],
  [59, 58, "TaskStateExited", "two"], [60, 59, "MapIterationSucceeded", ["try", 0]],
  [61, 57, "TaskFailed", "RangeError"], [62, 61, "MapIterationFailed", ["try", 1]],
  [63, 61, "MapStateFailed"], [64, 63, "MapStateExited", "try"],
  [65, 64, "ParallelStateEntered", "both"], [66, 65, "ParallelStateStarted"],
  [67, 66, "WaitStateEntered", "left"], [68, 66, "TaskStateEntered", "right"],
  [69, 68, "TaskScheduled", "right"], [70, 69, "TaskStarted"],
  [71, 70, "TaskSucceeded"], [72, 71, "TaskStateExited", "right"],
  [73, 72, "SucceedStateEntered", "right2"], [74, 73, "SucceedStateExited", "right2"],
  [75, 67, "WaitStateExited", "left"], [76, 75, "PassStateEntered", "left2"],
  [77, 76, "PassStateExited", "left2"], [78, 77, "ParallelStateSucceeded"],
  [79, 77, "ParallelStateExited", "both"], [80, 79, "TaskStateEntered", "boom"],
  [81, 80, "TaskScheduled", "boom"], [82, 81, "TaskStarted"],
  [83, 82, "TaskFailed", "RangeError"], [84, 83, "TaskScheduled", "boom"],
  [85, 84, "TaskStarted"], [86, 85, "TaskFailed", "RangeError"],
  [87, 86, "ExecutionFailed", "RangeError"],
];
