import { ErrorName, type RunError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import { isEnded, type Run } from "../model/run.ts";
import { parametersOf } from "../model/wire.ts";
import type { Execution } from "./platform.ts";

/** How a run ended; what a record and an execution both say of it. */
export type Ended =
  | { readonly state: "completed"; readonly result?: Json }
  | { readonly state: "failed" | "timed-out" | "cancelled"; readonly error: RunError };

/** The end of a run as its execution, which is over, tells it. */
export function endOfExecution({ status, output, error = SILENT }: Execution): Ended {
  switch (status) {
    case "SUCCEEDED":
      return { state: "completed", ...(output === undefined ? {} : { result: output }) };
    case "TIMED_OUT":
      return { state: "timed-out", error };
    case "ABORTED":
      return { state: error.name === ErrorName.INVALID_PARAMETERS ? "failed" : "cancelled", error };
    default:
      return { state: "failed", error };
  }
}

const SILENT: RunError = { name: "Error", message: "The run ended without an error of its own." };

/**
 * A run as its execution says it ended, where the record does not say so yet: settle follows the end by an event, so a
 * caller that waited may be earlier.
 */
export function endedRun(run: Run, execution: Execution): Run {
  if (isEnded(run.state) || execution.status === "RUNNING") return run;
  const { startedAt, endedAt = startedAt } = execution;
  return { ...run, startedAt, endedAt, ...endOfExecution(execution) };
}

/** A run with the parameters and the result that were too large for its record. */
export function wholeRun(run: Run, { input, output }: Execution): Run {
  const all = run.parameters === undefined && input !== undefined ? { ...run, parameters: parametersOf(input) } : run;
  return all.state === "completed" && all.result === undefined && output !== undefined
    ? { ...all, result: output }
    : all;
}
