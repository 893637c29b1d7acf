import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../engine/client/connect.ts";
import { local } from "../../engine/local/local.ts";
import type { Run, Step } from "../../engine/model/run.ts";
import { fastClock } from "./fast-clock.ts";
import type { Deed } from "./fixture/functions/kill/models.ts";
import type { LifePlan } from "./life.ts";
import { openWork } from "./open-work.ts";

/** A life takes a second or two, and several times that on a machine that does other things as well. */
const LONGEST_LIFE_MS = 60_000;

export interface Told {
  readonly run: Run;
  readonly steps: readonly Step[];
}

/** Lives of one platform, one after the other, and what the parent sees between them. */
export class Lives {
  readonly #directory: string;
  readonly #deedsFile: string;
  /** Where Node keeps compiled code, so that a life begins fast. */
  readonly #codeFolder: string;
  /** Attempts whose outcome was recorded when a life was over, with the number of deeds that there were then. */
  readonly #recorded = new Map<string, number>();
  readonly #outputFile: string;
  kills = 0;

  constructor(directory: string, codeFolder: string) {
    this.#directory = directory;
    this.#codeFolder = codeFolder;
    this.#deedsFile = join(directory, "deeds");
    this.#outputFile = join(directory, "output");
  }

  /**
   * Lives one life to its end; answers whether it was killed. `killAfter`: milliseconds from the moment when its own
   * runs are submitted. @throws Error that tells what is open and what the process wrote, where it fails or does not end
   */
  async live(plan: LifePlan, killAfter?: number): Promise<boolean> {
    const child = this.#begin(plan);
    const over = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    let endless = false;
    const watch = setTimeout(() => (endless = child.kill("SIGKILL")), LONGEST_LIFE_MS);
    if (killAfter !== undefined) {
      await Promise.race([once(child, "message"), over]);
      await Promise.race([sleep(killAfter), over]);
      child.kill("SIGKILL");
    }
    const [code, signal] = await over;
    clearTimeout(watch);
    if (endless) throw this.#failure(plan, `had not ended after ${LONGEST_LIFE_MS / 1000} s`);
    if (signal !== "SIGKILL" && code !== 0) throw this.#failure(plan, `ended with ${code ?? signal}`);
    if (signal === "SIGKILL") this.kills += 1;
    await this.#noteRecorded();
    return signal === "SIGKILL";
  }

  #begin(plan: LifePlan): ChildProcess {
    const output = openSync(this.#outputFile, "w");
    try {
      return fork(join(import.meta.dirname, "life.ts"), [this.#directory, JSON.stringify(plan)], {
        execArgv: [],
        env: { ...process.env, KILL_DEEDS: this.#deedsFile, NODE_COMPILE_CACHE: this.#codeFolder },
        stdio: ["ignore", output, output, "ipc"],
      });
    } finally {
      closeSync(output);
    }
  }

  #failure(plan: LifePlan, what: string): Error {
    const output = readFileSync(this.#outputFile, "utf8").trimEnd();
    return new Error(
      [
        `The life ${JSON.stringify(plan)} ${what}, after ${this.kills} kills. It left:`,
        openWork(this.#directory),
        output === "" ? "It wrote nothing." : `It wrote:\n${output}`,
      ].join("\n"),
    );
  }

  /** Attempts whose outcome is recorded by now have as many deeds as there are. */
  async #noteRecorded(): Promise<void> {
    const count = this.deeds().length;
    for (const { run, steps } of await this.told()) {
      for (const { name, attempt, state } of steps) {
        const key = attemptKey(run.id, name, attempt);
        if (state !== "running" && !this.#recorded.has(key)) this.#recorded.set(key, count);
      }
    }
  }

  /** All that the tasks did, in order. */
  deeds(): Deed[] {
    if (!existsSync(this.#deedsFile)) return [];
    const lines = readFileSync(this.#deedsFile, "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as Deed);
  }

  /** All runs as the platform tells them. */
  async told(): Promise<Told[]> {
    const platform = local({ directory: this.#directory, drive: false, clock: fastClock });
    const workflows = connect(platform);
    const told: Told[] = [];
    let cursor: string | undefined;
    do {
      const page = await workflows.queryRuns({ limit: 200, ...(cursor === undefined ? {} : { cursor }) });
      for (const run of page.runs) told.push({ run, steps: await platform.steps(run) });
      cursor = page.cursor;
    } while (cursor !== undefined);
    await platform.close();
    return told;
  }

  /** No lock, no slot, no token that could be answered is left behind. */
  checkNothingHeld(): void {
    const database = new DatabaseSync(join(this.#directory, "millrace.db"));
    const left = database.prepare(LEFT).all();
    database.close();
    if (left.length > 0) throw new Error(`Left behind: ${JSON.stringify(left)}`);
  }

  /** Deeds of attempts that came after the attempt's outcome was recorded: there must be none. */
  deedsAfterTheirRecord(): Deed[] {
    return this.deeds().filter(({ run, step, attempt }, index) => {
      const recordedAt = this.#recorded.get(attemptKey(run, step, attempt));
      return recordedAt !== undefined && index >= recordedAt;
    });
  }
}

const LEFT = `
  SELECT 'token' AS kind, token AS name FROM callbacks WHERE answer IS NULL
  UNION ALL SELECT 'lock', pk FROM items WHERE pk LIKE 'LOCK#%' AND body ->> 'owner' IS NOT NULL
  UNION ALL SELECT 'limit', pk FROM items WHERE pk LIKE 'LIMIT#%' AND body ->> 'holders' <> 0
  UNION ALL SELECT 'waiter', pk FROM items WHERE pk LIKE 'LINE#%' OR pk LIKE 'LOCKLINE#%'
  UNION ALL SELECT 'open run', pk FROM items WHERE gk LIKE 'OPEN#_' AND pk LIKE 'RUN#%'`;

function attemptKey(run: string, step: string, attempt: number): string {
  return `${run} ${step} ${attempt}`;
}
