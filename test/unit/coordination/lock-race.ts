import { setImmediate } from "node:timers/promises";
import type fc from "fast-check";
import { runKey } from "../../../engine/coordination/keys.ts";
import { LEASE_MARGIN_MS } from "../../../engine/coordination/lock-item.ts";
import { acquireForFlow, releaseForFlow, releaseLocksOf } from "../../../engine/coordination/locks.ts";
import type { World } from "../../../engine/coordination/world.ts";
import type { LockRequest, ReleaseLocks } from "../../../engine/model/wire.ts";
import { taskLocks } from "../../../engine/runtime/task-locks.ts";
import type { Items } from "../../../engine/store/items.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";
import { acquire, record, release, runId, stored, sweepOnce } from "./lock-world.ts";

/** What somebody who wants locks does, and what goes wrong. Numbers of faults are positions among its own calls. */
export interface Actor {
  readonly kind: "flow" | "task";
  readonly wants: readonly LockRequest[];
  /** Milliseconds that its clock is ahead. */
  readonly skew: number;
  /** Calls of the store (and, of a flow, to its machine) before or after which its process dies. */
  readonly dies: readonly { readonly at: number; readonly done: boolean }[];
  /** A call whose response is lost: the process goes on with an error. */
  readonly loses: number | undefined;
  /** The run is stopped: while it waits, or while it holds. The event of that may be lost. */
  readonly stopped: { readonly when: "waiting" | "holding"; readonly heard: boolean } | undefined;
  /** The call of each attempt of its state arrives twice; the second may be at work for long after that. */
  readonly twice: boolean;
  /** Its state times out while it waits. */
  readonly impatient: boolean;
}

class Died extends Error {}

interface Hold {
  readonly actor: number;
  readonly fence: number;
  /** From then on others may hold it too; nothing while its holder lives. */
  until: number | undefined;
}

const DRAIN_SECONDS = 60;
const ATTEMPT_MS = 100_000;
const LARGEST_SKEW_MS = 2_000;

/** Plays actors against each other, one call at a time in an order that fast-check chooses, and checks every hold. */
export class Race {
  readonly world: FakeWorld;
  readonly problems: string[] = [];
  readonly #scheduler: fc.Scheduler;
  readonly #actors: readonly Actor[];
  readonly #holds = new Map<string, Hold[]>();
  readonly #tokens = new Map<string, (given: "granted" | "refused" | "stopped") => void>();
  readonly #open = new Set<number>();
  /** Nothing goes wrong any more, but that runs are stopped. */
  #calm = false;
  /** Flows that wait for an answer, and may be told to wait no longer. */
  readonly #waiting = new Map<number, () => void>();

  constructor(items: Items, actors: readonly Actor[], scheduler: fc.Scheduler) {
    this.world = fakeWorld(items);
    this.#actors = actors;
    this.#scheduler = scheduler;
    this.world.machines.answer = async (token, answer) => {
      const tell = this.#tokens.get(token);
      if (tell === undefined) return "gone";
      this.#tokens.delete(token);
      tell("output" in answer ? "granted" : "refused");
      return "answered";
    };
  }

  /**
   * Until nobody does anything any more; then the leases are over, and a sweep comes. Each end that nobody heard of needs
   * two more: one that finds it, and lets the lock expire, and one after that. So does a call that took the lock when its
   * flow had released it already.
   */
  async run(): Promise<void> {
    const all = this.#actors.map((actor, n) => (actor.kind === "flow" ? this.#flow(n) : this.#task(n)));
    await this.#idle();
    this.#calm = true;
    const unheard = this.#actors.filter(({ stopped, twice }) => stopped !== undefined || twice).length;
    for (let sweep = 0; sweep <= 2 * unheard; sweep += 1) await this.#sweep();
    for (const n of this.#waiting.keys()) this.problems.push(`flow ${n} is stuck`);
    if (this.#waiting.size > 0) return;
    await this.#scheduler.waitFor(Promise.all(all));
    for (let sweep = 0; sweep < 3; sweep += 1) await this.#sweep();
    for (const name of ["a", "b"]) {
      const { owner, fence, expiresAt = Infinity } = await stored(this.world, name);
      if (owner !== undefined && expiresAt > this.world.time)
        this.problems.push(`${name} is held for ever by ${owner} (${fence})`);
    }
  }

  async #sweep(): Promise<void> {
    this.world.time += ATTEMPT_MS + LEASE_MARGIN_MS + 2 * LARGEST_SKEW_MS;
    const swept = sweepOnce(this.world, [...this.#open]);
    await this.#idle();
    this.problems.push(...(await swept).problems);
  }

  /** Some stores answer only after turns of the event loop. */
  async #idle(): Promise<void> {
    for (let still = 0; still < 3; still += 1) {
      if (this.#scheduler.count() > 0) still = 0;
      await this.#scheduler.waitIdle();
      await setImmediate();
    }
  }

  async #flow(n: number): Promise<void> {
    const actor = this.#actors[n] as Actor;
    this.#open.add(n);
    await record(this.world, n);
    const calls = { count: 0 };
    const entered = new Date(this.world.time).toISOString();
    const request = { entered, acquire: actor.wants, drainSeconds: DRAIN_SECONDS };
    let answer: Promise<string> | undefined;
    for (let attempt = 1; attempt <= 4 && answer === undefined; attempt += 1) {
      const token = `flow ${n}, attempt ${attempt}`;
      answer = this.#answerTo(n, token);
      try {
        const payload = acquire(this.world, n, { ...request, attempt, token });
        if (actor.twice) acquireForFlow(this.#lambda(n, { count: 1_000 }), payload).catch(() => undefined);
        await acquireForFlow(this.#lambda(n, calls), payload);
      } catch {
        // The state has failed, unless it was answered before. Its other call, which nobody waits for, goes on.
        if (this.#tokens.delete(token)) answer = undefined;
      }
    }
    if (answer === undefined) return this.#letGo(n, calls);
    if (actor.stopped?.when === "waiting") this.#soon(() => this.#stop(n));
    if (actor.impatient) this.#soon(() => this.#waiting.get(n)?.());
    const outcome = await answer;
    this.#waiting.delete(n);
    if (outcome === "stopped") return;
    if (outcome === "granted") {
      await this.#scheduler.schedule(Promise.resolve(), `flow ${n} works`);
      if (actor.stopped?.when === "holding") return this.#stop(n);
    }
    await this.#letGo(n, calls, outcome === "timed out" ? { timedOut: true } : {});
  }

  /** The state that releases, as often as it takes; then the run ends. */
  async #letGo(n: number, calls: { count: number }, why: Partial<ReleaseLocks> = {}): Promise<void> {
    this.#leave(n);
    const request = release(n, { release: this.#actors[n]?.wants ?? [], ...why });
    for (let failed: unknown = new Died(); failed instanceof Died;) {
      failed = await releaseForFlow(this.#lambda(n, calls), request).catch((error: unknown) => error);
    }
    await this.world.items.update(runKey(runId(n)), { set: { state: "completed", rank: 100 } });
    this.#open.delete(n);
  }

  #answerTo(n: number, token: string): Promise<string> {
    return new Promise((resolve) => {
      this.#tokens.set(token, (given) => {
        if (given === "granted") this.#enter(n);
        resolve(given);
      });
      const giveUp = (): void => {
        if (this.#tokens.delete(token)) resolve("timed out");
      };
      this.#waiting.set(n, giveUp);
    });
  }

  async #stop(n: number): Promise<void> {
    for (const [token, tell] of this.#tokens) {
      if (!token.startsWith(`flow ${n},`)) continue;
      this.#tokens.delete(token);
      tell("stopped");
    }
    const endedAt = this.world.time;
    const end = { state: "cancelled", rank: 100, endedAt, error: { name: "RunCancelled", message: "stopped" } };
    for (const hold of this.#held(n)) hold.until = this.world.time + DRAIN_SECONDS * 1000;
    this.#waiting.delete(n);
    this.#open.delete(n);
    await this.world.items.update(runKey(runId(n)), { set: end });
    if (this.#actors[n]?.stopped?.heard !== true) return;
    await releaseLocksOf(this.#lambda(n, { count: 1_000 }), runId(n), "drain");
  }

  async #task(n: number): Promise<void> {
    const actor = this.#actors[n] as Actor;
    const world = this.#lambda(n, { count: 0 });
    const signal = new AbortController().signal;
    const none = (): void => undefined;
    const log = { debug: none, info: none, warn: none, error: none };
    const run = { id: runId(n), workflow: "w", stack: "test", step: "task", attempt: 1 };
    const host = {
      items: world.items,
      now: () => world.now(),
      answer: (token: string, answer: Parameters<World["machines"]["answer"]>[1]) =>
        world.machines.answer(token, answer),
      sleep: async (milliseconds: number) => {
        this.world.time += milliseconds;
        await this.#scheduler.schedule(Promise.resolve(), `task ${n} sleeps`);
      },
    };
    const endsAt = world.now() + ATTEMPT_MS;
    const until = endsAt + LEASE_MARGIN_MS - actor.skew - LARGEST_SKEW_MS;
    try {
      const locks = await taskLocks({ run, context: {}, signal, log }, host, endsAt).acquireLocks(actor.wants);
      for (const { name, fence } of locks.held) this.#hold(name, { actor: n, fence, until });
      await this.#scheduler.schedule(Promise.resolve(), `task ${n} works`);
      this.#leave(n);
      await locks.release();
    } catch {
      this.#leave(n);
    }
  }

  #enter(n: number): void {
    const held = this.#actors[n]?.wants.map(({ name }) => name) ?? [];
    for (const name of held) this.#hold(name, { actor: n, fence: this.#fences.get(name) ?? 0, until: undefined });
  }

  /** Last fence that a write to the store has made, by the name of the lock. */
  readonly #fences = new Map<string, number>();

  #hold(name: string, hold: Hold): void {
    const holds = this.#holds.get(name) ?? [];
    for (const other of holds) {
      const alive = other.until === undefined || other.until > this.world.time;
      if (alive && other.actor !== hold.actor) {
        this.problems.push(`actor ${hold.actor} holds ${name} (${hold.fence}) beside ${other.actor} (${other.fence})`);
      }
    }
    this.#holds.set(name, [...holds, hold]);
  }

  #held(n: number): Hold[] {
    return [...this.#holds.values()].flat().filter(({ actor }) => actor === n);
  }

  #leave(n: number): void {
    for (const [name, holds] of this.#holds)
      this.#holds.set(
        name,
        holds.filter(({ actor }) => actor !== n),
      );
  }

  #soon(what: () => Promise<void> | void): void {
    void this.#scheduler.schedule(Promise.resolve(), "something happens").then(what);
  }

  /** What one process of an actor reaches the world through. */
  #lambda(n: number, calls: { count: number }): World {
    const actor = this.#actors[n] as Actor;
    const process = { dead: false };
    const call =
      <A extends readonly unknown[], R>(operation: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        const at = (calls.count += 1);
        const death = this.#calm ? undefined : actor.dies.find((one) => one.at === at);
        await this.#scheduler.schedule(Promise.resolve(), `actor ${n}`);
        if (process.dead) throw new Died();
        process.dead = death !== undefined;
        if (death?.done === false) throw new Died();
        const result = await operation(...args);
        this.#watch(result);
        if (process.dead || (at === actor.loses && !this.#calm)) throw new Died();
        return result;
      };
    const { items, machines } = this.world;
    return {
      ...this.world,
      now: () => this.world.time + actor.skew,
      items: {
        get: call(items.get),
        put: call(items.put),
        update: call(items.update),
        delete: call(items.delete),
        query: call(items.query),
      },
      machines: { ...machines, answer: call((token, answer) => machines.answer(token, answer)) },
    };
  }

  #watch(written: unknown): void {
    const { ok, item } = (written ?? {}) as { ok?: boolean; item?: { pk: string; fence?: number } };
    if (ok !== true || item?.fence === undefined || !item.pk.startsWith("LOCK#")) return;
    const name = item.pk.slice("LOCK#".length);
    const before = this.#fences.get(name) ?? 0;
    if (item.fence < before) this.problems.push(`the fence of ${name} fell from ${before} to ${item.fence}`);
    this.#fences.set(name, item.fence);
  }
}
