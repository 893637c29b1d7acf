import { Logger } from "@aws-lambda-powertools/logger";
import { SFNClient } from "@aws-sdk/client-sfn";
import { submit } from "../coordination/submit.ts";
import type { World } from "../coordination/world.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { SUBMIT_FUNCTION, type ScheduledSubmit, type Submitted, type SubmitRequest } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { variable, type LambdaContext } from "./environment.ts";
import { lambdaWorld } from "./world.ts";

export type SubmitFunction = (
  event: SubmitRequest | ScheduledSubmit,
  context: LambdaContext,
) => Promise<Submitted | null>;

/** The handler of `<stack>_submit`; answers null where it drops the fire of a schedule. */
export function submitHandler(workflows: readonly WorkflowDefinition[]): SubmitFunction {
  const logger = new Logger({ serviceName: SUBMIT_FUNCTION });
  const maxAge = JSON.parse(variable("MILLRACE_MAX_AGE")) as MaxAge;
  let world: World | undefined;

  return async (event, context) => {
    const definition = workflows.find((workflow) => workflow.name === event.workflow);
    if (definition === undefined) throw unknownWorkflow(event.workflow, workflows);
    const now = Date.now();
    const late = "scheduledTime" in event && tooLate(event, now, maxAge);
    if (late !== false) {
      logger.warn(late, { workflow: event.workflow });
      return null;
    }
    world ??= lambdaWorld(new SFNClient(), context);
    const submitted = await submit(world, definition, requestOf(event));
    logger.info("Run submitted", { workflow: event.workflow, run: submitted.id, existing: submitted.existing });
    return submitted;
  };
}

/** Seconds after which a fire of a workflow's schedule is dropped. */
export interface MaxAge {
  readonly [workflow: string]: number;
}

/** Why a fire comes too late to be worth a run, or false. */
export function tooLate({ workflow, scheduledTime }: ScheduledSubmit, now: number, maxAge: MaxAge): string | false {
  const age = Math.round((now - Date.parse(scheduledTime)) / 1000);
  const limit = maxAge[workflow] ?? Infinity;
  if (!(age > limit)) return false;
  return `The fire of "${workflow}" at ${scheduledTime} was dropped: it is ${age} s old, allowed are ${limit} s.`;
}

function requestOf(event: SubmitRequest | ScheduledSubmit): SubmitRequest {
  if (!("scheduledTime" in event)) return event;
  const { workflow, parameters, scheduledTime } = event;
  return { workflow, parameters, idempotencyKey: scheduledTime };
}

function unknownWorkflow(name: string, workflows: readonly WorkflowDefinition[]): MillraceError {
  const known = workflows.map((workflow) => workflow.name).join(", ");
  return new MillraceError(
    ErrorName.WORKFLOW_NOT_FOUND,
    `The deployed catalogue has no workflow ${JSON.stringify(name)}; it has ${known}. Add it to the catalogue and deploy with \`npx cdk deploy\`.`,
  );
}
