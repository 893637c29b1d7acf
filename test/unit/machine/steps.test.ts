import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../../../engine/local/machine/journal.ts";
import { steps, type Span } from "../../../engine/local/machine/steps.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";
import { END, Killed, machine, named, START, task, trial, type Tasks } from "./trial.ts";

const definition = machine({
  clone: task(
    { task: "clone-repository", step: "clone" },
    {
      Comment: "functions/git/flows.ts:31",
      Retry: [{ ErrorEquals: ["E"], IntervalSeconds: 10 }],
      Assign: { ok: true },
      Next: "if ok",
    },
  ),
  "if ok": { Type: "Choice", Comment: "no position", Choices: [{ Condition: "{% $ok %}", Next: "each" }] },
  each: {
    Type: "Map",
    Items: ["a", "b"],
    ItemProcessor: {
      StartAt: "check",
      States: {
        check: task(
          { step: "{% 'check[' & $states.input & ']' %}" },
          { Next: "rest", Catch: [{ ErrorEquals: ["States.ALL"], Next: "rest" }] },
        ),
        rest: { Type: "Pass", End: true },
      },
    },
    Next: "wait",
  },
  wait: { Type: "Wait", Seconds: 5, Next: "end" },
  end: END,
});

const tasks: Tasks = {
  clone: async (_, { attempt }, clock) => {
    await clock.sleep(1000);
    if (attempt === 1) throw named("E", "no route");
    return null;
  },
  check: async (input, _, clock) => {
    if ((input as { step: string }).step === "check[a]") return null;
    await clock.sleep(1000);
    throw named("F");
  },
};

const shown = (entries: readonly JournalEntry[], span: Span = { startedAt: START }): unknown[] =>
  steps(entries, definition, span).map(({ name, kind, state, attempt, startedAt, endedAt, error }) =>
    [name, kind, state, attempt, startedAt - START, endedAt === undefined ? "now" : endedAt - START, error?.name].slice(
      0,
      error === undefined ? 6 : 7,
    ),
  );

const WHOLE = [
  ["clone", "task", "failed", 1, 0, 1_000, "E"],
  ["clone", "task", "completed", 2, 11_000, 12_000],
  ["if ok", "choice", "completed", 1, 12_000, 12_000],
  ["each", "map", "completed", 1, 12_000, 13_000],
  ["check[a]", "task", "completed", 1, 12_000, 12_000],
  ["rest[0]", "pass", "completed", 1, 12_000, 12_000],
  ["check[b]", "task", "failed", 1, 12_000, 13_000, "F"],
  ["rest[1]", "pass", "completed", 1, 13_000, 13_000],
  ["wait", "wait", "completed", 1, 13_000, 18_000],
  ["end", "end", "completed", 1, 18_000, 18_000],
];

describe("steps", () => {
  it("are every attempt and state, in the order of their beginning", async () => {
    const { entries, clock } = await trial(definition, { tasks });
    expect(shown(entries)).toEqual(WHOLE);
    expect(shown(entries, { startedAt: START, endedAt: clock.now() })).toEqual(WHOLE);
  });

  it("have the source position of their state, and the message of their error", async () => {
    const { entries } = await trial(definition, { tasks });
    const [first] = steps(entries, definition, { startedAt: START });
    expect(first).toMatchObject({ at: "functions/git/flows.ts:31", error: { name: "E", message: "no route" } });
    const choice = steps(entries, definition, { startedAt: START }).find(({ kind }) => kind === "choice");
    expect(choice).not.toHaveProperty("at");
  });

  it("show what runs", async () => {
    const entries: JournalEntry[] = [];
    const clock = new VirtualClock(START);
    const last = async (): Promise<unknown> => {
      await trial(definition, { entries, tasks, clock, killAfter: 1 }).catch((thrown: unknown) => {
        if (!(thrown instanceof Killed)) throw thrown;
      });
      return shown(entries).at(-1);
    };
    expect(shown([])).toEqual([["clone", "task", "running", 1, 0, "now"]]);
    expect(await last()).toEqual(["clone", "task", "running", 2, 11_000, "now"]);
    expect(await last()).toEqual(["if ok", "choice", "running", 1, 13_000, "now"]);
    expect(await last()).toEqual(["each", "map", "running", 1, 13_000, "now"]);
  });

  it("that an end or a failure around stopped count as failed then", async () => {
    const both = machine({
      both: {
        Type: "Parallel",
        Branches: [
          { StartAt: "long", States: { long: { Type: "Wait", Seconds: 100, End: true } } },
          { StartAt: "soon", States: { soon: task(1) } },
        ],
        End: true,
      },
    });
    const soon: Tasks = {
      soon: async (_, __, clock) => {
        await clock.sleep(1000);
        throw named("E");
      },
    };
    const { entries } = await trial(both, { tasks: soon });
    expect(steps(entries, both, { startedAt: START })).toMatchObject([
      { name: "both", state: "failed", error: { name: "E" } },
      { name: "long", state: "failed", startedAt: START, endedAt: START + 1000 },
      { name: "soon", state: "failed", error: { name: "E" } },
    ]);
    expect(steps([], both, { startedAt: START, endedAt: START + 5 })).toMatchObject([
      { name: "both", state: "failed", endedAt: START + 5 },
    ]);
  });

  it("are told to the observer as they begin and end, with the same content", async () => {
    const { entries, events } = await trial(definition, { tasks });
    const ended = events.filter(({ state }) => state !== "running");
    const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
    expect(sorted(ended)).toEqual(sorted(steps(entries, definition, { startedAt: START })));
    expect(events.filter(({ state }) => state === "running").map(({ name }) => name)).toEqual([
      "clone",
      "clone",
      "each",
      "check[a]",
      "check[b]",
      "wait",
    ]);
  });

  it("count the transitions that Step Functions bills: states entered, and retries", async () => {
    const { events } = await trial(definition, { tasks });
    expect(events.filter(({ state }) => state !== "running")).toHaveLength(WHOLE.length);
  });
});
