import type { Execution } from "../client/platform.ts";
import type { Database } from "./sqlite/database.ts";
import { findExecution } from "./executions.ts";

interface Waiter {
  readonly resolve: (execution: Execution) => void;
  readonly reject: (error: unknown) => void;
}

/** Those who wait for the end of executions, whichever process drives them. */
export class Endings {
  readonly #database: Database;
  readonly #waiters = new Map<string, Set<Waiter>>();

  constructor(database: Database) {
    this.#database = database;
  }

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /** Resolves when the execution has ended; `isOpen`: it has not so far. @throws the signal's reason */
  async wait(execution: string, isOpen: boolean, signal: AbortSignal): Promise<Execution> {
    signal.throwIfAborted();
    const found = isOpen ? undefined : findExecution(this.#database, execution);
    if (found !== undefined && found.status !== "RUNNING") return found;
    const { promise, resolve, reject } = Promise.withResolvers<Execution>();
    const waiter = { resolve, reject };
    const waiters = this.#waiters.get(execution) ?? new Set();
    this.#waiters.set(execution, waiters.add(waiter));
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", abort);
      waiters.delete(waiter);
      if (waiters.size === 0 && this.#waiters.get(execution) === waiters) this.#waiters.delete(execution);
    }
  }

  /** An execution of this process has ended. */
  end(execution: Execution): void {
    for (const { resolve } of this.#waiters.get(execution.execution) ?? []) resolve(execution);
  }

  /** Another process has written: looks for what ended there. */
  poll(): void {
    for (const execution of this.#waiters.keys()) {
      const found = findExecution(this.#database, execution);
      if (found !== undefined && found.status !== "RUNNING") this.end(found);
    }
  }

  /** The end of an execution, or of all, will not be known. */
  fail(error: unknown, execution?: string): void {
    for (const [waited, waiters] of this.#waiters) {
      if (execution === undefined || execution === waited) for (const { reject } of waiters) reject(error);
    }
  }
}
