import { Logger } from "@aws-lambda-powertools/logger";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import { LOCK_FUNCTION, resourceName, SUBMIT_FUNCTION, type TaskPayload } from "../model/wire.ts";
import { addTagsTask } from "../runtime/add-tags-task.ts";
import { invokeTask } from "../runtime/invoke.ts";
import type { Task } from "../runtime/task.ts";
import { dynamoItems } from "./dynamo-items.ts";
import { variable, type LambdaContext } from "./environment.ts";
import { invokeOwn, keyed } from "./invoke-own.ts";
import type { WakeState } from "./lock.ts";
import { pause } from "./pause.ts";
import { s3Blobs } from "./s3-blobs.ts";

export type TaskFunction = (payload: TaskPayload, context: LambdaContext) => Promise<Json>;

/** The handler of a domain's Lambda function: one attempt of one of these tasks an invocation. */
export function serve(tasks: readonly Task[]): TaskFunction {
  const byName = new Map([...tasks, addTagsTask as Task].map((task) => [task.options.name, task]));
  const domain = variable("MILLRACE_DOMAIN");
  const items = dynamoItems(new DynamoDBClient(), variable("MILLRACE_TABLE"));
  const blobs = s3Blobs(new S3Client(), variable("MILLRACE_BUCKET"));
  const lambda = new LambdaClient();
  const stack = variable("MILLRACE_STACK");
  const logger = new Logger({ serviceName: domain, logLevel: "DEBUG" });

  return async (payload, context) => {
    const task = byName.get(payload.task);
    if (task === undefined) {
      throw new MillraceError(
        ErrorName.TASK_NOT_FOUND,
        `The domain "${domain}" has no task "${payload.task}"; it has ${[...byName.keys()].join(", ")}. Deploy the stack again.`,
      );
    }
    return invokeTask(task, payload, {
      items,
      blobs,
      domain,
      now: Date.now,
      sleep: pause,
      answer: (token, answer) =>
        invokeOwn(lambda, resourceName(stack, LOCK_FUNCTION), { token, answer } satisfies WakeState),
      submit: (request) => invokeOwn(lambda, resourceName(stack, SUBMIT_FUNCTION), keyed(request)),
      signal: AbortSignal.timeout(context.getRemainingTimeInMillis()),
      log: ({ id, workflow, step, attempt }, line) => {
        const persistentKeys = { run: id, workflow, step, attempt, task: payload.task, ...(line && { line }) };
        const lines = logger.createChild({ persistentKeys });
        return {
          debug: (message, fields) => lines.debug(message, { ...(fields && { fields }) }),
          info: (message, fields) => lines.info(message, { ...(fields && { fields }) }),
          warn: (message, fields) => lines.warn(message, { ...(fields && { fields }) }),
          error: (message, fields) => lines.error(message, { ...(fields && { fields }) }),
        };
      },
    });
  };
}
