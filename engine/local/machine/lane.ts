import type { Clock } from "../../model/clock.ts";

/** What a host may give each frame of its own: a clock whose sleepers wake in the frames' order, and an ear. */
export interface Lane extends Clock {
  /** One event of the execution's history, in the words of Step Functions. Answers its id, as far as that is known. */
  tell(event: string): number;
}

/** The names of what a Task's call goes through, which differ by what is called. */
export function taskEvents(resource: string): {
  readonly begun: readonly string[];
  readonly succeeded: string;
  readonly failed: string;
  readonly timedOut: string;
} {
  const of = (family: string, ...more: string[]): ReturnType<typeof taskEvents> => ({
    begun: [`${family}Scheduled`, `${family}Started`, ...more],
    succeeded: `${family}Succeeded`,
    failed: `${family}Failed`,
    timedOut: `${family}TimedOut`,
  });
  if (/^arn:[^:]*:lambda:/.test(resource)) return of("LambdaFunction");
  if (ACTIVITY.test(resource)) return of("Activity");
  return of("Task", ...(WAITED_FOR.test(resource) ? ["TaskSubmitted"] : []));
}

/** What Step Functions calls a resource in a message: the service of an integration, else its ARN. */
export function calledName(resource: string): string {
  return /^arn:[^:]*:states:::(?:aws-sdk:)?([^:]+)/.exec(resource)?.[1] ?? resource;
}

/** A worker of ours takes what it has to do from there. */
export const ACTIVITY = /^arn:[^:]*:states:[^:]*:[^:]*:activity:/;

/** The call is over when what it began is. */
export const WAITED_FOR = /\.(sync(:\d+)?|waitForTaskToken)$/;
