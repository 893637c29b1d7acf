import type { Execution } from "../client/platform.ts";
import { settle } from "../coordination/settle.ts";
import type { StatusEvent, World } from "../coordination/world.ts";
import type { Clock } from "../model/clock.ts";
import type { LogLine, Step } from "../model/run.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Callbacks } from "./callbacks.ts";
import { isDuplicate } from "./sqlite/database-errors.ts";
import type { Database } from "./sqlite/database.ts";
import type { Definitions } from "./definitions.ts";
import { endedExecution, finishExecution, openExecutions, type OpenExecution, type StopError } from "./executions.ts";
import type { JournalEntry } from "./machine/journal.ts";
import { stepLog } from "./logs.ts";
import type { MachineHost } from "./machine/frame.ts";
import { runMachine, type Outcome } from "./machine/machine.ts";
import { readJournal, sqliteJournal } from "./sqlite/journal.ts";
import { portsUntil } from "./task-ports.ts";
import { TaskRunner } from "./task-runner.ts";

/** What the driver of runs stands on. */
export interface DriverWorld {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly world: World;
  readonly definitions: Definitions;
  readonly root: string;
  /** That of the project's modules; a run keeps the one in which it is taken up. */
  readonly generation: () => number;
  readonly clock: Clock;
  /** A number from 0 to below 1. */
  readonly random: () => number;
  readonly uuid: () => string;
  readonly callbacks: Callbacks;
  readonly onEnd: (execution: Execution) => void;
  /** A run that cannot go on, because the store fails. */
  readonly onError: (execution: string, error: unknown) => void;
  readonly onStep: (execution: string, step: Step) => void;
  readonly onLog: (execution: string, line: LogLine) => void;
}

/** How long tasks that were told to stop are waited for. Below the lease, which is not renewed meanwhile. */
const GRACE_MS = 5_000;

/** Walks every open execution of the database to its end. One process does so at a time, under the lease. */
export class Driver {
  readonly #world: DriverWorld;
  readonly #tasks: TaskRunner;
  /** By execution. */
  readonly #open = new Map<string, AbortController>();
  /** What goes on: walks, and calls of tasks, which a walk that is aborted does not wait for. */
  readonly #work = new Set<Promise<unknown>>();
  /** Executions that are over, and are being settled, by their names. */
  readonly #over = new Map<string, StatusEvent>();
  /** Id of the newest execution that `poll` has seen. */
  #seen = 0;

  constructor(world: DriverWorld) {
    this.#world = world;
    this.#tasks = new TaskRunner(world.root, world.world);
  }

  /** True from `take` until `onEnd`. */
  drives(execution: string): boolean {
    return this.#open.has(execution);
  }

  /** The end of an execution that is being settled. */
  endOf(execution: string): StatusEvent | undefined {
    return this.#over.get(execution);
  }

  /** Takes up what other processes have started and what they want stopped. */
  poll(): void {
    for (const execution of openExecutions(this.#world.database, this.#seen)) {
      this.#seen = Math.max(this.#seen, execution.id);
      this.take(execution, readJournal(this.#world.database, execution.id));
    }
  }

  /** Takes up one execution, or stops it where it is taken up and shall stop. */
  take(execution: OpenExecution, past: readonly JournalEntry[] = []): void {
    let controller = this.#open.get(execution.execution);
    if (controller === undefined) {
      controller = new AbortController();
      this.#open.set(execution.execution, controller);
      void this.#keep(this.#drive(execution, past, controller));
    }
    if (execution.stop !== undefined) controller.abort(new Stopped(execution.stop));
  }

  /**
   * Leaves every execution where it is; another driver goes on from there. Resolves when no task works any longer, and
   * after a grace of 5 seconds whatever tasks then do.
   */
  async suspend(): Promise<void> {
    for (const controller of this.#open.values()) controller.abort(new Suspended());
    this.#open.clear();
    const idle = new AbortController();
    const grace = this.#world.clock.sleep(GRACE_MS, idle.signal).catch(() => undefined);
    await Promise.race([this.#idle(), grace]);
    idle.abort();
  }

  async #idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  #keep<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    const forget = (): boolean => this.#work.delete(work);
    work.then(forget, forget);
    return work;
  }

  async #drive(open: OpenExecution, past: readonly JournalEntry[], controller: AbortController): Promise<void> {
    const { database, world, onEnd, onError, clock } = this.#world;
    try {
      const outcome = await this.#walk(open, past, controller.signal);
      const { execution, startedAt, input } = open;
      const endedAt = clock.now();
      const event = { execution, startedAt, endedAt, input, ...outcome };
      this.#over.set(execution, event);
      await settle(world, event);
      await finishExecution(database, open.id, outcome, endedAt);
      onEnd(endedExecution(open, outcome, endedAt));
    } catch (error) {
      // Aborted by suspend(), or another process has the lease and drives this run.
      if (!controller.signal.aborted && !isDuplicate(error)) onError(open.execution, error);
    } finally {
      this.#open.delete(open.execution);
      this.#over.delete(open.execution);
    }
  }

  async #walk(open: OpenExecution, past: readonly JournalEntry[], signal: AbortSignal): Promise<Outcome> {
    const { id, execution, input, startedAt } = open;
    const { database, definitions, onStep } = this.#world;
    const workflow = definitions.get(open.definition);
    const name = execution.slice(execution.lastIndexOf(":") + 1);
    const machine = { name: workflow.name, definition: workflow.machine };
    const journal = sqliteJournal(database, id, past);
    try {
      return await runMachine(
        { execution, name, machine, input, startedAt },
        journal,
        this.#host(open),
        signal,
        (step) => onStep(execution, step),
      );
    } catch (error) {
      if (!(signal.reason instanceof Stopped)) throw error;
      return { status: "ABORTED", error: signal.reason.name, cause: signal.reason.message };
    }
  }

  #host(open: OpenExecution): MachineHost {
    const { database, definitions, world, blobs, clock, random, uuid, callbacks, onLog } = this.#world;
    const workflow = definitions.get(open.definition);
    const generation = this.#world.generation();
    const now = (): number => clock.now();
    const onLine = (line: LogLine): void => onLog(open.execution, line);
    return {
      clock,
      random,
      uuid,
      callbacks: callbacks.of(open.id),
      call: ({ resource, arguments: given, signal }) =>
        this.#keep(
          this.#tasks.call(workflow, generation, resource, given, {
            ...portsUntil(signal, world.items, blobs),
            now,
            sleep: (milliseconds, until) => clock.sleep(milliseconds, until),
            signal,
            log: ({ step }, flowLine) =>
              stepLog(database, open.id, { step, ...(flowLine && { line: flowLine }) }, now, onLine),
          }),
        ),
    };
  }
}

/** Why an execution is left: it shall end with this error. */
class Stopped extends Error {
  constructor(error: StopError) {
    super(error.cause);
    this.name = error.name;
  }
}

/** Why an execution is left: this process stops driving. */
class Suspended extends Error {
  override readonly name = "Suspended";
}
