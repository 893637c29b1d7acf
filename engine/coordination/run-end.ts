import { readCause } from "../model/cause.ts";
import { ErrorName, type RunError } from "../model/errors.ts";
import { END_RANK, type EndState } from "../model/run.ts";
import { absent, compare, or } from "../store/condition.ts";
import type { Attribute } from "../store/items.ts";
import { inline } from "./run-record.ts";
import type { StatusEvent } from "./world.ts";

/** The condition of every write that ends a run: the first end stands. */
export const notEnded = or(absent("rank"), compare("rank", "<", END_RANK));

/** The update that a terminal event makes of a run's record; the run leaves the index of open runs. */
export function endOf(event: StatusEvent): { set: { [attribute: string]: Attribute }; remove: string[] } {
  const { state, error } = endState(event);
  return {
    set: {
      state,
      rank: END_RANK,
      startedAt: event.startedAt,
      endedAt: event.endedAt ?? event.startedAt,
      ...(error === undefined ? {} : { error: { ...error } }),
      ...(state === "completed" && event.output !== undefined ? inline("result", event.output) : {}),
    },
    remove: ["gk", "gs"],
  };
}

function endState(event: StatusEvent): { state: EndState; error?: RunError } {
  const error = readCause(event.error, event.cause);
  switch (event.status) {
    case "SUCCEEDED":
      return { state: "completed" };
    case "TIMED_OUT":
      return {
        state: "timed-out",
        error: { name: ErrorName.RUN_TIMED_OUT, message: "The run took longer than its timeoutSeconds." },
      };
    case "ABORTED":
      if (event.error === ErrorName.INVALID_PARAMETERS) return { state: "failed", error };
      return {
        state: "cancelled",
        error: event.error === undefined ? { name: ErrorName.RUN_CANCELLED, message: "The run was stopped." } : error,
      };
    default:
      return { state: "failed", error };
  }
}
