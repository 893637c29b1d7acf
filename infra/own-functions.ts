import { LOCK_FUNCTION, SETTLE_FUNCTION, SUBMIT_FUNCTION, SWEEP_FUNCTION } from "../engine/model/wire.ts";

/** What a role may do with the items whose partition keys have this form, in the table or in its index too. */
export type ItemLeave = readonly [keys: string, actions: readonly ItemAction[], index?: "index"];
export type ItemAction = "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query";

/** A function of Millrace itself, with what its code does. */
export interface OwnFunction {
  readonly name: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly items: readonly ItemLeave[];
  /** Actions of Step Functions on all machines of the stack. */
  readonly machines: readonly string[];
  /** The same on all their executions. */
  readonly executions: readonly string[];
}

/** The record of a run, its children and its edges. */
const RUNS: readonly ItemLeave[] = [
  ["RUN#*", ["GetItem", "PutItem", "UpdateItem", "Query"]],
  ["TAG#*", ["PutItem"]],
];
const LIMITS: readonly ItemLeave[] = [
  ["LIMIT#*", ["GetItem", "UpdateItem"]],
  ["LINE#*", ["PutItem", "DeleteItem", "Query"]],
];
export const LOCKS: readonly ItemLeave[] = [
  ["LOCK#*", ["GetItem", "UpdateItem"]],
  ["LOCKLINE#*", ["GetItem", "PutItem", "DeleteItem", "Query"]],
];
/** The index of what is open. */
const OPEN: ItemLeave = ["OPEN#*", ["Query"], "index"];
/** Whether a workflow's schedule is paused. */
const SCHEDULES: readonly ItemLeave[] = [["SCHEDULE#*", ["GetItem"]]];

/** A state that waits for a child, a lock or an event is woken by its token. */
const ANSWER = ["SendTaskSuccess", "SendTaskFailure"];
const START = ["StartExecution", ...ANSWER];
/** None may redrive an execution: it would go on without the slot and the locks that its end has freed. */
const STOP = ["DescribeExecution", "StopExecution"];

/**
 * Whoever frees a slot starts the next in line, and whoever ends a run answers its parent; so submit, settle and sweep may
 * do nearly the same.
 */
export const OWN_FUNCTIONS: readonly OwnFunction[] = [
  {
    name: SUBMIT_FUNCTION,
    description: "Admits, starts and cancels runs",
    timeoutSeconds: 30,
    items: [...RUNS, ...LIMITS, ...SCHEDULES],
    machines: START,
    executions: STOP,
  },
  {
    name: SETTLE_FUNCTION,
    description: "Writes the start and the end of runs, and does what follows",
    timeoutSeconds: 30,
    items: [...RUNS, ...LIMITS, ...LOCKS, OPEN],
    machines: START,
    executions: STOP,
  },
  {
    name: LOCK_FUNCTION,
    description: "Gives locks to states of flows, and takes them back",
    timeoutSeconds: 30,
    items: [["RUN#*", ["GetItem", "PutItem"]], ...LOCKS],
    machines: ANSWER,
    executions: [],
  },
  {
    name: SWEEP_FUNCTION,
    description: "Repairs what crashes and lost events left",
    timeoutSeconds: 300,
    items: [...RUNS, ...LIMITS, ...LOCKS, OPEN, ["SWEEP#*", ["GetItem", "PutItem"]]],
    machines: [...START, "DescribeStateMachine", "ListExecutions"],
    executions: [...STOP, "DescribeStateMachineForExecution"],
  },
];

export const OWN_NAMES: readonly string[] = OWN_FUNCTIONS.map(({ name }) => name);
