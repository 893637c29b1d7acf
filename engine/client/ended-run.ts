import { ErrorName, type RunError } from "../model/errors.ts";
import { isEnded, type Run } from "../model/run.ts";
import { parametersOf } from "../model/wire.ts";
import type { Execution } from "./platform.ts";

/**
 * A run as its execution says it ended, where the record does not say so yet: settle follows the end by an event, so a
 * caller that waited may be earlier.
 */
export function endedRun(run: Run, execution: Execution): Run {
  if (isEnded(run.state) || execution.status === "RUNNING") return run;
  const { startedAt, endedAt = startedAt, output } = execution;
  const times = { startedAt, endedAt };
  const error: RunError = execution.error ?? { name: "Error", message: "The run ended without an error of its own." };
  switch (execution.status) {
    case "SUCCEEDED":
      return { ...run, ...times, state: "completed", ...(output === undefined ? {} : { result: output }) };
    case "TIMED_OUT":
      return { ...run, ...times, state: "timed-out", error };
    case "ABORTED":
      return { ...run, ...times, state: error.name === ErrorName.INVALID_PARAMETERS ? "failed" : "cancelled", error };
    default:
      return { ...run, ...times, state: "failed", error };
  }
}

/** A run with the parameters and the result that were too large for its record. */
export function wholeRun(run: Run, { input, output }: Execution): Run {
  const all = run.parameters === undefined && input !== undefined ? { ...run, parameters: parametersOf(input) } : run;
  return all.state === "completed" && all.result === undefined && output !== undefined
    ? { ...all, result: output }
    : all;
}
