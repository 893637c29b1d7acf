import { dirname, join, resolve } from "node:path";
import type { Platform } from "../client/platform.ts";
import type { Clock } from "../model/clock.ts";
import type { RandomBytes } from "../model/run-id.ts";
import type { LogLine, Step } from "../model/run.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { Database } from "./sqlite/database.ts";
import { LocalRuns } from "./local-runs.ts";
import { readDurability, type Durability } from "./sqlite/open-database.ts";
import { systemClock } from "./system-clock.ts";
import { systemRandom } from "./system-random.ts";

export interface LocalOptions {
  /** Where everything is kept; `$MILLRACE_DIRECTORY`, or `.millrace` below `root`, where it is left out. */
  readonly directory?: string;
  /** The project with `catalogue/` and `functions/`; the checkout that this file belongs to where it is left out. */
  readonly root?: string;
  /** What a commit survives: `$MILLRACE_DURABILITY`, or the death of the process, where it is left out. */
  readonly durability?: Durability;
  /** False: this process only writes and reads; another one drives the runs. */
  readonly drive?: boolean;
  readonly clock?: Clock;
  readonly randomBytes?: RandomBytes;
}

/** What is told about the runs that this process drives, by their executions. */
export interface Display {
  readonly onStep?: (execution: string, step: Step) => void;
  readonly onLog?: (execution: string, line: LogLine) => void;
  /** Saved sources stand: the next run has them. */
  readonly onChange?: (workflows: readonly WorkflowDefinition[]) => void;
  /** A run or a schedule that cannot go on here, or saved sources that cannot be used, and why. */
  readonly onError?: (error: unknown) => void;
}

export interface LocalPlatform extends Platform {
  readonly kind: "local";
  /** Where everything is kept. */
  readonly directory: string;
  /** True while this process drives the runs. */
  readonly driving: boolean;
  /**
   * Drives the runs, fires the schedules and takes up what is saved of the project until `close`, and keeps the process alive.
   * @throws MillraceError `InvalidDefinition` with every diagnostic; `Conflict` where another process drives the runs
   */
  start(display?: Display): Promise<void>;
}

/**
 * The platform in one process: SQLite and files below one directory. A process that submits or waits drives the runs
 * where no other one does.
 * @throws MillraceError `PlatformUnavailable` where the directory or the database cannot be used; `InvalidRequest` where
 * `$MILLRACE_DURABILITY` is none
 */
export function local(options: LocalOptions = {}): LocalPlatform {
  const {
    root = dirname(dirname(import.meta.dirname)),
    durability = readDurability(process.env["MILLRACE_DURABILITY"]),
  } = options;
  const directory = resolve(options.directory ?? process.env["MILLRACE_DIRECTORY"] ?? join(root, ".millrace"));
  return new LocalRuns({
    root: resolve(root),
    directory,
    database: new Database(join(directory, "millrace.db"), durability),
    durability,
    drive: options.drive ?? true,
    clock: options.clock ?? systemClock,
    randomBytes: options.randomBytes ?? systemRandom,
  });
}
