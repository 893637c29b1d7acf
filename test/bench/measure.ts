import { join } from "node:path";
import { connect, type Workflows } from "../../engine/client/connect.ts";
import { local, type LocalPlatform } from "../../engine/local/local.ts";
import type { Durability } from "../../engine/local/sqlite/open-database.ts";
import { countWrites } from "./count-writes.ts";
import { HUNDRED_STEPS, ONE_STEP } from "./fixture/catalogue/index.ts";
import { floor } from "./floor.ts";

/** What one measurement answers: `measure.ts <name> <directory> <durability>`, in a process of its own. */
export interface Measured {
  readonly [name: string]: number;
}

type Measurement = (directory: string, durability: Durability) => Measured | Promise<Measured>;

const TOGETHER = 64;
const WARM_UP_RUNS = 2_000;

const MEASUREMENTS: { readonly [name: string]: Measurement } = {
  /** Runs/s of a workflow of one step, 64 at once, from submit to result, and the floor below it. */
  runs: async (directory, durability) => {
    const runs = durability === "power-loss" ? 5_000 : 10_000;
    const { workflows, platform } = await open(directory, durability);
    await execute(workflows, WARM_UP_RUNS);
    const seconds = await timed(() => execute(workflows, runs));
    await platform.close();
    const alone = floor(directory, durability, durability === "power-loss" ? 1_000 : runs, 1);
    return { runs: runs / seconds, floor: alone, shared: floor(directory, durability, runs, TOGETHER) };
  },

  /** Milliseconds per step of one run alone. */
  step: async (directory, durability) => {
    const { workflows, platform } = await open(directory, durability);
    const chain = () => workflows.executeWorkflow(HUNDRED_STEPS, { parameters: { count: 0 } });
    for (let run = 0; run < 20; run += 1) await chain();
    const runs = 20;
    const seconds = await timed(async () => {
      for (let run = 0; run < runs; run += 1) await chain();
    });
    await platform.close();
    return { step: (seconds * 1000) / (runs * 100) };
  },

  /** Rows written and transactions per run of one step. */
  writes: async (directory, durability) => {
    const writes = countWrites();
    const { workflows, platform } = await open(directory, durability);
    await execute(workflows, 1);
    const before = { ...writes.tables, transactions: writes.commits };
    await execute(workflows, 1);
    const after = { ...writes.tables, transactions: writes.commits };
    const { runs } = await workflows.queryRuns({ limit: 1 });
    const transitions = runs[0] === undefined ? NaN : (await platform.steps(runs[0])).length;
    await platform.close();
    const counts = Object.entries(after).map(([name, count]) => [name, count - (before[name as "transactions"] ?? 0)]);
    return { transitions, ...(Object.fromEntries(counts.filter(([, count]) => count !== 0)) as Measured) };
  },

  /** Milliseconds from the start of the process until the platform drives. */
  start: async (directory, durability) => {
    const platform = local({ directory, durability });
    await platform.start();
    const ready = performance.now();
    await platform.close();
    return { ready };
  },
};

async function open(
  directory: string,
  durability: Durability,
): Promise<{ readonly workflows: Workflows; readonly platform: LocalPlatform }> {
  const platform = local({ root: join(import.meta.dirname, "fixture"), directory, durability });
  await platform.start();
  return { workflows: connect(platform), platform };
}

/** Executes runs of one step, 64 at once. */
async function execute(workflows: Workflows, runs: number): Promise<void> {
  let left = runs;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await workflows.executeWorkflow(ONE_STEP, { parameters: { count: left } });
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, lane));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const [name = "", directory = "", durability = "process"] = process.argv.slice(2);
const measured = await MEASUREMENTS[name]?.(directory, durability as Durability);
process.stdout.write(`${JSON.stringify(measured)}\n`);
