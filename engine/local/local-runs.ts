import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Execution } from "../client/platform.ts";
import { cancel } from "../coordination/cancel.ts";
import { answerEvent } from "../coordination/events.ts";
import { resumeRun } from "../coordination/resume.ts";
import { retryRun } from "../coordination/retry.ts";
import { submit } from "../coordination/submit.ts";
import type { World } from "../coordination/world.ts";
import type { Clock } from "../model/clock.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { EventAnswer } from "../model/event.ts";
import type { RandomBytes } from "../model/run-id.ts";
import type { RecordedCall } from "../model/recorded-call.ts";
import type { LogLine, Run, Step } from "../model/run.ts";
import type { Submitted, SubmitRequest } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { Items } from "../store/items.ts";
import { Callbacks } from "./callbacks.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Database } from "./sqlite/database.ts";
import { Definitions } from "./definitions.ts";
import { Driver } from "./driver.ts";
import { Endings } from "./endings.ts";
import { findExecution } from "./executions.ts";
import { deleteHalfWritten, fileBlobs } from "./file-blobs.ts";
import { Lead } from "./lead.ts";
import { drivenElsewhere } from "./lease.ts";
import type { Display, LocalPlatform } from "./local.ts";
import { undriven, unusable } from "./obstacle.ts";
import { recoverAll, recoverRecent } from "./recovery.ts";
import { Retention } from "./retention.ts";
import type { Durability } from "./sqlite/open-database.ts";
import { Project } from "./project.ts";
import { Schedules } from "./schedules.ts";
import { deleteExpired } from "./sqlite/items.ts";
import { readCalls, readLines, readSteps } from "./timeline.ts";
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
  readonly #project: Project;
  readonly #schedules: Schedules;
  readonly #world: World;
  readonly #closing = new AbortController();
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
    this.#project = new Project(database, options.root);
    this.#world = localWorld({
      database,
      definitions: this.#definitions,
      callbacks: this.#callbacks,
      timers: this.#timers,
      catalogue: () => this.#project.catalogue(),
      workflows: () => this.#project.workflows,
      driver: () => this.#driver,
      now: () => clock.now(),
      randomBytes,
    });
    this.items = this.#world.items;
    this.#schedules = new Schedules({
      world: this.#world,
      clock,
      drive: () => this.#drive(),
      onError: (error) => this.#display.onError?.(error),
      signal: this.#closing.signal,
    });
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
    const catalogue = await this.#project.catalogue();
    catalogue.compiled(definition.name);
    await this.#drive();
    return submit(this.#world, definition, request);
  }

  async cancel(run: string): Promise<Run> {
    await this.#project.catalogue();
    await this.#drive();
    return cancel(this.#world, run);
  }

  async retry(run: string): Promise<Submitted> {
    await this.#project.catalogue();
    await this.#drive();
    return retryRun(this.#world, run);
  }

  async answer(run: string, step: string, answer: EventAnswer): Promise<null> {
    await this.#project.catalogue();
    await this.#drive();
    return answerEvent(this.#world, { command: "answer", run, step, answer });
  }

  async world(workflows: readonly WorkflowDefinition[]): Promise<World> {
    return { ...this.#world, workflows: () => workflows };
  }

  async obstacle(workflow?: string): Promise<string | undefined> {
    const { directory } = this;
    const options = {
      database: this.#database,
      directory,
      now: this.now(),
      catalogue: () => this.#project.catalogue(),
    };
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
    return readSteps(this.#database, this.#definitions, run);
  }

  async calls(run: Run): Promise<RecordedCall[]> {
    return readCalls(this.#database, run);
  }

  async logs(run: Run): Promise<LogLine[]> {
    return readLines(this.#database, run);
  }

  async start(display: Display = {}): Promise<void> {
    this.#display = display;
    const { workflows } = await this.#project.catalogue();
    const leased = await this.#lead.insist(this.#closing.signal);
    if (!leased.held) throw drivenElsewhere(this.directory, leased.by);
    this.#started = true;
    this.#watch();
    this.#schedules.run(workflows, this.#drivenUntil ?? this.now());
    const onError = (error: unknown): void => display.onError?.(error);
    const onChange = (catalogue: Catalogue): void => {
      this.#schedules.run(catalogue.workflows, this.now());
      display.onChange?.(catalogue.workflows);
    };
    this.#project.watch({ onChange, onError }, this.#closing.signal).catch(onError);
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
    await this.#project.catalogue();
    const folder = join(directory, "blobs");
    const driver = new Driver({
      database: this.#database,
      blobs: fileBlobs(folder, durability),
      world: this.#world,
      definitions: this.#definitions,
      root,
      generation: () => this.#project.generation,
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
}
