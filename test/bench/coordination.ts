import { join } from "node:path";
import { limitKey } from "../../engine/coordination/keys.ts";
import { walkSlots } from "../../engine/coordination/limits.ts";
import { newAttributes, type NewRun } from "../../engine/coordination/run-record.ts";
import { runKey } from "../../engine/coordination/keys.ts";
import { Database } from "../../engine/local/sqlite/database.ts";
import { sqliteItems } from "../../engine/local/sqlite/items.ts";
import { taskLocks } from "../../engine/runtime/task-locks.ts";
import { finish, start, workflow } from "../unit/coordination/definitions.ts";
import { fakeWorld, type FakeWorld } from "../unit/coordination/fake-world.ts";
import type { Measured } from "./measure.ts";

/** Coordination alone, over SQLite in a file: `coordination.ts <directory>`, in a process of its own. */
const TOGETHER = 64;
const PAIRS = 10_000;
const WAITERS = 1_000;

/** Acquires and releases of task locks a second, 64 at once, each of a name of its own. */
async function locks(world: FakeWorld): Promise<number> {
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const signal = new AbortController().signal;
  return perSecond(PAIRS, async (index) => {
    const run = { id: runId(index), workflow: "w", stack: "s", step: "step", attempt: 1 };
    const host = { items: world.items, now: world.now, sleep: async () => undefined, answer: world.machines.answer };
    const scope = { run, context: {}, signal, log };
    const taken = await taskLocks(scope, host, world.time + 60_000).acquireLocks([
      { name: `lock-${index % TOGETHER}` },
    ]);
    await taken.release();
  });
}

/** Slots taken, with the claim of the run, and freed a second, 64 at once, each under a key of its own. */
async function slots(world: FakeWorld): Promise<number> {
  for (let index = 0; index < PAIRS; index += 1) {
    await world.items.put({ ...runKey(runId(index)), ...newAttributes(waitingRun(world, index)) });
  }
  return perSecond(PAIRS, async (index) => {
    const variables = { limit: `slots#${index % TOGETHER}`, max: 90, run: runId(index), place: `${index}` };
    await walkSlots(world, "acquire", { ...variables, strategy: "ENQUEUE" });
    await walkSlots(world, "release", variables);
  });
}

/** Milliseconds from the end of a run to the start of the next, in a line of 1,000 before a limit of 1. */
async function line(world: FakeWorld, definition: ReturnType<typeof workflow>): Promise<number> {
  const runs: string[] = [];
  for (let index = 0; index < WAITERS; index += 1) runs.push(await start(world, definition));
  const began = performance.now();
  for (const run of runs) await finish(world, run);
  const milliseconds = (performance.now() - began) / WAITERS;
  const order = world.started.filter(({ workflow: name }) => name === definition.name).map(({ run }) => run);
  const left = (await world.items.get(limitKey(definition.name)))?.["holders"];
  if (order.join() !== runs.join() || left !== 0) throw new Error("the line was not drained in order");
  return milliseconds;
}

async function perSecond(count: number, one: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await one((next += 1) - 1);
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: TOGETHER }, worker));
  return (1000 * count) / (performance.now() - began);
}

function waitingRun(world: FakeWorld, index: number): NewRun {
  const id = runId(index);
  const facts = { workflow: "slots", name: "slots", execution: "arn", context: {}, tags: [], limit: "slots" };
  const edge = { kept: 0, ttl: 0 };
  return { id, ...facts, parameters: {}, createdAt: world.time, inputHash: "", edge };
}

function runId(index: number): string {
  return `0193a0b1-0000-7000-8000-${String(index).padStart(12, "0")}`;
}

function quiet(): void {
  // the bench prints its own lines
}

const database = new Database(join(process.argv[2] ?? "", "coordination.db"));
const hot = workflow("hot", { concurrencyLimit: 1 });
const world = fakeWorld(sqliteItems(database), [hot]);
const measured: Measured = { locks: await locks(world), slots: await slots(world), line: await line(world, hot) };
database.close();
process.stdout.write(JSON.stringify(measured));
