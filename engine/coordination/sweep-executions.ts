import { runIdOf } from "../model/run-id.ts";
import { isEnded } from "../model/run.ts";
import { attemptEach } from "./attempts.ts";
import { sweepKey } from "./keys.ts";
import { getRun } from "./run-record.ts";
import { settle } from "./settle.ts";
import type { Sweeping } from "./sweeping.ts";
import type { ListedExecution, World } from "./world.ts";

const HOUR_MS = 3_600_000;
/** Listings are eventual, so the last minutes before the mark are looked at once more. */
const OVERLAP_MS = 300_000;
/** The mark is read in the first minutes of an hour only; a sweep that misses them is made up by the next. */
const LOOKING_MS = 300_000;
/** What could not be listed is looked for again, but not for ever. */
const LONGEST_MS = 86_400_000;
/** A busy hour has tens of thousands of executions. */
const READS_AT_ONCE = 20;

/**
 * Once an hour: every execution since the last time, of every machine, against the records of runs. So an execution that
 * somebody started by hand, and whose events were all lost, gets its record too.
 */
export async function sweepExecutions(world: World, sweeping: Sweeping): Promise<void> {
  const now = world.now();
  if (now % HOUR_MS >= LOOKING_MS) return;
  const mark = Number((await world.items.get(sweepKey(), { consistent: true }))?.["mark"] ?? now - HOUR_MS);
  if (now - mark < HOUR_MS - LOOKING_MS) return;
  const since = Math.max(mark, now - LONGEST_MS) - OVERLAP_MS;
  let whole = true;
  for (const { name } of world.workflows()) {
    const done = await sweeping.attempt(`the executions of "${name}"`, async () => {
      for (const which of [{ endedSince: since }, "RUNNING"] as const) {
        const listed = world.machines.list(name, which);
        await attemptEach(listed, READS_AT_ONCE, (one) => sweepExecution(world, sweeping, one));
      }
    });
    whole &&= done;
  }
  if (whole) await world.items.put({ ...sweepKey(), mark: now });
}

async function sweepExecution(world: World, sweeping: Sweeping, { execution, status }: ListedExecution): Promise<void> {
  const run = await getRun(world.items, runIdOf(execution));
  // One that runs without its slot, or though its run was cancelled, is as wrong as one that nobody has heard of.
  if (run !== undefined && (status === "RUNNING" ? run.state === "running" : isEnded(run.state))) return;
  await sweeping.attempt(`the execution ${execution}`, async () => {
    const event = await world.machines.describe(execution);
    if (event === undefined) return;
    await settle(world, event);
    sweeping.count("settled");
  });
}
