import type { JsonObject } from "../../model/json.ts";
import { StateFailed, StatesError, type Failure } from "./failure.ts";
import { numberIn } from "./numbers.ts";
import type { Visit } from "./visit.ts";

/** How many items of a distributed Map may fail. */
export interface Tolerance {
  /** Counts an item, or a batch of so many, that failed. @throws StateFailed where that is too much */
  failed(items: number): void;
}

/** A threshold of 0 counts as none. Where both are given, neither may be exceeded; where none is, nothing may fail. */
export async function toleranceOf(visit: Visit, items: number): Promise<Tolerance> {
  const count = (await numberIn(visit, "ToleratedFailureCount")) ?? 0;
  const share = (await numberIn(visit, "ToleratedFailurePercentage", { most: 100, broken: true })) ?? 0;
  const most = Math.min(
    ...(count > 0 ? [count] : []),
    ...(share > 0 ? [(items * share) / 100] : []),
    ...(count > 0 || share > 0 ? [] : [0]),
  );
  let failures = 0;
  return {
    failed(more) {
      failures += more;
      if (failures > most) throw new StateFailed({ error: StatesError.EXCEEDED_TOLERANCE, cause: EXCEEDED });
    },
  };
}

const EXCEEDED = "The specified tolerated failure threshold was exceeded";

/** What stands in the result of the Map for an item that failed. */
export function failedItem({ error, cause }: Failure): JsonObject {
  return {
    Status: "FAILED",
    ...(error === "" ? {} : { Error: error }),
    ...(cause === undefined ? {} : { Cause: cause }),
  };
}
