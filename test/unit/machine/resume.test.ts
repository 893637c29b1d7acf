import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../../../engine/local/machine/journal.ts";
import type { TaskCall } from "../../../engine/local/machine/machine.ts";
import type { StateMachine } from "../../../engine/model/machine.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";
import { randomMachine } from "./random-machine.ts";
import { END, Killed, machine, MemoryCallbacks, named, START, task, trial, type Tasks, type Trial } from "./trial.ts";

interface Resumed extends Trial {
  /** What each call stands for: frame, state, attempt, and how often the state was left before. */
  readonly attempts: readonly string[];
  readonly deaths: number;
}

/** Runs a machine whose process dies after so many new entries, again and again until it ends. */
async function run(definition: StateMachine, tasks: Tasks, killAfter = Infinity): Promise<Resumed> {
  const clock = new VirtualClock(START);
  const entries: JournalEntry[] = [];
  const callbacks = new MemoryCallbacks();
  const attempts: string[] = [];
  const calls: TaskCall[] = [];
  const states = Object.entries(tasks).map(([state, perform]): [string, Tasks[string]] => [
    state,
    (input, call, time, callbacks) => {
      const exits = entries.filter(({ frame }) => frame === call.frame).flatMap(({ data }) => data["exits"] ?? []);
      const visits = (exits as unknown as { state: string }[]).filter((exit) => exit.state === state).length;
      attempts.push(`${call.frame} ${state} ${call.attempt} ${visits}`);
      calls.push(call);
      return perform(input, call, time, callbacks);
    },
  ]);
  for (let deaths = 0; deaths < 10_000; deaths++) {
    try {
      const last = await trial(definition, { entries, tasks: Object.fromEntries(states), clock, callbacks, killAfter });
      return { ...last, calls, attempts, deaths };
    } catch (thrown) {
      if (!(thrown instanceof Killed)) throw thrown;
    }
  }
  throw new Error("no end");
}

/** A cause has a stack, which is another one at each call. */
const ending = ({ outcome }: Trial): object => ({ ...outcome, cause: undefined });

const echo: Tasks[string] = (input) => input;

describe("a process that dies", () => {
  it("runs random machines in sequence to the same end, and calls nothing again whose result is recorded", async () => {
    await fc.assert(
      fc.asyncProperty(randomMachine(1), fc.integer({ min: 1, max: 4 }), async ({ definition, tasks }, killAfter) => {
        const plain = await run(definition, tasks);
        const resumed = await run(definition, tasks, killAfter);
        expect(ending(resumed)).toEqual(ending(plain));
        expect(new Set(resumed.attempts)).toEqual(new Set(plain.attempts));
        expect(resumed.attempts.length - plain.attempts.length).toBeLessThanOrEqual(resumed.deaths);
        expect(resumed.clock.now()).toBe(plain.clock.now());
      }),
      { numRuns: 100 },
    );
  });

  it("runs random machines with branches at once to the same end", async () => {
    await fc.assert(
      fc.asyncProperty(randomMachine(3), fc.integer({ min: 1, max: 6 }), async ({ definition, tasks }, killAfter) => {
        const plain = await run(definition, tasks);
        const resumed = await run(definition, tasks, killAfter);
        expect(ending(resumed)).toEqual(ending(plain));
        const isSmooth = plain.events.every(({ state }) => state !== "failed");
        if (isSmooth) expect(new Set(resumed.attempts)).toEqual(new Set(plain.attempts));
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ["Assign", { Assign: { id: "{% $uuid() %}" } }, "{% $id %}"],
    ["Output", { Output: ["{% $random() %}", "{% $now() %}"] }, "{% $states.input %}"],
    ["the entry time", { Assign: { id: "{% $states.context.State.EnteredTime %}" } }, "{% $id %}"],
    ["a whole context", { Assign: { id: "{% $states.context %}" } }, "{% $id.State.EnteredTime %}"],
    ["Arguments", {}, "{% $uuid() %}"],
    ["Arguments through a path", {}, "{% $states.context.State.EnteredTime %}"],
  ])("sends a task again what chance and the clock gave it first: %s", async (_, more, payload) => {
    const definition = machine({
      start: { Type: "Pass", Next: "one", ...more },
      one: task(payload, { Next: "end" }),
      end: END,
    });
    const tasks: Tasks = {
      one: async (input, { attempt }, clock) => (await clock.advance(1000), [input, attempt]),
    };
    const resumed = await run(definition, tasks, 1);
    expect(resumed.calls.length).toBeGreaterThan(1);
    expect(new Set(resumed.calls.map((call) => JSON.stringify(call.arguments))).size).toBe(1);
    expect(resumed.outcome.status).toBe("SUCCEEDED");
  });

  it.each(["{% $uuid() %}", "{% $states.context.State.EnteredTime %}", "{% $states.context.State %}"])(
    "sends the first task of all again what it was sent first: %s",
    async (payload) => {
      const tasks: Tasks = { one: async (input, _, clock) => (await clock.advance(1000), input) };
      const { calls } = await run(machine({ one: task(payload, { Next: "two" }), two: task(2) }), tasks, 1);
      const first = calls.filter(({ state }) => state === "one").map((call) => JSON.stringify(call.arguments));
      expect(first.length).toBeGreaterThan(1);
      expect(new Set(first).size).toBe(1);
    },
  );

  it("gives items again what chance gave them first", async () => {
    const definition = machine({
      each: {
        Type: "Map",
        Items: [1, 2],
        ItemSelector: "{% $uuid() %}",
        ItemProcessor: { StartAt: "item", States: { item: task("{% $states.input %}") } },
        End: true,
      },
    });
    const { outcome, calls, entries } = await run(definition, { item: echo }, 1);
    const inputs = calls.map((call) => (call.arguments as { Payload: string }).Payload);
    expect(new Set(inputs).size).toBe(2);
    expect(outcome).toEqual({ status: "SUCCEEDED", output: entries[0]?.data["given"] });
  });

  it("keeps the end of a wait and of a pause before a retry", async () => {
    const definition = machine({
      wait: { Type: "Wait", Seconds: 100, Next: "one" },
      one: task(1, { Retry: [{ ErrorEquals: ["E"], IntervalSeconds: 50, BackoffRate: 1 }] }),
    });
    const tasks: Tasks = {
      one: (_, { attempt }) => {
        if (attempt < 3) throw named("E");
        return attempt;
      },
    };
    const entries: JournalEntry[] = [];
    const early = new VirtualClock(START);
    await expect(trial(definition, { entries, tasks, clock: early, killAfter: 3 })).rejects.toThrow(Killed);
    expect(entries.map(({ kind }) => kind)).toEqual(["waiting", "started", "failed"]);
    const clock = new VirtualClock(START + 120_000);
    const { outcome, calls } = await trial(definition, { entries, tasks, clock });
    expect(outcome).toMatchObject({ output: 3 });
    expect(calls.map(({ attempt }) => attempt)).toEqual([2, 3]);
    expect(clock.now()).toBe(START + 200_000);
  });

  it("keeps the machine's deadline", async () => {
    const definition = machine({ one: task(1, { Next: "wait" }), wait: { Type: "Wait", Seconds: 100, End: true } });
    const limited = { ...definition, TimeoutSeconds: 60 };
    const entries: JournalEntry[] = [];
    await expect(trial(limited, { entries, killAfter: 1 })).rejects.toThrow(Killed);
    const late = new VirtualClock(START + 61_000);
    expect((await trial(limited, { entries, clock: late })).outcome).toEqual({
      status: "TIMED_OUT",
      error: "States.Timeout",
    });
  });

  it("does not call a branch again whose failure is recorded", async () => {
    const failing: Tasks[string] = () => {
      throw named("E");
    };
    const Catch = [{ ErrorEquals: ["E"], Next: "end" }];
    const Branches = [{ StartAt: "left", States: { left: task(1) } }];
    const definition = machine({ both: { Type: "Parallel", Branches, Catch, Next: "end" }, end: END });
    const { outcome, calls } = await run(definition, { left: failing }, 1);
    expect(outcome.status).toBe("SUCCEEDED");
    expect(calls).toHaveLength(1);
  });

  it("answers the same outcome, and records nothing more, where the execution has ended", async () => {
    for (const last of [END, { Type: "Fail", Error: "E", Cause: "why" } as const, { Type: "Fail" } as const]) {
      const entries: JournalEntry[] = [];
      const first = await trial(machine({ last }), { entries, input: { x: 1 } });
      const second = await trial(machine({ last }), { entries, input: { x: 1 } });
      expect(second.outcome).toEqual(first.outcome);
      expect(entries).toHaveLength(1);
    }
  });

  it("rejects with what the journal rejects with", async () => {
    await expect(trial(machine({ one: task(1) }), { killAfter: 0 })).rejects.toThrow(Killed);
  });
});

describe("the journal", () => {
  it("has one entry for a run of one task, one for each task of a chain", async () => {
    expect((await trial(machine({ one: task(1) }))).entries).toHaveLength(1);
    const chain = machine({ a: task(1, { Next: "b" }), b: task(2, { Next: "c" }), c: task(3) });
    expect((await trial(chain)).entries.map(({ kind, state }) => [kind, state])).toEqual([
      ["exited", "a"],
      ["exited", "b"],
      ["ended", undefined],
    ]);
  });

  it("has what a call builds on before the call", async () => {
    const entries: JournalEntry[] = [];
    const seen: (readonly [string, string | undefined])[][] = [];
    const look: Tasks[string] = () => (seen.push(entries.map(({ kind, state }) => [kind, state])), 1);
    const definition = machine({
      a: task(1, { Next: "b" }),
      b: task("{% $uuid() %}", { Next: "c" }),
      c: task(1),
    });
    await trial(definition, { entries, tasks: { a: look, b: look, c: look }, commit: () => setImmediate() });
    const a = ["exited", "a"];
    const b = [
      ["started", "b"],
      ["exited", "b"],
    ];
    expect(seen).toEqual([[], [a, b[0]], [a, ...b]]);
  });

  it("has no entry of a branch behind the end of its Parallel", async () => {
    const slow = "{% $sum($map([1..50], function($x) { $x + 1 })) %}";
    const definition = machine({
      both: {
        Type: "Parallel",
        Branches: [
          { StartAt: "left", States: { left: task(1) } },
          { StartAt: "right", States: { right: task(1, { Output: slow }) } },
        ],
        Catch: [{ ErrorEquals: ["E"], Next: "wait" }],
        End: true,
      },
      wait: { Type: "Wait", Seconds: 5, End: true },
    });
    const left: Tasks[string] = () => {
      throw named("E");
    };
    const { entries } = await trial(definition, { tasks: { left } });
    expect(entries.map(({ frame, kind }) => [frame, kind])).toEqual([
      ["both[0]", "exited"],
      ["", "exited"],
      ["", "waiting"],
      ["", "ended"],
    ]);
  });
});
