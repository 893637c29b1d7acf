import { ErrorName } from "../model/errors.ts";
import { runIdOf } from "../model/run-id.ts";
import { isEnded, type Run } from "../model/run.ts";
import type { Item } from "../store/items.ts";
import { makeRoom } from "./admission.ts";
import { attemptEach } from "./attempts.ts";
import { cancelIfOpen, PARENT_ENDED } from "./children.ts";
import { endWaiting } from "./cancel.ts";
import { runKey, type OpenEntry } from "./keys.ts";
import { resume } from "./resume.ts";
import { readRun } from "./run-record.ts";
import { settle } from "./settle.ts";
import type { Sweeping } from "./sweeping.ts";
import { findWorkflow, type World } from "./world.ts";

/** Repairs at once; DescribeExecution takes 15 a second. */
const AT_ONCE = 20;

/** A run is left to whoever submits or settles it for so long. */
export const YOUNG_MS = 15_000;

/** What a pass knows about the open runs before it reads any of them. */
export interface Known {
  readonly entries: readonly OpenEntry[];
  /** Ids of all of them. */
  readonly open: ReadonlySet<string>;
  /** Ids of those that stand in the line of a limit. */
  readonly inLine: ReadonlySet<string>;
  /** Ids of those that hold a slot; one that stands in line as well may have run, and ended. */
  readonly holding: ReadonlySet<string>;
  /** Ids of those whose execution is listed as running. */
  readonly running: ReadonlySet<string>;
  /** Workflows whose executions were listed just now, all of them. */
  readonly listed: ReadonlySet<string>;
}

/**
 * The runs whose executions run, of the workflows that have open runs. One that cannot be listed is told, and its
 * executions are left to the next sweep: to ask for each of them would only take more calls.
 */
export async function listRunning(
  world: World,
  entries: readonly OpenEntry[],
  sweeping: Sweeping,
): Promise<Pick<Known, "running" | "listed">> {
  const running = new Set<string>();
  const listed = new Set<string>();
  for (const workflow of new Set(entries.map((entry) => entry.workflow))) {
    const whole = await sweeping.attempt(`the executions of "${workflow}"`, async () => {
      for await (const { execution } of world.machines.list(workflow, "RUNNING")) running.add(runIdOf(execution));
    });
    if (whole) listed.add(workflow);
  }
  return { running, listed };
}

/**
 * Goes on with the runs that nobody goes on with. Those that are known to run or to wait in line are not even read, so a
 * pass costs what is wrong, not what is open.
 */
export async function sweepRuns(world: World, sweeping: Sweeping, known: Known): Promise<void> {
  const now = world.now();
  const entries = limitedFirst(world, known.entries).filter(({ createdAt }) => createdAt <= now - YOUNG_MS);
  await attemptEach(entries, AT_ONCE, (entry) =>
    sweeping.attempt(`run ${entry.id}`, () => sweepEntry(world, sweeping, entry, known)),
  );
}

async function sweepEntry(world: World, sweeping: Sweeping, entry: OpenEntry, known: Known): Promise<void> {
  const { id, executedBy, ended } = entry;
  if (executedBy !== undefined && !known.open.has(executedBy)) await stopOrphan(world, sweeping, id, executedBy);
  if (known.running.has(id)) return;
  const waits = ended !== true && known.inLine.has(id) && !known.holding.has(id);
  if (waits && !mayBeExpired(world, entry) && !mayTakeAPlace(world, entry)) return;
  const record = await world.items.get(runKey(id), { consistent: true });
  const run = record && readRun(record);
  if (record !== undefined && run !== undefined) await sweepRun(world, sweeping, record, run, known);
}

/** Their slots are what others wait for. */
function limitedFirst(world: World, entries: readonly OpenEntry[]): readonly OpenEntry[] {
  const limited = new Set(world.workflows().flatMap((one) => (one.concurrencyLimit === undefined ? [] : [one.name])));
  return entries.toSorted((a, b) => Number(limited.has(b.workflow)) - Number(limited.has(a.workflow)));
}

async function stopOrphan(world: World, sweeping: Sweeping, child: string, parent: string): Promise<void> {
  const record = await world.items.get(runKey(parent), { consistent: true });
  const run = record && readRun(record);
  if (run === undefined || !isEnded(run.state)) return;
  await cancelIfOpen(world, child, PARENT_ENDED);
  sweeping.count("cancelled");
}

function mayBeExpired(world: World, { workflow, createdAt }: OpenEntry): boolean {
  const seconds = findWorkflow(world, workflow)?.queueTimeoutSeconds;
  return seconds !== undefined && createdAt + seconds * 1000 <= world.now();
}

/** Its submitter may have died between the line and the runs that it was to cancel. */
function mayTakeAPlace(world: World, { workflow }: OpenEntry): boolean {
  return findWorkflow(world, workflow)?.concurrencyStrategy === "CANCEL_RUNNING";
}

async function sweepRun(world: World, sweeping: Sweeping, record: Item, run: Run, known: Known): Promise<void> {
  const { startAt = 0, expiresAt = Infinity } = run;
  if (isEnded(run.state)) {
    if (record["follows"] !== undefined) sweeping.count("answered");
    return resume(world, record);
  }
  if (run.state === "running") {
    return known.listed.has(run.workflow) ? sweepRunning(world, sweeping, record, run) : undefined;
  }
  if (expiresAt <= world.now()) {
    const waited = Math.round((expiresAt - run.createdAt) / 1000);
    const message = `The run waited in line for ${waited} s, the longest that its workflow allows (queueTimeoutSeconds).`;
    const ended = await endWaiting(world, record, run, { name: ErrorName.QUEUE_TIMED_OUT, message });
    if (ended !== undefined) sweeping.count("cancelled");
  } else if (known.inLine.has(run.id)) {
    if (run.limit !== undefined && mayTakeAPlace(world, run)) await makeRoom(world, run.id, run.limit);
  } else if (startAt < world.now() - YOUNG_MS) {
    await resume(world, record);
    sweeping.count("started");
  }
}

/** Its execution is not among those that run: it has ended, or was never started, or the listing is behind. */
async function sweepRunning(world: World, sweeping: Sweeping, record: Item, run: Run): Promise<void> {
  const event = await world.machines.describe(run.execution);
  if (event === undefined) {
    await resume(world, record);
    sweeping.count("started");
  } else if (event.status !== "RUNNING") {
    await settle(world, event);
    sweeping.count("settled");
  }
}
