import type { SweepReport } from "../model/sweep.ts";
import { sweepLocks } from "./lock-sweep.ts";
import { openEntries } from "./open-index.ts";
import { sweepExecutions } from "./sweep-executions.ts";
import type { OpenEntry } from "./keys.ts";
import { readLimits, type LimitState } from "./limits.ts";
import { inLines, sweepLimits } from "./sweep-limits.ts";
import { listRunning, sweepRuns } from "./sweep-runs.ts";
import { Sweeping } from "./sweeping.ts";
import type { World } from "./world.ts";

/** Passes of one sweep, and the pause between them: a schedule of each minute may be a minute late, a repair may not. */
const PASSES = 3;
const PAUSE_MS = 20_000;

export interface SweepOptions {
  /** Id of the sweep's own run, which is always open. */
  readonly run: string;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Repairs what a crash or a lost event left: runs that did not start or whose end nobody heard of, slots and locks of
 * owners that are gone, lines that nobody moves, parents that were not told, children that outlive their parent. Each repair
 * stands alone: what fails is told, and the others are made. It holds no slot and no lock, and two at once do no harm,
 * since every write is conditional. Where nothing but itself is open it returns after it has read the index of what is open.
 */
export async function sweep(world: World, { run, sleep }: SweepOptions): Promise<SweepReport> {
  const sweeping = new Sweeping();
  let running: ReadonlySet<string> | undefined;
  for (let pass = 1; ; pass += 1) {
    const found = await findOpen(world, sweeping, run);
    if (found === undefined) break;
    running = await sweepOnce(world, sweeping, found, running);
    if (pass === PASSES) break;
    await sleep(PAUSE_MS);
  }
  await sweepExecutions(world, sweeping);
  return sweeping.report;
}

interface Found {
  readonly entries: readonly OpenEntry[];
  readonly open: ReadonlySet<string>;
  readonly limits: readonly LimitState[];
}

/** Nothing where nothing but the sweep itself is open. */
async function findOpen(world: World, sweeping: Sweeping, self: string): Promise<Found | undefined> {
  const all = await openEntries(world.items);
  const limits = await readLimits(world);
  const open = new Set(all.map(({ id }) => id));
  sweeping.openRuns = all.length;
  const locks = await sweepLocks(world, sweeping, open);
  const entries = all.filter(({ id }) => id !== self);
  const held = limits.some(({ holders, waiting }) => holders.length + waiting.length > 0);
  return entries.length > 0 || held || locks ? { entries, open, limits } : undefined;
}

/**
 * One pass. The executions that run are listed once a sweep, since ListExecutions takes few calls; later passes ask of no
 * execution. @returns ids of the runs that were listed
 */
async function sweepOnce(
  world: World,
  sweeping: Sweeping,
  { entries, open, limits }: Found,
  before: ReadonlySet<string> | undefined,
): Promise<ReadonlySet<string>> {
  const { running, listed } =
    before === undefined ? await listRunning(world, entries, sweeping) : { running: before, listed: new Set<string>() };
  const inLine = await inLines(world, limits);
  const holding = new Set(limits.flatMap(({ holders }) => holders.map((holder) => holder.run)));
  await sweepRuns(world, sweeping, { entries, open, inLine, holding, running, listed });
  await sweepLimits(world, sweeping, limits, { open, running });
  return running;
}
