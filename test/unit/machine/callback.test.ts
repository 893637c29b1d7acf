import { describe, expect, it } from "vitest";
import type { Answer } from "../../../engine/coordination/world.ts";
import type { JournalEntry } from "../../../engine/local/machine/journal.ts";
import { steps } from "../../../engine/local/machine/steps.ts";
import type { Json, JsonObject } from "../../../engine/model/json.ts";
import type { State, StateMachine, TaskState } from "../../../engine/model/machine.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";
import { END, Killed, LAMBDA, machine, MemoryCallbacks, named, START, task, trial, type Tasks } from "./trial.ts";

const TOKEN = "{% $states.context.Task.Token %}";
const RETRY = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 10, BackoffRate: 1, MaxAttempts: 2 }];

/** A Task that sends its token and ends with what that is answered with. */
function callback(more: Partial<TaskState> = {}, payload: JsonObject = {}): TaskState {
  const Resource = `${LAMBDA}.waitForTaskToken`;
  return task({ ...payload, token: TOKEN }, { Resource, Output: "{% $states.result %}", ...more });
}

const tokenOf = (input: Json): string => (input as { token: string }).token;
const output = (value: Json): Answer => ({ output: value });
const failure = (name: string): Answer => ({ error: { name, cause: `${name} happened` } });

/** Answers so many milliseconds after the call. */
function answering(callbacks: MemoryCallbacks, answers: readonly (Answer | undefined)[], after = 5_000): Tasks {
  const left = [...answers];
  return {
    child: async (input, _, clock) => {
      const answer = left.shift();
      if (answer !== undefined) {
        void clock.sleep(after).then(() => callbacks.answer(tokenOf(input), answer));
      }
      return "the result of the call";
    },
  };
}

describe("a Task that waits for an answer", () => {
  it("drops the result of its call, and has the answer as its result", async () => {
    const callbacks = new MemoryCallbacks();
    const tasks = answering(callbacks, [output({ n: 1 })]);
    const { outcome, clock, calls, entries } = await trial(machine({ child: callback() }), { callbacks, tasks });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: { n: 1 } });
    expect(clock.now()).toBe(START + 5_000);
    expect(calls).toHaveLength(1);
    expect(entries.map(({ kind }) => kind)).toEqual(["started", "waiting", "ended"]);
    expect(callbacks.kept).toEqual([]);
  });

  it("goes on at once where the call itself answers, with one entry less", async () => {
    const callbacks = new MemoryCallbacks();
    const tasks: Tasks = { child: (input) => callbacks.answer(tokenOf(input), output(7)) };
    const { outcome, entries } = await trial(machine({ child: callback() }), { callbacks, tasks });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: 7 });
    expect(entries.map(({ kind }) => kind)).toEqual(["started", "ended"]);
  });

  it("fails with the error and cause of the answer, which a catcher takes", async () => {
    const callbacks = new MemoryCallbacks();
    const tasks = answering(callbacks, [failure("Declined"), failure("Declined")]);
    const failed = await trial(machine({ child: callback() }), { callbacks, tasks });
    expect(failed.outcome).toEqual({ status: "FAILED", error: "Declined", cause: "Declined happened" });
    const Catch = [{ ErrorEquals: ["Declined"], Output: "{% $states.errorOutput %}", Next: "end" }];
    const caught = await trial(machine({ child: callback({ Catch }), end: END }), { callbacks, tasks });
    expect(caught.outcome).toMatchObject({ output: { Error: "Declined", Cause: "Declined happened" } });
    expect(callbacks.kept).toEqual([]);
  });

  it("fails where its call fails, and nobody can answer any longer", async () => {
    const callbacks = new MemoryCallbacks();
    const tasks: Tasks = {
      child: () => {
        throw named("Lost");
      },
    };
    const { outcome } = await trial(machine({ child: callback() }), { callbacks, tasks });
    expect(outcome).toMatchObject({ status: "FAILED", error: "Lost" });
    expect(callbacks.answer(callbacks.tokens[0] ?? "", output(1))).toBe("gone");
  });

  it("takes an answer that came before its call failed", async () => {
    const callbacks = new MemoryCallbacks();
    const tasks: Tasks = {
      child: (input) => {
        callbacks.answer(tokenOf(input), output("first"));
        throw named("Lost");
      },
    };
    const { outcome } = await trial(machine({ child: callback() }), { callbacks, tasks });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: "first" });
  });

  it("times out, call and wait together, and an answer is too late", async () => {
    const callbacks = new MemoryCallbacks();
    const tasks: Tasks = { child: (_, __, clock) => clock.sleep(20_000).then(() => null) };
    const definition = machine({ child: callback({ TimeoutSeconds: 60 }) });
    const { outcome, clock } = await trial(definition, { callbacks, tasks });
    expect(outcome).toEqual({ status: "FAILED", error: "States.Timeout" });
    expect(clock.now()).toBe(START + 60_000);
    expect(callbacks.answer(callbacks.tokens[0] ?? "", output(1))).toBe("gone");
  });

  it("has a new token for each attempt, and the same EnteredTime", async () => {
    const callbacks = new MemoryCallbacks();
    const tasks = answering(callbacks, [failure("E"), undefined, output("third")]);
    const entered = { entered: "{% $states.context.State.EnteredTime %}" };
    const definition = machine({ child: callback({ TimeoutSeconds: 60, Retry: RETRY }, entered) });
    const { outcome, calls } = await trial(definition, { callbacks, tasks });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: "third" });
    const payloads = calls.map((call) => (call.arguments as { Payload: { token: string; entered: string } }).Payload);
    expect(new Set(payloads.map(({ token }) => token)).size).toBe(3);
    expect(new Set(payloads.map((payload) => payload.entered))).toEqual(new Set([new Date(START).toISOString()]));
    for (const token of callbacks.tokens) expect(callbacks.answer(token, output("late"))).toBe("gone");
  });

  it("waits in each item of a Map apart, in the order of its own answer", async () => {
    const callbacks = new MemoryCallbacks();
    const States = { child: callback({}, { n: "{% $states.input %}" }) };
    const each: State = { Type: "Map", Items: [3, 1, 2], ItemProcessor: { StartAt: "child", States }, End: true };
    const tasks: Tasks = {
      child: (input, _, clock) => {
        const { n } = input as { n: number };
        void clock.sleep(n * 1_000).then(() => callbacks.answer(tokenOf(input), output(n * 10)));
        return null;
      },
    };
    const { outcome, clock } = await trial(machine({ each }), { callbacks, tasks });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: [30, 10, 20] });
    expect(clock.now()).toBe(START + 3_000);
  });

  it("is left where a sibling fails, and nobody can answer any longer", async () => {
    const callbacks = new MemoryCallbacks();
    const Branches = [
      { StartAt: "child", States: { child: callback() } },
      { StartAt: "one", States: { one: task(1) } },
    ];
    const Catch = [{ ErrorEquals: ["E"], Next: "wait" }];
    const tasks: Tasks = {
      one: async (_, __, clock) => {
        await clock.sleep(1_000);
        throw named("E");
      },
    };
    const both = { Type: "Parallel", Branches, Catch, Next: "wait" } as const;
    const definition = machine({ both, wait: { Type: "Wait", Seconds: 1, End: true } });
    const { outcome } = await trial(definition, { callbacks, tasks });
    expect(outcome.status).toBe("SUCCEEDED");
    expect(callbacks.answer(callbacks.tokens[0] ?? "", output(1))).toBe("gone");
  });

  it("leaves its token to the next process where this one goes, or the execution stops", async () => {
    const callbacks = new MemoryCallbacks();
    const controller = new AbortController();
    const reason = new Error("going down");
    const tasks: Tasks = { child: (_, __, clock) => (void clock.sleep(9).then(() => controller.abort(reason)), null) };
    const options = { callbacks, tasks, signal: controller.signal };
    await expect(trial(machine({ child: callback() }), options)).rejects.toBe(reason);
    expect(callbacks.kept).toEqual(callbacks.tokens);
  });

  it("times out where no heartbeat comes, and has no token outside of such a state", async () => {
    const beating = await trial(machine({ child: callback({ HeartbeatSeconds: 5, TimeoutSeconds: 60 }) }));
    expect(beating.outcome).toEqual({ status: "FAILED", error: "States.Timeout" });
    expect(beating.clock.now()).toBe(START + 5_000);
    const { outcome } = await trial(machine({ one: task(TOKEN) }));
    expect(outcome).toMatchObject({ error: "States.QueryEvaluationError" });
  });
});

/** Runs a machine whose process dies after each new entry, until it ends. */
async function lives(definition: StateMachine, tasks: Tasks, callbacks: MemoryCallbacks) {
  const clock = new VirtualClock(START);
  const entries: JournalEntry[] = [];
  for (let deaths = 0; ; deaths++) {
    try {
      const { outcome } = await trial(definition, { entries, tasks, clock, callbacks, killAfter: 1 });
      return { outcome, deaths, entries };
    } catch (thrown) {
      if (!(thrown instanceof Killed)) throw thrown;
    }
  }
}

describe("a process that dies around a Task that waits", () => {
  const definition = machine({
    before: task(0, { Next: "child" }),
    child: callback({ TimeoutSeconds: 60, Retry: RETRY, Next: "after" }, { step: "child[a]" }),
    after: task("{% $states.input %}"),
  });

  it("calls again with the same token until the call is recorded, loses no answer, and asks nothing twice", async () => {
    const callbacks = new MemoryCallbacks();
    const tokens: string[] = [];
    const tasks: Tasks = {
      child: (input, { attempt }, clock) => {
        tokens.push(tokenOf(input));
        const answer = attempt === 1 ? failure("E") : output("done");
        void clock.sleep(5_000).then(() => callbacks.answer(tokenOf(input), answer));
        return null;
      },
    };
    const { outcome, deaths, entries } = await lives(definition, tasks, callbacks);
    expect(outcome).toEqual({ status: "SUCCEEDED", output: "done" });
    expect(deaths).toBeGreaterThan(5);
    // Once in the life whose entry of the call was lost, once in the life that records it.
    expect(tokens).toEqual([...callbacks.tokens].flatMap((token) => [token, token]));
    expect(callbacks.tokens).toHaveLength(2);
    expect(callbacks.kept).toEqual([]);
    const told = steps(entries, definition, { startedAt: START });
    expect(told.map(({ name, attempt, state, startedAt }) => [name, attempt, state, startedAt - START])).toEqual([
      ["before", 1, "completed", 0],
      ["child[a]", 1, "failed", 0],
      ["child[a]", 2, "completed", 15_000],
      ["after", 1, "completed", told.at(-1)!.startedAt - START],
    ]);
  });

  it("waits on, without a call, for an answer that comes later", async () => {
    const callbacks = new MemoryCallbacks();
    const entries: JournalEntry[] = [];
    const controller = new AbortController();
    const tasks: Tasks = { child: (_, __, clock) => (void clock.sleep(9).then(() => controller.abort("gone")), null) };
    const options = { entries, callbacks };
    await expect(trial(definition, { ...options, tasks, signal: controller.signal })).rejects.toBe("gone");
    const clock = new VirtualClock(START + 20_000);
    void clock.sleep(5_000).then(() => callbacks.answer(callbacks.tokens[0] ?? "", output("late")));
    const { outcome, calls, events } = await trial(definition, { ...options, clock });
    expect(outcome).toMatchObject({ output: "late" });
    expect(calls.map(({ state }) => state)).toEqual(["after"]);
    expect(events[0]).toMatchObject({ name: "child[a]", state: "running", startedAt: START });
  });

  it("does not call again where the call came to its answer", async () => {
    const callbacks = new MemoryCallbacks();
    const tasks: Tasks = { child: (input) => callbacks.answer(tokenOf(input), output("done")) };
    const entries: JournalEntry[] = [];
    await expect(trial(definition, { entries, tasks, callbacks, killAfter: 2 })).rejects.toThrow(Killed);
    expect(entries.map(({ kind }) => kind)).toEqual(["exited", "started"]);
    const { outcome, calls } = await trial(definition, { entries, tasks, callbacks });
    expect(outcome).toMatchObject({ output: "done" });
    expect(calls.map(({ state }) => state)).toEqual(["after"]);
  });

  it("keeps the time until when it waits, and does not call behind it", async () => {
    for (const [killAfter, kinds] of [
      [2, ["exited", "started"]],
      [3, ["exited", "started", "waiting"]],
    ] as const) {
      const callbacks = new MemoryCallbacks();
      const once = machine({ ...definition.States, child: callback({ TimeoutSeconds: 60, Next: "after" }) });
      const entries: JournalEntry[] = [];
      await expect(trial(once, { entries, callbacks, killAfter })).rejects.toThrow(Killed);
      expect(entries.map(({ kind }) => kind)).toEqual(kinds);
      const clock = new VirtualClock(START + 61_000);
      const { outcome, calls } = await trial(once, { entries, callbacks, clock });
      expect(outcome).toEqual({ status: "FAILED", error: "States.Timeout" });
      expect(calls).toEqual([]);
    }
  });
});

describe("the step of a Task that waits", () => {
  it.each([
    ["${submit}", "child"],
    ["${lock}", "wait"],
    ["${git}", "child"],
  ])("on %s is a %s, and runs from its call to its answer", async (FunctionName, kind) => {
    const callbacks = new MemoryCallbacks();
    const Arguments = { FunctionName, Payload: { token: TOKEN, step: "child[a]" } };
    const definition = machine({ child: callback({ Arguments }) });
    const entries: JournalEntry[] = [];
    const tasks = answering(callbacks, [output(1)]);
    const { events } = await trial(definition, { entries, callbacks, tasks });
    const [step] = steps(entries, definition, { startedAt: START });
    expect(step).toEqual({
      name: "child[a]",
      kind,
      state: "completed",
      attempt: 1,
      startedAt: START,
      endedAt: START + 5_000,
    });
    expect(events.map(({ name, state }) => [name, state])).toEqual([
      ["child[a]", "running"],
      ["child[a]", "completed"],
    ]);
    const waiting = steps(entries.slice(0, 2), definition, { startedAt: START });
    expect(waiting).toEqual([{ name: "child[a]", kind, state: "running", attempt: 1, startedAt: START }]);
  });
});
