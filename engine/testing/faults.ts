import { ErrorName } from "../model/errors.ts";
import { timeoutSecondsOf, type Task } from "../runtime/task.ts";
import { seededRandom } from "./seeded-random.ts";

/**
 * | fault              | what happens to the attempt                                                     |
 * |--------------------|---------------------------------------------------------------------------------|
 * | an error           | it fails with that, and the task does not run                                   |
 * | timeout            | it takes until the task's timeout, in virtual time, and the task does not run   |
 * | crash-after-commit | the task runs, what it wrote stays, and its result is lost                      |
 */
export type FaultKind = Error | "timeout" | "crash-after-commit";

export interface Fault {
  /** The task, or its name. */
  readonly task: string | { readonly options: { readonly name: string } };
  /** The attempt of each call that it happens to; 1 where it is left out. */
  readonly attempt?: number;
  readonly fault: FaultKind;
}

/** Decides about an attempt. `isLast`: nothing is tried again after it. */
export type FaultInjector = (task: Task, attempt: number, isLast: boolean) => FaultKind | undefined;

/**
 * Faults at random, the same ones for the same seed. The last attempt of a call never has one, so that a flow ends as it
 * does without: what the retries of its tasks cannot mend is then a mistake.
 * @param rate Share of the attempts, 0 to 1.
 */
export function randomFaults({ seed, rate }: { readonly seed: number; readonly rate: number }): FaultInjector {
  const draw = seededRandom(seed);
  return ({ options: { name, retryOn } }, _, isLast) => {
    if (isLast || draw() >= rate) return undefined;
    const error = named(retryOn?.[0] ?? "Error", `Injected into "${name}".`);
    const kinds = retryOn === undefined ? ([error, "timeout", "crash-after-commit"] as const) : [error];
    return kinds[Math.floor(draw() * kinds.length)];
  };
}

export function injector(faults: readonly Fault[] | FaultInjector): FaultInjector {
  if (typeof faults === "function") return faults;
  return ({ options: { name } }, attempt) =>
    faults.find(
      ({ task, attempt: at = 1 }) => at === attempt && (typeof task === "string" ? task : task.options.name) === name,
    )?.fault;
}

/** As Step Functions ends an attempt: without a message, so only the stack says more. */
export function timedOut(task: Task): Error {
  const error = named(ErrorName.TIMEOUT, "");
  error.stack = `${ErrorName.TIMEOUT}: task "${task.options.name}" took longer than its ${timeoutSecondsOf(task)} s`;
  return error;
}

/** As Step Functions tells of a function that ended without an answer. */
export function crashed({ options: { name } }: Task): Error {
  return named("Lambda.Unknown", `The function of task "${name}" has ended after what it did, before its answer.`);
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
