import type { Answer, ListedExecution, Machines, StartRequest, StatusEvent } from "../coordination/world.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Definitions } from "./definitions.ts";
import type { Driver } from "./driver.ts";
import { findEvent, listExecutions, startExecution, stopExecution, type StopError } from "./executions.ts";
import type { Database } from "./sqlite/database.ts";

export interface LocalMachinesOptions {
  readonly database: Database;
  readonly definitions: Definitions;
  readonly callbacks: Callbacks;
  readonly catalogue: () => Promise<Catalogue>;
  /** Absent while another process drives the runs, or none. */
  readonly driver: () => Driver | undefined;
  readonly now: () => number;
}

/** The machines of this platform as coordination reaches them, whichever process drives them. */
export class LocalMachines implements Machines {
  readonly #options: LocalMachinesOptions;

  constructor(options: LocalMachinesOptions) {
    this.#options = options;
  }

  async start(request: StartRequest): Promise<void> {
    const { database, definitions, catalogue, driver, now } = this.#options;
    const { compiled } = await catalogue();
    const hash = await definitions.pin(compiled(request.workflow));
    const started = await startExecution(database, request, hash, now());
    if (started !== undefined) driver()?.take(started);
  }

  async stop(execution: string, error: StopError): Promise<void> {
    await stopExecution(this.#options.database, execution, error);
    this.#options.driver()?.poll();
  }

  answer(token: string, answer: Answer): Promise<"answered" | "gone"> {
    return this.#options.callbacks.answer(token, answer, this.#options.now());
  }

  async describe(execution: string): Promise<StatusEvent | undefined> {
    return this.#options.driver()?.endOf(execution) ?? findEvent(this.#options.database, execution);
  }

  /** As Step Functions lists them, by their start: what ended since began since, or is not listed. */
  async *list(workflow: string, which: "RUNNING" | { readonly endedSince: number }): AsyncIterable<ListedExecution> {
    const isOpen = which === "RUNNING";
    yield* listExecutions(this.#options.database, workflow, isOpen, isOpen ? 0 : which.endedSince);
  }
}
