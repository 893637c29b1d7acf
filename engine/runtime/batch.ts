import { batchOf, type Batch, type BatchOptions } from "../client/batch.ts";
import { executeWorkflow } from "./children.ts";

/**
 * A batch in a task: its tasks run within the attempt, its workflows as children of the run, which end with it.
 * @throws MillraceError `InvalidRequest`
 */
export function createBatch<R = unknown, N = unknown>(options: BatchOptions = {}): Batch<R, N> {
  return batchOf(executeWorkflow, options);
}
