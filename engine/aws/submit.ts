import { Logger } from "@aws-lambda-powertools/logger";
import { cancel } from "../coordination/cancel.ts";
import { submitChild } from "../coordination/children.ts";
import { answerEvent, waitForEvent } from "../coordination/events.ts";
import { resumeRun } from "../coordination/resume.ts";
import { retryRun } from "../coordination/retry.ts";
import { isPaused } from "../coordination/schedules.ts";
import { submit } from "../coordination/submit.ts";
import { findWorkflow, type World } from "../coordination/world.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { Run } from "../model/run.ts";
import {
  SUBMIT_FUNCTION,
  type AnswerCommand,
  type ChildSubmit,
  type RunCommand,
  type ScheduledSubmit,
  type Submitted,
  type SubmitRequest,
  type WaitEvent,
} from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { variable, type LambdaContext } from "./environment.ts";
import { lambdaWorld } from "./world.ts";

type NewRunEvent = SubmitRequest | ScheduledSubmit | ChildSubmit;
export type SubmitEvent = NewRunEvent | RunCommand | AnswerCommand | WaitEvent;

/** Answers null where it drops the fire of a schedule, to a timer, and about events. */
export type SubmitFunction = (event: SubmitEvent, context: LambdaContext) => Promise<Submitted | Run | null>;

/** The handler of `<stack>_submit`. */
export function submitHandler(workflows: readonly WorkflowDefinition[]): SubmitFunction {
  const logger = new Logger({ serviceName: SUBMIT_FUNCTION });
  const maxAge = JSON.parse(variable("MILLRACE_MAX_AGE")) as MaxAge;
  let world: World | undefined;

  return async (event, context) => {
    const here = (world ??= lambdaWorld(workflows, context));
    if ("command" in event) return event.command === "answer" ? answerEvent(here, event) : obey(here, event);
    if ("event" in event) return waitForEvent(here, event);
    const why = "scheduledTime" in event && (tooLate(event, here.now(), maxAge) || (await pausedFire(here, event)));
    if (why !== false) {
      logger.warn(why, { workflow: event.workflow });
      return null;
    }
    const submitted = await submitEvent(here, event);
    logger.info("Run submitted", { workflow: event.workflow, run: submitted.id, existing: submitted.existing });
    return submitted;
  };
}

async function obey(world: World, { command, run, idempotencyKey }: RunCommand): Promise<Submitted | Run | null> {
  if (command === "cancel") return cancel(world, run);
  if (command === "retry") return retryRun(world, run, idempotencyKey);
  await resumeRun(world, run);
  return null;
}

function submitEvent(world: World, event: NewRunEvent): Promise<Submitted> {
  if ("entered" in event) return submitChild(world, event);
  const definition = findWorkflow(world, event.workflow);
  if (definition === undefined) throw unknownWorkflow(event.workflow, world.workflows());
  if (!("scheduledTime" in event)) return submit(world, definition, event);
  const { workflow, parameters, scheduledTime } = event;
  return submit(world, definition, { workflow, parameters, idempotencyKey: scheduledTime }, { scheduled: true });
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

/** Why a fire of a paused schedule is dropped, or false. */
async function pausedFire(world: World, { workflow, scheduledTime }: ScheduledSubmit): Promise<string | false> {
  return (
    (await isPaused(world, workflow)) &&
    `The fire of "${workflow}" at ${scheduledTime} was dropped: its schedule is paused.`
  );
}

function unknownWorkflow(name: string, workflows: readonly WorkflowDefinition[]): MillraceError {
  const known = workflows.map((workflow) => workflow.name).join(", ");
  return new MillraceError(
    ErrorName.WORKFLOW_NOT_FOUND,
    `The deployed catalogue has no workflow ${JSON.stringify(name)}; it has ${known}. Add it to the catalogue and deploy with \`npx cdk deploy\`.`,
  );
}
