import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../engine/client/connect.ts";
import { local } from "../../engine/local/local.ts";
import type { Run, Step } from "../../engine/model/run.ts";
import { fastClock } from "./fast-clock.ts";
import type { Deed } from "./fixture/functions/kill/models.ts";
import type { LifePlan } from "./life.ts";

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
  kills = 0;

  constructor(directory: string, codeFolder: string) {
    this.#directory = directory;
    this.#codeFolder = codeFolder;
    this.#deedsFile = join(directory, "deeds");
  }

  /**
   * Lives one life to its end; answers whether it was killed. `killAfter`: milliseconds from the moment when its own
   * runs are submitted.
   */
  async live(plan: LifePlan, killAfter?: number): Promise<boolean> {
    const child = fork(join(import.meta.dirname, "life.ts"), [this.#directory, JSON.stringify(plan)], {
      execArgv: [],
      env: { ...process.env, KILL_DEEDS: this.#deedsFile, NODE_COMPILE_CACHE: this.#codeFolder },
    });
    const over = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    if (killAfter !== undefined) {
      await Promise.race([once(child, "message"), over]);
      await Promise.race([sleep(killAfter), over]);
      child.kill("SIGKILL");
    }
    const [code, signal] = await over;
    if (signal === "SIGKILL") this.kills += 1;
    else if (code !== 0) throw new Error(`A life ended with ${code ?? signal}; its output is above.`);
    const count = this.deeds().length;
    for (const { run, steps } of await this.told()) {
      for (const { name, attempt, state } of steps) {
        const key = attemptKey(run.id, name, attempt);
        if (state !== "running" && !this.#recorded.has(key)) this.#recorded.set(key, count);
      }
    }
    return signal === "SIGKILL";
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
