import { AsyncLocalStorage } from "node:async_hooks";
import { ErrorName, MillraceError, toError } from "../model/errors.ts";
import type { EventDefinition } from "../model/event.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Priority } from "../model/limit.ts";
import type { WorkflowInfo } from "../model/run.ts";
import type { SweepReport } from "../model/sweep.ts";
import { renderTags, tagProblem, type TagRequest } from "../model/tags.ts";
import type { HeldLock, LockRequest } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { Log } from "./task-scope.ts";
import type { Task } from "./task.ts";

/** What code that runs natively stands in: a flow called directly, or a task. */
export interface Scope {
  call(task: Task, input: unknown): Promise<unknown>;
  addTags(tags: readonly string[]): Promise<void>;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  now(): number;
  uuid(): string;
  sleep(milliseconds: number): Promise<void>;
  /** @throws MillraceError `EventTimedOut`; the error that it is answered with */
  waitForEvent(event: EventDefinition, timeoutSeconds: number): Promise<Json>;
  /** Tasks have it alone. */
  reportProgress?(percent: number): Promise<void>;
  submitWorkflow(child: Child): Promise<WorkflowInfo>;
  /** @throws RunFailed with the name and message of the error that ended the child */
  executeWorkflow(child: Child): Promise<Json>;
  /** Waits for all of them. @throws MillraceError `LockTimedOut`, `LockHeld` where this run holds locks already */
  acquireLocks(requests: readonly LockRequest[]): Promise<AcquiredLocks>;
  /** Of a flow called directly: what it holds at once is held side by side, since the compiler refuses nested locks. */
  sideBySide?: true;
  sweep(): Promise<SweepReport>;
}

/** A run that a flow or a task starts. */
export interface Child {
  readonly workflow: WorkflowDefinition;
  readonly parameters: JsonObject;
  readonly tags?: readonly string[];
  readonly priority?: Priority;
}

export interface AcquiredLocks {
  /** In the order of the requests. */
  readonly held: readonly HeldLock[];
  release(): Promise<void>;
}

const scopes = new AsyncLocalStorage<Scope>();

export function inScope<T>(scope: Scope, body: () => T): T {
  return scopes.run(scope, body);
}

/** The scope's own promise, so that it sees whether anybody awaits it. What is thrown before that is a rejection too. */
export function ask<T>(what: string, request: (scope: Scope) => Promise<T>): Promise<T> {
  try {
    return request(currentScope(what));
  } catch (thrown) {
    return Promise.reject(toError(thrown));
  }
}

export function callTask(task: Task, input: unknown): Promise<unknown> {
  return ask(`Task "${task.options.name}"`, (scope) => scope.call(task, input));
}

/**
 * Adds tags to the run; tags are only ever added. In a flow they ride in the next task's payload, so the call has a
 * cost only where a wait, a child or the end comes first. @throws MillraceError `InvalidRequest`
 */
export async function addTags(request: TagRequest): Promise<void> {
  const tags = renderTags(request);
  checkTags(tags);
  await currentScope("addTags").addTags(tags);
}

export async function addBranchTag(branch: string): Promise<void> {
  await addTags({ branches: [branch] });
}

/** @throws MillraceError `InvalidRequest` */
export function checkTags(tags: readonly string[]): void {
  const problem = tags.map(tagProblem).find((found) => found !== undefined);
  if (problem !== undefined) throw new MillraceError(ErrorName.INVALID_REQUEST, `Tags were not added: ${problem}.`);
}

/** @throws MillraceError `InvalidRequest` outside of a run */
export function currentScope(what: string): Scope {
  const scope = scopes.getStore();
  if (scope === undefined) {
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `${what} was called outside of a run. Submit the workflow with connect(…), or call the flow with direct(…) from "millrace/testing".`,
    );
  }
  return scope;
}
