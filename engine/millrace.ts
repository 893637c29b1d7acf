/** The entry point `millrace`: what flows, tasks and callers name. */
export { BlobReference } from "./model/blob-reference.ts";
export { ErrorName, MillraceError, RunFailed, type RunError } from "./model/errors.ts";
export type { Json, JsonObject } from "./model/json.ts";
export { RunState, type LogLevel, type LogLine, type Run, type Step, type WorkflowInfo } from "./model/run.ts";
export { renderTag, WorkflowTag, type TagRequest } from "./model/tags.ts";
export type { RunContext } from "./model/wire.ts";
export { defineWorkflow, WorkflowType, type FlowModules, type WorkflowDefinition } from "./model/workflow.ts";
export { absent, and, compare, exists, isNew, not, or, type Condition } from "./store/condition.ts";
export type { Blobs } from "./store/blobs.ts";
export type { Item, Items, Key } from "./store/items.ts";
export { addBranchTag, addTags } from "./runtime/scope.ts";
export type { Log, TaskBlobs, TaskRun, TaskScope } from "./runtime/task-scope.ts";
export { task, type Task, type TaskOptions } from "./runtime/task.ts";
export { connect, type SubmitOptions, type WaitOptions, type Workflows } from "./client/connect.ts";
export type { RunPage, RunQuery } from "./coordination/run-index.ts";
export type { Platform } from "./client/platform.ts";
