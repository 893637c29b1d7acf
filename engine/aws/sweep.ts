import { Logger } from "@aws-lambda-powertools/logger";
import { sweep } from "../coordination/sweep.ts";
import type { World } from "../coordination/world.ts";
import { ErrorName, MillraceError, toError } from "../model/errors.ts";
import { runIdOf } from "../model/run-id.ts";
import type { SweepReport } from "../model/sweep.ts";
import { SWEEP_FUNCTION, SWEEP_TASK, type TaskPayload } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { LambdaContext } from "./environment.ts";
import { deployedVersions } from "./deployed-versions.ts";
import { pause } from "./pause.ts";
import { pruneVersions } from "./prune-versions.ts";
import { lambdaWorld } from "./world.ts";

export type SweepFunction = (payload: TaskPayload, context: LambdaContext) => Promise<SweepReport>;

const PRUNE_EVERY_MS = 3_600_000;

/** The handler of `<stack>_sweep`: the built-in task that the flow of `clean-up-deadlocks` calls. */
export function sweepHandler(workflows: readonly WorkflowDefinition[]): SweepFunction {
  const logger = new Logger({ serviceName: SWEEP_FUNCTION });
  const versions = deployedVersions();
  let world: World | undefined;
  let prunedAt = 0;

  return async ({ task, run }, context) => {
    if (task !== SWEEP_TASK) {
      throw new MillraceError(
        ErrorName.TASK_NOT_FOUND,
        `The function ${SWEEP_FUNCTION} has the task "${SWEEP_TASK}" alone, not "${task}". Deploy the stack again.`,
      );
    }
    const here = (world ??= lambdaWorld(workflows, context));
    const report = await sweep(here, { run: runIdOf(run), sleep: pause });
    const now = here.now();
    if (now - prunedAt < PRUNE_EVERY_MS) return report;
    prunedAt = now;
    const machines = workflows.map(({ name }) => here.executionOf(name, "any"));
    const pruned = await pruneVersions(versions, machines, now).catch((error: unknown) => ({
      deleted: [],
      problems: [`Versions of functions were not pruned: ${toError(error).message}`],
    }));
    for (const version of pruned.deleted) logger.info("Version deleted", { version });
    return { ...report, problems: [...report.problems, ...pruned.problems] };
  };
}
