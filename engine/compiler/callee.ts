import type { Expression } from "./expression.ts";
import type { CallNode } from "./graph.ts";
import type { TaskDeclaration } from "./task-declaration.ts";

/** What a call asks for, with the values that it hands over. */
export type Callee = TaskCallee | ChildCallee | EventCallee | AcquireCallee | ReleaseCallee;

export interface TaskCallee {
  readonly kind: "task";
  readonly task: TaskDeclaration;
  readonly input: Expression;
  /** A list of the tags that the flow added before. */
  readonly tags?: Expression;
  /** A list of the lines that it logged before. */
  readonly logs?: Expression;
}

export interface ChildCallee {
  readonly kind: "child";
  readonly workflow: string;
  /** The flow goes on when the child has ended, with its result. */
  readonly waits: boolean;
  readonly parameters: Expression;
  /** The child's own. */
  readonly tags?: Expression;
  readonly priority?: Expression;
}

export interface EventCallee {
  readonly kind: "event";
  /** Its name. */
  readonly event: string;
  readonly timeoutSeconds: Expression;
}

export interface AcquireCallee {
  readonly kind: "acquire";
  /** A `LockRequest`, or a list of them. */
  readonly locks: Expression;
  readonly timeoutSeconds: Expression;
  /** Longest timeout of the tasks that are called while they are held; grows while their block is read. */
  drainSeconds: number;
  /** Others go on beside them: it is in a turn or branch of its own, or its block has such. */
  sideBySide?: true;
}

export interface ReleaseCallee {
  readonly kind: "release";
  readonly locks: Expression;
  readonly acquired: CallNode;
  /** The wait has timed out: the call ends it, and fails as `LockTimedOut`. */
  readonly timedOut?: true;
}

/** Whether the answer comes through a task token, and not from the function that the token is given to. */
export function awaitsToken(callee: Callee): boolean {
  return callee.kind === "acquire" || callee.kind === "event" || (callee.kind === "child" && callee.waits);
}

/** The same callee with every value that it hands over replaced. */
export function mapCallee(callee: Callee, map: (value: Expression) => Expression): Callee {
  switch (callee.kind) {
    case "task":
      return {
        ...callee,
        input: map(callee.input),
        ...(callee.tags && { tags: map(callee.tags) }),
        ...(callee.logs && { logs: map(callee.logs) }),
      };
    case "child":
      return {
        ...callee,
        parameters: map(callee.parameters),
        ...(callee.tags && { tags: map(callee.tags) }),
        ...(callee.priority && { priority: map(callee.priority) }),
      };
    case "event":
      return { ...callee, timeoutSeconds: map(callee.timeoutSeconds) };
    case "acquire":
      return { ...callee, locks: map(callee.locks), timeoutSeconds: map(callee.timeoutSeconds) };
    case "release":
      return { ...callee, locks: map(callee.locks) };
  }
}
