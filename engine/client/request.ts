import { overTheWire, type JsonObject } from "../model/json.ts";
import type { Schema } from "../model/schema.ts";
import type { SubmitRequest } from "../model/wire.ts";
import { checkParameters, type WorkflowDefinition } from "../model/workflow.ts";
import type { SubmitOptions } from "./connect.ts";

/** What a caller asks for, as it crosses to the platform. @throws MillraceError `InvalidParameters` */
export function requestOf<P extends Schema>(workflow: WorkflowDefinition<P>, options: SubmitOptions<P>): SubmitRequest {
  const { parameters, tags, priority, idempotencyKey, startAt } = options;
  const context = priority === undefined ? options.context : { ...options.context, priority };
  checkParameters(workflow, parameters);
  return {
    workflow: workflow.name,
    parameters: overTheWire(parameters) as JsonObject,
    ...(tags === undefined ? {} : { tags }),
    ...(context === undefined ? {} : { context }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(startAt === undefined ? {} : { startAt }),
  };
}
