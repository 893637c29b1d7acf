import { Logger } from "@aws-lambda-powertools/logger";
import { acquireForFlow, releaseForFlow } from "../coordination/locks.ts";
import type { Answer, Machines, World } from "../coordination/world.ts";
import { LOCK_FUNCTION, type AcquireLocks, type ReleaseLocks } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { LambdaContext } from "./environment.ts";
import { lambdaWorld } from "./world.ts";

/** What a task sends that has passed a lock on to a state of a flow: the task's own function may not wake states. */
export interface WakeState {
  readonly token: string;
  readonly answer: Answer;
}

type Woken = Awaited<ReturnType<Machines["answer"]>>;
export type LockFunction = (
  request: AcquireLocks | ReleaseLocks | WakeState,
  context: LambdaContext,
) => Promise<Woken | null>;

/** The handler of `<stack>_lock`. What an acquire takes is answered to its token. */
export function lockHandler(workflows: readonly WorkflowDefinition[]): LockFunction {
  const logger = new Logger({ serviceName: LOCK_FUNCTION });
  let world: World | undefined;

  return async (request, context) => {
    world ??= lambdaWorld(workflows, context);
    if ("answer" in request) return world.machines.answer(request.token, request.answer);
    const { run, step } = request;
    if ("release" in request) {
      await releaseForFlow(world, request);
      logger.info("Locks released", { run, step });
    } else {
      await acquireForFlow(world, request);
      logger.info("Locks asked for", { run, step });
    }
    return null;
  };
}
