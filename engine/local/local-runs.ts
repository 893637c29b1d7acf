import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Execution } from "../client/platform.ts";
import { cancel } from "../coordination/cancel.ts";
import { resumeRun } from "../coordination/resume.ts";
import { retryRun } from "../coordination/retry.ts";
import { isPaused } from "../coordination/schedules.ts";
import { submit } from "../coordination/submit.ts";
import type { World } from "../coordination/world.ts";
import type { Clock } from "../model/clock.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { RandomBytes } from "../model/run-id.ts";
import type { LogLine, Run, Step } from "../model/run.ts";
import { fireKey } from "../model/schedule.ts";
import type { Submitted, SubmitRequest } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { Items } from "../store/items.ts";
import { Callbacks } from "./callbacks.ts";
import { openCatalogue, type Catalogue } from "./catalogue.ts";
import type { Database } from "./sqlite/database.ts";
import { Definitions } from "./definitions.ts";
import { Driver } from "./driver.ts";
import { Endings } from "./endings.ts";
import { findExecution } from "./executions.ts";
import { deleteHalfWritten, fileBlobs } from "./file-blobs.ts";
import { Lead } from "./lead.ts";
import { drivenElsewhere } from "./lease.ts";
import type { Display, LocalPlatform } from "./local.ts";
import { readLogs } from "./logs.ts";
import { undriven, unusable } from "./obstacle.ts";
import { recoverAll, recoverRecent } from "./recovery.ts";
import { Retention } from "./retention.ts";
import type { Durability } from "./sqlite/open-database.ts";
import { runSchedules, type Fire } from "./schedules.ts";
import { deleteExpired } from "./sqlite/items.ts";
import { readJournal } from "./sqlite/journal.ts";
import { steps } from "./machine/steps.ts";
import { LocalTimers } from "./timers.ts";
import { LOCAL_NAME, localWorld } from "./world.ts";

export interface LocalRunsOptions {
  readonly root: string;
  readonly directory: string;
  readonly database: Database;
  readonly durability: Durability;
  readonly drive: boolean;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

/** The local platform: stores, catalogue, lease and driver put together. */
export class LocalRuns implements LocalPlatform {
  readonly kind = "local";
  readonly name = LOCAL_NAME;
  readonly directory: string;
  readonly items: Items;
  readonly #options: LocalRunsOptions;
  readonly #database: Database;
  readonly #definitions: Definitions;
  readonly #endings: Endings;
  readonly #callbacks: Callbacks;
  readonly #timers: LocalTimers;
  readonly #retention: Retention;
  readonly #lead: Lead;
  readonly #world: World;
  readonly #closing = new AbortController();
  #catalogue: Promise<Catalogue> | undefined;
  /** Of the catalogue, once it is open. */
  #workflows: readonly WorkflowDefinition[] = [];
  #driver: Driver | undefined;
  /** Settles when the driver before has nothing at work any longer. */
  #ending: Promise<void> = Promise.resolve();
  #display: Display = {};
  /** Until when runs were driven before this process began to. */
  #drivenUntil: number | undefined;
  #started = false;

  constructor(options: LocalRunsOptions) {
    const { database, clock, randomBytes } = options;
    this.#options = options;
    this.#database = database;
    this.directory = options.directory;
    this.#definitions = new Definitions(database);
    this.#endings = new Endings(database);
    this.#callbacks = new Callbacks(database);
    this.#timers = new LocalTimers(database, clock);
    this.#retention = new Retention(database);
    this.#world = localWorld({
      database,
      definitions: this.#definitions,
      callbacks: this.#callbacks,
      timers: this.#timers,
      catalogue: () => this.#openCatalogue(),
      workflows: () => this.#workflows,
      driver: () => this.#driver,
      now: () => clock.now(),
      randomBytes,
    });
    this.items = this.#world.items;
    this.#lead = new Lead(database, clock, {
      begin: (before) => this.#begin(before),
      end: () => this.#end(),
      tidy: () => this.#tidy(),
      changed: () => this.#changed(),
      fail: (error) => this.#fail(error),
    });
  }

  get driving(): boolean {
    return this.#driver !== undefined;
  }

  now(): number {
    return this.#options.clock.now();
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return this.#options.clock.sleep(milliseconds, signal);
  }

  async submit(definition: WorkflowDefinition, request: SubmitRequest): Promise<Submitted> {
    const catalogue = await this.#openCatalogue();
    catalogue.compiled(definition.name);
    await this.#drive();
    return submit(this.#world, definition, request);
  }

  async cancel(run: string): Promise<Run> {
    await this.#openCatalogue();
    await this.#drive();
    return cancel(this.#world, run);
  }

  async retry(run: string): Promise<Submitted> {
    await this.#openCatalogue();
    await this.#drive();
    return retryRun(this.#world, run);
  }

  async world(workflows: readonly WorkflowDefinition[]): Promise<World> {
    return { ...this.#world, workflows: () => workflows };
  }

  async obstacle(workflow?: string): Promise<string | undefined> {
    const { directory } = this;
    const options = { database: this.#database, directory, now: this.now(), catalogue: () => this.#openCatalogue() };
    return workflow === undefined ? undriven(options) : unusable(workflow, options);
  }

  async describe(execution: string): Promise<Execution | undefined> {
    return findExecution(this.#database, execution);
  }

  async ended(execution: string, signal: AbortSignal): Promise<Execution> {
    await this.#drive();
    const ended = this.#endings.wait(execution, this.#driver?.drives(execution) ?? false, signal);
    this.#watch();
    return ended.finally(() => this.#watch());
  }

  async steps(run: Run): Promise<Step[]> {
    const found = findExecution(this.#database, run.execution);
    if (found === undefined) return [];
    return steps(readJournal(this.#database, found.id), this.#definitions.get(found.definition).machine, found);
  }

  async logs(run: Run): Promise<LogLine[]> {
    const found = findExecution(this.#database, run.execution);
    return found === undefined ? [] : readLogs(this.#database, found.id);
  }

  async start(display: Display = {}): Promise<void> {
    this.#display = display;
    const { workflows } = await this.#openCatalogue();
    const leased = await this.#lead.insist(this.#closing.signal);
    if (!leased.held) throw drivenElsewhere(this.directory, leased.by);
    this.#started = true;
    this.#watch();
    const since = this.#drivenUntil ?? this.now();
    runSchedules(workflows, since, this.#options.clock, (fire) => this.#fire(fire), this.#closing.signal).catch(
      (error: unknown) => display.onError?.(error),
    );
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#lead.close();
    this.#database.close();
    this.#endings.fail(
      new MillraceError(
        ErrorName.PLATFORM_UNAVAILABLE,
        "The platform was closed; the run goes on when something drives it again.",
      ),
    );
  }

  #openCatalogue(): Promise<Catalogue> {
    return (this.#catalogue ??= this.#readCatalogue());
  }

  async #readCatalogue(): Promise<Catalogue> {
    const catalogue = await openCatalogue(this.#database, this.#options.root);
    this.#workflows = catalogue.workflows;
    return catalogue;
  }

  /** Drives the runs from here on, where no other process does. */
  async #drive(): Promise<void> {
    if (this.#options.drive && !this.driving) await this.#lead.want();
  }

  /** Looks at what others write; the process stays alive while somebody waits for that. */
  #watch(): void {
    if (!this.#closing.signal.aborted) this.#lead.watch(this.#started || !this.#endings.isEmpty);
  }

  async #begin(before: number | undefined): Promise<void> {
    const { root, clock, directory, durability } = this.#options;
    await this.#openCatalogue();
    const folder = join(directory, "blobs");
    const driver = new Driver({
      database: this.#database,
      blobs: fileBlobs(folder, durability),
      world: this.#world,
      definitions: this.#definitions,
      root,
      clock,
      random: Math.random,
      uuid: randomUUID,
      callbacks: this.#callbacks,
      onEnd: (execution) => this.#endings.end(execution),
      onError: (execution, error) => {
        this.#endings.fail(error, execution);
        this.#display.onError?.(error);
      },
      onStep: (execution, step) => this.#display.onStep?.(execution, step),
      onLog: (execution, line) => this.#display.onLog?.(execution, line),
    });
    this.#drivenUntil = before;
    this.#driver = driver;
    try {
      driver.poll();
      await Promise.all([recoverAll(this.#world, this.#database), deleteHalfWritten(folder)]);
      this.#timers.start((run) => this.#resume(run));
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  #end(): Promise<void> {
    this.#timers.stop();
    if (this.#driver !== undefined) this.#ending = this.#driver.suspend();
    this.#driver = undefined;
    return this.#ending;
  }

  async #tidy(): Promise<void> {
    if (!this.driving) return;
    await deleteExpired(this.#database, this.now());
    await this.#retention.pass(this.now());
    await recoverRecent(this.#world, this.#database);
  }

  /** The time of a run has come that was submitted for later. */
  async #resume(run: string): Promise<void> {
    try {
      await resumeRun(this.#world, run);
    } catch (error) {
      this.#display.onError?.(error);
    }
  }

  #changed(): void {
    this.#endings.poll();
    this.#callbacks.poll();
    this.#timers.poll();
    this.#driver?.poll();
  }

  #fail(error: unknown): void {
    void this.#end();
    this.#endings.fail(error);
    this.#display.onError?.(error);
  }

  async #fire({ workflow, scheduledAt, parameters }: Fire): Promise<void> {
    const idempotencyKey = fireKey(scheduledAt);
    try {
      if (await isPaused(this.#world, workflow.name)) return;
      await this.#drive();
      await submit(this.#world, workflow, { workflow: workflow.name, parameters, idempotencyKey }, { scheduled: true });
    } catch (error) {
      this.#display.onError?.(error);
    }
  }
}
