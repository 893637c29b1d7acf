import { runKey } from "../coordination/keys.ts";
import { openRuns } from "../coordination/run-index.ts";
import { isOpen, readRun } from "../coordination/run-record.ts";
import { writeAllEdges } from "../coordination/run-tags.ts";
import { settle, type FindWorkflow } from "../coordination/settle.ts";
import { executionInput } from "../coordination/submit.ts";
import type { World } from "../coordination/world.ts";
import { ErrorName, isMillraceError } from "../model/errors.ts";
import type { Database } from "./sqlite/database.ts";
import { findExecution } from "./executions.ts";

/** A run this old without an execution is not about to get one. */
const SETTLED_MS = 60_000;

/**
 * Starts the runs whose submitter was killed after it put their record and before it started their machine. Where the
 * parameters were too large for the record, the run ends as cancelled; where its workflow is not in the catalogue any
 * longer, as failed.
 */
export async function startUnstarted(database: Database, world: World, find: FindWorkflow): Promise<void> {
  for await (const id of openRuns(world.items)) {
    const record = await world.items.get(runKey(id), { consistent: true });
    const run = record && readRun(record);
    if (record === undefined || run === undefined || !isOpen(run)) continue;
    if (findExecution(database, run.execution) !== undefined) continue;
    const { workflow, execution, parameters, context, parent, createdAt } = run;
    if (parameters !== undefined) {
      const input = executionInput({ workflow, parameters, context, ...(parent === undefined ? {} : { parent }) });
      await writeAllEdges(world.items, record);
      try {
        await world.machines.start({ workflow, run: id, execution, input });
      } catch (error) {
        if (!isMillraceError(error, ErrorName.WORKFLOW_NOT_FOUND)) throw error;
        const cause = `The run could not start after its submitter was killed. ${error.message}`;
        await settle(world, find, { execution, status: "FAILED", startedAt: createdAt, error: error.name, cause });
      }
    } else if (createdAt < world.now() - SETTLED_MS) {
      const cause = "Its submitter was killed before the run started. Submit it again.";
      const error = ErrorName.RUN_CANCELLED;
      await settle(world, find, { execution, status: "ABORTED", startedAt: createdAt, error, cause });
    }
  }
}
