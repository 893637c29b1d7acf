import { cancel } from "../../engine/coordination/cancel.ts";
import { submitChild } from "../../engine/coordination/children.ts";
import { setLimit } from "../../engine/coordination/limits.ts";
import { acquireForFlow, releaseForFlow } from "../../engine/coordination/locks.ts";
import { settle } from "../../engine/coordination/settle.ts";
import { sweepKey } from "../../engine/coordination/keys.ts";
import { submit } from "../../engine/coordination/submit.ts";
import { sweep } from "../../engine/coordination/sweep.ts";
import type { StatusEvent } from "../../engine/coordination/world.ts";
import { MillraceError } from "../../engine/model/errors.ts";
import { idempotentRunId, runIdOf } from "../../engine/model/run-id.ts";
import { childKey, executionArn, type AcquireLocks } from "../../engine/model/wire.ts";
import type { WorkflowDefinition } from "../../engine/model/workflow.ts";
import type { Items } from "../../engine/store/items.ts";
import { workflow } from "../unit/coordination/definitions.ts";
import { Chance } from "./chance.ts";
import { Crash, newFaults, type Faults } from "./faulty.ts";
import { leaks } from "./leaks.ts";
import { Services } from "./services.ts";

/** What a round of faults came to. */
export interface Outcome {
  readonly seed: number;
  readonly runs: number;
  readonly faults: number;
  /** One line each; none in a good round. */
  readonly problems: readonly string[];
}

const AT_ONCE = 8;
const LATER_MS = 3_000;

/**
 * Submits runs, of limits, for later, or as children, ends them, cancels some, locks, changes a limit, while processes die,
 * responses get lost, and events are lost and doubled, all interleaved. Then the faults stop, a minute passes, and one
 * sweep must have left nothing that does not come to its end by itself. Problems say what leaked.
 */
export async function round(items: Items, runs: number, seed: number): Promise<Outcome> {
  const chance = new Chance(seed);
  const faults = newFaults(chance);
  const { definitions, limits, limit } = catalogueOf(chance, seed);
  const services = new Services(items, definitions, faults);
  const submitted: string[] = [];
  const withdrawn: string[] = [];
  const locking = new Map<string, Omit<AcquireLocks, "token">>();
  const locks = [`a-${seed}`, `b-${seed}`];
  const work = Array.from({ length: runs }, (_, index) => () => submitOne(index));
  const oneOf = <T>(list: readonly T[]): T => list[chance.below(list.length)] as T;

  async function submitOne(index: number): Promise<void> {
    const parents = [...services.running(`free-${seed}`), ...services.running(`hooked-${seed}`)];
    const { name } = oneOf(definitions);
    if (chance.hits(0.1)) return startByHand(index, name);
    if (parents.length > 0 && chance.hits(0.3)) return submitFrom(oneOf(parents), index, name);
    const key = `${seed} ${index}`;
    const later = chance.hits(0.1) ? { startAt: services.time + chance.below(LATER_MS) } : {};
    submitted.push(idempotentRunId(name, key));
    const request = { workflow: name, parameters: { index }, idempotencyKey: key, ...later };
    for (let tries = 1 + chance.below(2); tries > 0; tries -= 1) {
      await submit(services.process(), definitionOf(name), request);
    }
  }

  const definitionOf = (name: string): WorkflowDefinition =>
    definitions.find((definition) => definition.name === name) as WorkflowDefinition;

  /** As a state of a flow does, and again under a new token where its response was lost. */
  async function submitFrom({ execution }: StatusEvent, index: number, name: string): Promise<void> {
    const child = {
      ...{ workflow: name, parameters: { index }, context: {}, parent: execution },
      ...{ step: `child[${index}]`, at: "functions/w/flows.ts:1", entered: new Date(services.time).toISOString() },
    };
    submitted.push(idempotentRunId(name, childKey(child)));
    const waits = chance.hits(0.8);
    for (let attempt = 1 + chance.below(2); attempt > 0; attempt -= 1) {
      const token = waits ? { token: `${execution} ${index} ${attempt}` } : {};
      await submitChild(services.process(), { ...child, attempt, ...token });
    }
  }

  async function startByHand(index: number, name: string): Promise<void> {
    if (limits.has(name)) return; // it runs before it has its slot
    const execution = executionArn("test", "000000000000", "test", name, `by-hand-${seed}-${index}`);
    services.begin(execution, { index });
    submitted.push(runIdOf(execution));
  }

  async function cancelOne(): Promise<void> {
    const id = submitted[chance.below(submitted.length)];
    if (id === undefined) return;
    try {
      const { state } = await cancel(services.process(), id);
      if (state === "cancelled") withdrawn.push(id);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
    }
  }

  /** As the one state of a flow that locks: once, and, where it has done so, once more at its end or after a retry. */
  async function lockOne(): Promise<void> {
    const run = (oneOf(services.running()) as StatusEvent | undefined)?.execution;
    if (run === undefined) return;
    const asked = locking.get(run) ?? {
      ...{ run, step: "lock", at: "functions/w/flows.ts:2", entered: new Date(services.time).toISOString() },
      ...{ acquire: locks.slice(chance.below(2)).map((name) => ({ name })), attempt: 0, context: {}, drainSeconds: 0 },
    };
    const { step, acquire: release } = asked;
    if (asked.attempt > 0 && chance.hits(0.7)) {
      return void (await releaseForFlow(services.process(), { release, run, step }));
    }
    const again = { ...asked, attempt: asked.attempt + 1 };
    locking.set(run, again);
    await acquireForFlow(services.process(), { ...again, token: `${run} lock ${again.attempt}` });
  }

  async function changeLimit(): Promise<void> {
    await setLimit(services.process(), `queue-${seed}`, chance.hits(0.5) ? undefined : 1 + chance.below(limit));
  }

  const deliver = async (): Promise<void> => {
    const event = chance.take(services.events);
    if (event === undefined) return;
    try {
      await settle(services.process(), event);
    } catch (error) {
      if (error instanceof Crash && chance.hits(0.8)) services.events.push(event); // the queue delivers it once more
      throw error;
    }
  };

  const endOne = async (): Promise<void> => {
    const running = services.running();
    const one = running[chance.below(running.length)];
    // A flow that completes has released its locks by states of its own; one that fails leaves them to settle.
    const fails = one !== undefined && (locking.has(one.execution) || chance.hits(0.2));
    const failed = fails ? ({ status: "FAILED", error: "Broken", cause: "why" } as const) : {};
    if (one !== undefined) services.end(one.execution, failed);
  };

  const next = (): (() => Promise<void>) => {
    const roll = chance.next();
    if (roll < 0.35) return chance.take(work) ?? deliver;
    if (roll < 0.65) return deliver;
    if (roll < 0.85) return endOne;
    if (roll < 0.91) return cancelOne;
    return roll < 0.97 ? lockOne : changeLimit;
  };

  while (work.length > 0 || services.events.length > 0) {
    services.time += 1 + chance.below(50);
    await Promise.all(Array.from({ length: 1 + chance.below(AT_ONCE) }, () => survive(next())));
  }

  faults.on = false;
  services.time += 60_000;
  await items.delete(sweepKey()); // the rounds of a store all take place in the same hour
  const world = services.process();
  const report = await sweep(world, {
    run: "none",
    sleep: async (milliseconds) => void (services.time += milliseconds),
  });
  while (services.running().length > 0 || services.events.length > 0) {
    services.time += 10;
    await endOne();
    while (services.events.length > 0) await deliver();
  }
  const left = await leaks(world, services, { runs: submitted, withdrawn, locks, limits });
  return { seed, runs: submitted.length, faults: total(faults), problems: [...report.problems, ...left] };
}

/** A process that dies is not missed; everything else is an error of ours. */
async function survive(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}

/** Workflows of every kind, and what may run at once of those under a limit. */
function catalogueOf(chance: Chance, seed: number) {
  const limit = 1 + chance.below(5);
  const limited = [
    workflow(`queue-${seed}`, { concurrencyLimit: limit }),
    workflow(`refuse-${seed}`, { concurrencyLimit: limit, concurrencyStrategy: "CANCEL_NEW" }),
    workflow(`replace-${seed}`, { concurrencyLimit: limit, concurrencyStrategy: "CANCEL_RUNNING" }),
    workflow(`impatient-${seed}`, { concurrencyLimit: 1, queueTimeoutSeconds: 1 }),
  ];
  const hook = workflow(`hook-${seed}`);
  const hooked = workflow(`hooked-${seed}`, { onFailure: hook.name, onCancel: hook.name });
  const definitions: readonly WorkflowDefinition[] = [...limited, workflow(`free-${seed}`), hooked, hook];
  const limits = new Map(limited.map(({ name, concurrencyLimit }) => [name, Number(concurrencyLimit)]));
  return { definitions, limits, limit };
}

function total({ made }: Faults): number {
  return Object.values(made).reduce((sum, count) => sum + count, 0);
}
