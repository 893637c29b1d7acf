import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Execution } from "../client/platform.ts";
import { submit } from "../coordination/submit.ts";
import type { StartRequest, World } from "../coordination/world.ts";
import type { Clock } from "../model/clock.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { newRunId, type RandomBytes } from "../model/run-id.ts";
import type { LogLine, Run, Step } from "../model/run.ts";
import { executionArn, type Submitted, type SubmitRequest } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import type { Items } from "../store/items.ts";
import { openCatalogue, type Catalogue } from "./catalogue.ts";
import type { Database } from "./sqlite/database.ts";
import { Definitions } from "./definitions.ts";
import { Driver } from "./driver.ts";
import { Endings } from "./endings.ts";
import { findExecution, startExecution, stopExecution, type StopError } from "./executions.ts";
import { deleteHalfWritten, fileBlobs } from "./file-blobs.ts";
import { Lead } from "./lead.ts";
import type { Leased, LeaseRow } from "./lease.ts";
import type { Display, LocalPlatform } from "./local.ts";
import { readLogs } from "./logs.ts";
import type { Durability } from "./sqlite/open-database.ts";
import { runSchedules, type Fire } from "./schedules.ts";
import { deleteExpired, sqliteItems } from "./sqlite/items.ts";
import { readJournal } from "./sqlite/journal.ts";
import { steps } from "./machine/steps.ts";
import { startUnstarted } from "./unstarted.ts";

const NAME = "local";

/** How long `start` looks again for a lease that a command may hold for a moment, and how often. */
const PATIENCE_MS = 2_000;
const LOOK_MS = 50;

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
  readonly name = NAME;
  readonly directory: string;
  readonly items: Items;
  readonly #options: LocalRunsOptions;
  readonly #database: Database;
  readonly #definitions: Definitions;
  readonly #endings: Endings;
  readonly #lead: Lead;
  readonly #world: World;
  readonly #closing = new AbortController();
  #catalogue: Promise<Catalogue> | undefined;
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
    this.items = sqliteItems(database);
    this.#definitions = new Definitions(database);
    this.#endings = new Endings(database);
    this.#world = {
      items: this.items,
      machines: {
        start: (request) => this.#start(request),
        stop: (execution, error) => this.#stop(execution, error),
      },
      now: () => clock.now(),
      newId: () => newRunId(clock.now(), randomBytes),
      executionOf: (workflow, run) => executionArn("local", "000000000000", NAME, workflow, run),
    };
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

  async submit(definition: WorkflowDefinition, request: SubmitRequest): Promise<Submitted> {
    const catalogue = await this.#openCatalogue();
    catalogue.compiled(definition.name);
    await this.#drive();
    return submit(this.#world, definition, request);
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
    const leased = await this.#wantPatiently();
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
    return (this.#catalogue ??= openCatalogue(this.#database, this.#options.root));
  }

  /** Drives the runs from here on, where no other process does. */
  async #drive(): Promise<void> {
    if (this.#options.drive && !this.driving) await this.#lead.want();
  }

  async #wantPatiently(): Promise<Leased> {
    const { clock } = this.#options;
    const until = clock.now() + PATIENCE_MS;
    let leased = await this.#lead.want();
    while (!leased.held && clock.now() < until) {
      await clock.sleep(LOOK_MS, this.#closing.signal);
      leased = await this.#lead.want();
    }
    return leased;
  }

  /** Looks at what others write; the process stays alive while somebody waits for that. */
  #watch(): void {
    if (!this.#closing.signal.aborted) this.#lead.watch(this.#started || !this.#endings.isEmpty);
  }

  async #begin(before: number | undefined): Promise<void> {
    const { root, clock, directory, durability } = this.#options;
    const { find } = await this.#openCatalogue();
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
      find,
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
      await Promise.all([startUnstarted(this.#database, this.#world, find), deleteHalfWritten(folder)]);
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  #end(): Promise<void> {
    if (this.#driver !== undefined) this.#ending = this.#driver.suspend();
    this.#driver = undefined;
    return this.#ending;
  }

  async #tidy(): Promise<void> {
    if (!this.driving) return;
    const { find } = await this.#openCatalogue();
    await deleteExpired(this.#database, this.now());
    await startUnstarted(this.#database, this.#world, find);
  }

  #changed(): void {
    this.#endings.poll();
    this.#driver?.poll();
  }

  #fail(error: unknown): void {
    void this.#end();
    this.#endings.fail(error);
    this.#display.onError?.(error);
  }

  async #start(request: StartRequest): Promise<void> {
    const catalogue = await this.#openCatalogue();
    const hash = await this.#definitions.pin(catalogue.compiled(request.workflow));
    const started = await startExecution(this.#database, request, hash, this.now());
    if (started !== undefined) this.#driver?.take(started);
  }

  async #stop(execution: string, error: StopError): Promise<void> {
    await stopExecution(this.#database, execution, error);
    this.#driver?.poll();
  }

  async #fire({ workflow, scheduledAt, parameters }: Fire): Promise<void> {
    const idempotencyKey = new Date(scheduledAt).toISOString();
    try {
      await this.submit(workflow, { workflow: workflow.name, parameters, idempotencyKey });
    } catch (error) {
      this.#display.onError?.(error);
    }
  }
}

function drivenElsewhere(directory: string, { pid, host }: LeaseRow): MillraceError {
  return new MillraceError(
    ErrorName.CONFLICT,
    `Process ${pid} on ${host} drives the runs in ${directory} already. Use it (npx millrace run …), or end it first; another MILLRACE_DIRECTORY is a platform of its own.`,
  );
}
