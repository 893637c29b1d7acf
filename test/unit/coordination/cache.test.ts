import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheKey } from "../../../engine/coordination/keys.ts";
import { claimResult, giveUpResult, keepResult } from "../../../engine/coordination/task-cache.ts";
import type { Items, Written } from "../../../engine/store/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { lagging } from "../store/lagging.ts";

const KEY = cacheKey("git", "hash");
const ATTEMPT_MS = 30_000;
const TTL_MS = 60_000;

/** What may happen to one request to the store. A retry is the client's own: it sends again what got no answer. */
type Fault = "none" | "refused" | "lost" | "retried" | "crash before" | "crash after";

interface Caller {
  readonly at: number;
  /** How far its clock is ahead, in milliseconds. */
  readonly skew: number;
  /** How long its body takes. */
  readonly takes: number;
  /** Its body goes on when its attempt is over, as a Lambda function does whose state has timed out. */
  readonly outlives: boolean;
  readonly fails: boolean;
  /** Of its requests in order. */
  readonly faults: readonly Fault[];
}

interface Body {
  readonly caller: number;
  readonly epoch: number;
  readonly from: number;
  to: number;
}

class Crash extends Error {}

/** Lets whoever acts at the same moment act in an order that chance chooses, and jumps to the next moment. */
class Turns {
  now = 0;
  readonly #waiting: { readonly at: number; go(): void }[] = [];
  readonly #choose: (count: number) => number;

  constructor(choose: (count: number) => number) {
    this.#choose = choose;
  }

  turn(after = 0): Promise<void> {
    return new Promise((go) => this.#waiting.push({ at: this.now + after, go }));
  }

  async run(): Promise<void> {
    for (await setImmediate(); this.#waiting.length > 0; await setImmediate()) {
      this.now = Math.max(this.now, Math.min(...this.#waiting.map(({ at }) => at)));
      const ready = this.#waiting.filter(({ at }) => at <= this.now);
      const chosen = ready[this.#choose(ready.length)] ?? ready[0];
      if (chosen === undefined) return;
      this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
      chosen.go();
    }
  }
}

interface Outcome {
  readonly bodies: Body[];
  /** Results that the store took, in order. */
  readonly kept: { readonly epoch: number; readonly text: string; readonly at: number }[];
  readonly answers: { readonly text: string; readonly at: number }[];
  readonly unfinished: number[];
}

/** All callers want one result, each once, with the faults of each. */
async function simulate(callers: readonly Caller[], choose: (count: number) => number): Promise<Outcome> {
  const turns = new Turns(choose);
  const outcome: Outcome = { bodies: [], kept: [], answers: [], unfinished: callers.map((_, index) => index) };
  const stored = lagging(observed(memoryItems(), turns, outcome), 3);
  callers.forEach((caller, index) => {
    void call(caller, index, stored, turns, outcome).then(
      () => outcome.unfinished.splice(outcome.unfinished.indexOf(index), 1),
      (error: unknown) => {
        if (!(error instanceof Crash) && (error as Error).message !== "no answer") throw error;
        outcome.unfinished.splice(outcome.unfinished.indexOf(index), 1);
      },
    );
  });
  await turns.run();
  return outcome;
}

/** As the wrapper of tasks does it. */
async function call(caller: Caller, index: number, stored: Items, turns: Turns, outcome: Outcome): Promise<void> {
  const now = (): number => turns.now + caller.skew;
  await turns.turn(caller.at);
  const faults = [...caller.faults];
  const items = faulty(stored, turns, () => faults.shift() ?? "none");
  const endsAt = now() + ATTEMPT_MS;
  const sleep = async (milliseconds: number): Promise<void> => {
    await turns.turn(milliseconds);
    if (now() >= endsAt) throw new Crash();
  };
  const host = { items, now, sleep };
  const request = { key: KEY, owner: `run${index}#step#1#1`, step: `run${index}#step`, attempt: 1, endsAt };
  const { epoch, kept } = await claimResult(host, request, () => undefined);
  if (kept !== undefined) {
    outcome.answers.push({ text: "text" in kept ? kept.text : "", at: now() });
    return;
  }
  const body: Body = { caller: index, epoch, from: turns.now, to: turns.now };
  outcome.bodies.push(body);
  const lives = caller.outlives ? Infinity : Math.max(0, endsAt - now());
  await turns.turn(Math.min(caller.takes, lives));
  body.to = turns.now;
  if (caller.takes > lives) throw new Crash();
  if (caller.fails) return giveUpResult(items, KEY, epoch);
  await keepResult(items, KEY, epoch, { text: `${epoch} of ${index}` }, now() + TTL_MS);
}

function observed(items: Items, turns: Turns, outcome: Outcome): Items {
  return {
    ...items,
    update: async (...request) => {
      const written = await items.update(...request);
      if (written.ok && written.item["state"] === "done")
        outcome.kept.push({
          epoch: Number(written.item["epoch"]),
          text: written.item["text"] as string,
          at: turns.now,
        });
      return written;
    },
  };
}

function faulty(items: Items, turns: Turns, fault: () => Fault): Items {
  const ask = async <T>(request: () => Promise<T>): Promise<T> => {
    const what = fault();
    await turns.turn();
    if (what === "crash before") throw new Crash();
    if (what === "refused") throw new Error("no answer");
    let answer = await request();
    await turns.turn();
    if (what === "retried") answer = await request();
    if (what === "lost") throw new Error("no answer");
    if (what === "crash after") throw new Crash();
    return answer;
  };
  return {
    ...items,
    get: (...request) => ask(() => items.get(...request)),
    update: (...request): Promise<Written> => ask(() => items.update(...request)),
  };
}

const fault = fc.constantFrom<Fault[]>(
  "none",
  "none",
  "none",
  "refused",
  "lost",
  "retried",
  "crash before",
  "crash after",
);
const caller: fc.Arbitrary<Caller> = fc.record({
  at: fc.nat(90_000),
  skew: fc.integer({ min: -2_000, max: 2_000 }),
  takes: fc.nat(ATTEMPT_MS),
  outlives: fc.constant(false),
  fails: fc.boolean(),
  faults: fc.array(fault, { maxLength: 6 }),
});
/** At one moment, or apart. */
const callers = fc
  .tuple(fc.array(caller, { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([all, together]) => (together ? all.map((one) => ({ ...one, at: 0 })) : all));
const choices = fc.infiniteStream(fc.nat(1_000)).map((stream) => (count: number) => (stream.next().value ?? 0) % count);

describe("the cache of results, whatever crashes, gets lost and runs at the same time", () => {
  it("gives each epoch to one body, no two of which overlap, and hands out what was kept", async () => {
    await fc.assert(
      fc.asyncProperty(callers, choices, async (all, choose) => {
        const { bodies, kept, answers, unfinished } = await simulate(all, choose);
        expect(unfinished).toEqual([]);
        const epochs = bodies.map(({ epoch }) => epoch);
        expect(epochs).toEqual([...new Set(epochs)].sort((left, right) => left - right));
        for (const [index, { from }] of bodies.entries()) {
          const before = bodies[index - 1];
          if (before !== undefined) expect(from).toBeGreaterThanOrEqual(before.to);
        }
        for (const { text, at } of answers) {
          const source = kept.find((one) => one.text === text);
          expect(source?.at).toBeGreaterThan(at - TTL_MS - 2 * 2_000);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("takes one result an epoch, of the body that has it, however long that goes on", async () => {
    const zombies = callers.map((all) => all.map((one) => ({ ...one, takes: one.takes * 4, outlives: true })));
    await fc.assert(
      fc.asyncProperty(zombies, choices, async (all, choose) => {
        const { bodies, kept, answers, unfinished } = await simulate(all, choose);
        expect(unfinished).toEqual([]);
        const epochs = kept.map(({ epoch }) => epoch);
        expect(epochs).toEqual([...new Set(epochs)].sort((left, right) => left - right));
        for (const { epoch, text } of kept) {
          expect(bodies.map((body) => `${body.epoch} of ${body.caller}`)).toContain(text);
          expect(text).toMatch(new RegExp(`^${epoch} of `));
        }
        for (const { text } of answers) expect(kept.map((one) => one.text)).toContain(text);
      }),
      { numRuns: 500 },
    );
  });

  it("runs the body once where nothing goes wrong, and everybody has its result", async () => {
    const calm = fc.record({
      at: fc.nat(40_000),
      skew: fc.integer({ min: -2_000, max: 2_000 }),
      takes: fc.nat(20_000),
      outlives: fc.constant(false),
      fails: fc.constant(false),
      faults: fc.constant<Fault[]>([]),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(calm, { minLength: 1, maxLength: 8 }), choices, async (all, choose) => {
        const { bodies, kept, answers, unfinished } = await simulate(all, choose);
        expect([bodies.length, kept.length, answers.length, unfinished]).toEqual([1, 1, all.length - 1, []]);
        expect(new Set(answers.map(({ text }) => text)).size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});

describe("an entry", () => {
  it("is known again by the call whose request was answered to nobody", async () => {
    const one = { at: 0, skew: 0, takes: 1_000, outlives: false, fails: false };
    const sent = { ...one, faults: ["none", "retried", "retried"] } as const;
    const { bodies, kept } = await simulate([sent], () => 0);
    expect(bodies).toEqual([{ caller: 0, epoch: 2, from: 0, to: 1_000 }]);
    expect(kept).toEqual([{ epoch: 2, text: "2 of 0", at: 1_000 }]);
  });

  it("stands under the domain, and is deleted by the store a day after it is over at the earliest", async () => {
    const items = memoryItems();
    const host = { items, now: () => 1_000, sleep: () => Promise.resolve() };
    const call = { key: KEY, owner: "run1#a#1#1", step: "run1#a", attempt: 1, endsAt: 2_000 };
    const { epoch } = await claimResult(host, call, () => undefined);
    const pending = {
      pk: "CACHE#git#hash",
      sk: "#",
      state: "pending",
      epoch: 1,
      owner: "run1#a#1#1",
      step: "run1#a",
      attempt: 1,
    };
    expect(await items.get(KEY)).toEqual({ ...pending, until: 7_000, ttl: 86_407 });
    expect(await keepResult(items, KEY, epoch, { text: "1" }, 61_000)).toBe(true);
    expect(await items.get(KEY)).toEqual({ ...pending, state: "done", text: "1", until: 61_000, ttl: 86_461 });
    expect(await keepResult(items, KEY, epoch, { text: "2" }, 61_000)).toBe(false);
    const again = await claimResult(host, call, () => undefined);
    expect(again).toEqual({ epoch, owner: call.owner, kept: { text: "1" } });
  });
});
