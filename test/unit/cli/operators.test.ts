import { stripVTControlCharacters } from "node:util";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import * as z from "zod";
import { failureOf } from "../../../engine/cli/failure.ts";
import { outputTo } from "../../../engine/cli/output.ts";
import { program } from "../../../engine/cli/program.ts";
import type { Operation } from "../../../engine/cli/session.ts";
import { connect } from "../../../engine/client/connect.ts";
import type { Platform } from "../../../engine/client/platform.ts";
import { cancel } from "../../../engine/coordination/cancel.ts";
import { acquireForFlow } from "../../../engine/coordination/locks.ts";
import { retryRun } from "../../../engine/coordination/retry.ts";
import { defineLimit } from "../../../engine/model/limit.ts";
import type { Step } from "../../../engine/model/run.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { finish, start, workflow } from "../coordination/definitions.ts";
import { fakeWorld, type FakeWorld } from "../coordination/fake-world.ts";

const IMPORT = workflow("import", {
  concurrencyLimit: 1,
  runName: "Import {site}",
  parameters: z.object({ site: z.string().default("all") }),
});
const SHARED = workflow("shared", { concurrencyLimit: defineLimit({ name: "devices", limit: 5 }) });
const NIGHTLY = workflow("nightly", { cron: "0 2 * * *" });
const FREE = workflow("free");
const ABSENT_RUN = "01890000-0000-7000-8000-000000000000";

let world: FakeWorld;
let operation: Operation;
let obstacle: string | undefined;
let steps: Step[];

vi.mock("../../../engine/cli/session.ts", () => ({
  ROOT: "",
  withSession: (_: unknown, body: (session: Operation) => unknown) => body(operation),
  withWorld: (_: unknown, body: (session: Operation) => unknown) => body(operation),
}));

let typed = "";
vi.mock("node:readline/promises", () => ({
  createInterface: () => ({ question: async () => typed, close: () => undefined }),
}));

beforeEach(() => {
  world = fakeWorld(memoryItems(), [IMPORT, SHARED, NIGHTLY, FREE]);
  obstacle = undefined;
  steps = [];
  const platform: Partial<Platform> = {
    kind: "local",
    name: "local",
    items: world.items,
    now: () => world.time,
    describe: async (execution) => {
      const event = world.executions.get(execution);
      if (event === undefined) return undefined;
      const { status, startedAt } = event;
      return { execution, status, startedAt };
    },
    steps: async () => steps,
    cancel: (run) => cancel(world, run),
    retry: (run) => retryRun(world, run),
    obstacle: async (name) => (name === undefined ? obstacle : name === "shared" ? "It is not deployed." : undefined),
  };
  operation = { platform: platform as Platform, workflows: connect(platform as Platform), world };
});

/** What a command prints for people. */
async function says(...words: string[]): Promise<string> {
  let text = "";
  await program((json) => outputTo((line) => (text += line), json)).parseAsync(words, { from: "user" });
  return stripVTControlCharacters(text).trimEnd();
}

/** What it prints with `--json`. */
async function answers(...words: string[]): Promise<unknown> {
  return JSON.parse(await says(...words, "--json"));
}

async function refusal(...words: string[]): Promise<unknown> {
  const failure = failureOf(
    await says(...words).then(
      () => new Error("nothing was refused"),
      (error: unknown) => error,
    ),
  );
  return [failure?.exitCode, failure?.text];
}

/** A flow's state asks for a lock. */
async function acquireLock(run: string, name = "main"): Promise<void> {
  const execution = world.executionOf("free", run);
  const entered = new Date(world.time).toISOString();
  const state = { run: execution, step: "acquire", at: "functions/git/flows.ts:3", entered, attempt: 1, token: run };
  await acquireForFlow(world, { ...state, acquire: { name, namespace: "branch" }, context: {}, drainSeconds: 60 });
}

describe("limits", () => {
  it("says who holds each and why the first in line waits, and lists those that nobody uses", async () => {
    const [holder, first, second] = [
      await start(world, IMPORT),
      await start(world, IMPORT),
      await start(world, IMPORT),
    ];
    world.time += 90_000;
    const reason = 'The limit "import" lets 1 run at once, and 1 do.';
    expect(await answers("limits")).toEqual({
      limits: [
        { name: "devices", max: 5, holders: [], waiting: 0, more: false },
        {
          name: "import",
          max: 1,
          holders: [{ run: holder, name: "Import all", state: "running", since: expect.any(Number) as number }],
          waiting: 2,
          more: false,
          first: { run: first, name: "Import all", state: "queued", since: expect.any(Number) as number, reason },
        },
      ],
    });
    expect((await says("limits")).split("\n")).toEqual([
      "devices  0 of 5 in use",
      "import  1 of 1 in use, 2 in line",
      `  holds          ${holder}  for 1 min 30 s  Import all`,
      `  first in line  ${first}  for 1 min 30 s  Import all`,
      `    ${reason}`,
    ]);
    await finish(world, holder);
    await finish(world, first);
    expect(await says("limits")).toContain(`holds  ${second}`);
  });

  it("are changed while runs wait, and given back", async () => {
    const runs = [await start(world, IMPORT), await start(world, IMPORT)];
    expect(await answers("limits", "set", "import", "2")).toEqual({ name: "import", max: 2 });
    expect(world.started.map(({ run }) => run)).toEqual(runs);
    expect(await answers("limits", "reset", "import")).toEqual({ name: "import", max: 1 });
  });

  it.each([
    [["set", "import", "many"], 'The limit was not set: "many" is no number of runs.'],
    [["set", "import", ""], 'The limit was not set: "" is no number of runs.'],
    [["set", "import", "0"], "The limit was not set: a concurrency limit is a whole number from 1 to 90, not 0"],
    [["set", "nope", "1"], 'There is no limit "nope" in the catalogue; it has devices, import.'],
  ])("refuse %j", async (words, message) => {
    world.writes.length = 0;
    expect(await refusal("limits", ...words)).toEqual([2, expect.stringContaining(message)]);
    expect(world.writes).toEqual([]);
  });
});

describe("locks", () => {
  it("say who holds each, who waits and since when", async () => {
    const [holder, waiter] = [await start(world, FREE), await start(world, FREE)];
    expect(await says("locks")).toBe("No lock is held or waited for.");
    await acquireLock(holder);
    world.time += 1_500;
    await acquireLock(waiter);
    expect(await answers("locks")).toMatchObject({
      locks: [
        { name: "branch.main", holder: { run: holder, name: "free", step: "acquire" }, waiting: [{ run: waiter }] },
      ],
    });
    world.time += 500;
    expect((await says("locks")).split("\n")).toEqual([
      "branch.main  held, 1 in line",
      `  holds  ${holder}  for 2.00 s  free  acquire`,
      `  waits  ${waiter}  for 500 ms  free  acquire`,
    ]);
  });

  it("are released with --yes, and passed on", async () => {
    const [holder, waiter] = [await start(world, FREE), await start(world, FREE)];
    await acquireLock(holder);
    await acquireLock(waiter);
    const question = `Lock "branch.main" is held by run ${holder} (acquire) for 0 ms, which is not stopped. Release it?`;
    expect(await refusal("locks", "release", "branch.main")).toEqual([
      2,
      `${question} Nobody can be asked here: add --yes where it shall be done.`,
    ]);
    expect(await answers("locks", "release", "branch.main", "--yes")).toEqual({
      name: "branch.main",
      released: true,
      from: holder,
    });
    expect(world.answered.map(({ token }) => token)).toEqual([holder, waiter]);
  });

  it.each([
    ["y", true],
    ["Yes ", true],
    ["", false],
    ["no", false],
  ])("are released where the answer at a terminal is %j: %j", async (answer, released) => {
    const holder = await start(world, FREE);
    await acquireLock(holder);
    typed = answer;
    const terminal = [process.stdin, process.stdout].map((stream) => [stream, stream.isTTY] as const);
    for (const [stream] of terminal) stream.isTTY = true;
    onTestFinished(() => terminal.forEach(([stream, was]) => (stream.isTTY = was)));
    const said = released ? "is released; whoever was first in line has it." : "Nothing was changed.";
    expect(await says("locks", "release", "branch.main")).toContain(said);
    expect(await says("locks")).toMatch(released ? "No lock is held" : holder);
  });

  it("that are free are not released", async () => {
    expect(await refusal("locks", "release", "branch.main", "--yes")).toEqual([
      9,
      expect.stringContaining("it is free"),
    ]);
  });
});

describe("schedule", () => {
  it("lists as many fires as are asked for", async () => {
    const fires = async (...words: string[]) =>
      ((await answers("schedule", "next", ...words)) as { fires: unknown[] }).fires.length;
    expect([await fires(), await fires("--count", "2"), await fires("nightly", "--count", "12")]).toEqual([5, 2, 12]);
    expect(await refusal("schedule", "next", "--count", "1.5")).toEqual([2, expect.stringContaining("whole number")]);
  });

  it("backfills what it shows first", async () => {
    world.time += 2 * 86_400_000;
    const command = ["schedule", "backfill", "nightly", "--from", "2d"];
    expect(await says(...command, "--dry-run")).toMatch(
      /with a run: 0; without one: 2\.\n[^]*Nothing was submitted\.$/,
    );
    expect(await says(...command, "--yes")).toMatch(/Submitted: 2\.$/);
    expect(await says(...command, "--yes")).toMatch(/with a run: 2; without one: 0\.\nNothing was submitted\.$/);
  });
});

describe("tree", () => {
  it("shows a run from its first ancestor on, with what each executes or submitted", async () => {
    const root = await start(world, FREE);
    const child = await start(world, IMPORT, { parent: root, executes: true, parameters: { site: "ber" } });
    const alone = await start(world, FREE, { parent: root });
    const leaf = await start(world, IMPORT, { parent: child, executes: true });
    await finish(world, alone);
    world.time += 1_000;
    const text = await says("tree", child);
    expect(text.split("\n")).toEqual([
      `free  running for 1.00 s  ${root}`,
      `├─ Import ber  running for 1.00 s  ${child}`,
      `│  └─ Import all  queued for 1.00 s  ${leaf}`,
      `└─ free  completed in 2 ms  ${alone}  submitted`,
    ]);
    expect(await answers("tree", leaf)).toMatchObject({
      tree: {
        run: { id: root },
        children: [
          { run: { id: child }, executed: true, children: [{ run: { id: leaf } }] },
          { run: { id: alone }, executed: false, children: [] },
        ],
      },
      more: false,
    });
  });

  it("stops at 1,000 runs and says so", async () => {
    world = Object.assign(world, {
      newId: () => `01890000-0000-7000-8000-${String((world.time += 1)).padStart(12, "0")}`,
    });
    const root = await start(world, FREE);
    for (let count = 0; count < 1_000; count += 1) await start(world, FREE, { parent: root });
    const { tree, more } = (await answers("tree", root)) as { tree: { children: unknown[] }; more: boolean };
    expect([tree.children.length, more]).toEqual([999, true]);
    expect(await says("tree", root)).toMatch(/\nThere are more runs than are shown\.$/);
  });
});

describe("cancel and retry", () => {
  it("cancel a run that runs with the children that it executes, and name them", async () => {
    const root = await start(world, FREE);
    const child = await start(world, IMPORT, { parent: root, executes: true });
    const alone = await start(world, FREE, { parent: root });
    const leaf = await start(world, IMPORT, { parent: child, executes: true });
    expect(await answers("cancel", root)).toMatchObject({
      run: { id: root, state: "running" },
      children: [child, leaf],
    });
    expect(world.stopped.map(({ execution }) => execution)).toEqual([world.executionOf("free", root)]);
    expect(await answers("cancel", alone)).toMatchObject({ children: [] });
    expect(await says("cancel", leaf)).toBe(`Run ${leaf} is cancelled.`);
  });

  it("say of a run that is told to stop that nothing stops it", async () => {
    obstacle = "Nothing drives the runs.";
    expect(await says("cancel", await start(world, FREE))).toMatch(/ when it has\. Nothing drives the runs\.$/);
  });

  it("say what cannot be", async () => {
    const run = await start(world, FREE);
    expect(await refusal("retry", run)).toEqual([9, expect.stringContaining("has not ended")]);
    await finish(world, run);
    expect(await refusal("cancel", run)).toEqual([9, expect.stringContaining(`millrace retry ${run}`)]);
    expect(await refusal("cancel", ABSENT_RUN)).toEqual([3, expect.stringContaining(ABSENT_RUN)]);
    expect(await refusal("retry", ABSENT_RUN)).toEqual([3, expect.stringContaining(ABSENT_RUN)]);
    expect(await refusal("tree", ABSENT_RUN)).toEqual([3, expect.stringContaining(ABSENT_RUN)]);
    const { id } = (await answers("retry", run)) as { id: string };
    expect(await says("show", id)).toMatch(new RegExp(`retry of +${run}`));
  });
});

describe("doctor", () => {
  const verdicts = async (...words: string[]) => {
    const { findings } = (await answers("doctor", ...words)) as {
      findings: { check: string; verdict: string; text: string }[];
    };
    return findings.map(({ check, verdict, text }) => `${verdict} ${check}: ${text}`);
  };

  it("looks at the platform: what is not deployed, not driven, overdue, paused or waited for", async () => {
    obstacle = "Nothing drives the runs.";
    await says("schedule", "list");
    world.time += 3 * 86_400_000;
    const holder = await start(world, IMPORT);
    const waiter = await start(world, IMPORT);
    await acquireLock(holder);
    await acquireLock(waiter);
    const found = await verdicts();
    expect(found).toEqual([
      'ok platform: "local" is reached; open runs: 2.',
      "problem runs: Nothing drives the runs.",
      "problem deployment of shared: It is not deployed.",
      "problem schedule of nightly: It should have fired and has not. 0 2 * * * (UTC), no fire yet, next 2026-11-27 02:00:00Z.",
      `note limit import: 1 of 1 in use. Run ${waiter} is first in line: The limit "import" lets 1 run at once, and 1 do.`,
      `note lock branch.main: It is held by run ${holder}, and 1 wait.`,
    ]);
    expect(await says("doctor")).toMatch(/✗ runs: Nothing drives the runs\.\n {4}→ [^\n]+\n[^]*\n3 problems\.$/);
    await says("schedule", "pause", "nightly", "--reason", "moving");
    expect(await verdicts()).toContainEqual(
      expect.stringMatching(/^note schedule of nightly: It is paused since .*: moving\.$/),
    );
  });

  it("finds nothing wrong where nothing is", async () => {
    world = Object.assign(world, { workflows: () => [FREE] });
    expect(await says("doctor")).toMatch(/\nNothing is wrong\.$/);
  });

  it("looks at a workflow: deployment, schedule, line, last run", async () => {
    const [holder] = [await start(world, IMPORT), await start(world, IMPORT)];
    expect(await verdicts("import")).toEqual([
      "ok deployment of import: The platform has its state machine.",
      "note limit import: 1 of 1 in use, 1 in line.",
      expect.stringMatching(/^ok last run of import: .* is queued\.$/),
    ]);
    await finish(world, holder, { status: "FAILED", error: "Gone", cause: "no site" });
    expect(await verdicts("nightly")).toHaveLength(3);
    expect(await verdicts("shared")).toContainEqual("problem deployment of shared: It is not deployed.");
  });

  it("says why a run does not start: its place in line and who holds the slots, or its time", async () => {
    const holder = await start(world, IMPORT);
    await start(world, IMPORT);
    const third = await start(world, IMPORT);
    expect(await verdicts(third)).toEqual([
      'note start: The limit "import" lets 1 run at once, and 1 do. It is number 2 in line.',
      `note holder: Run ${holder}.`,
    ]);
    const later = await start(world, FREE, { startAt: world.time + 60_000 });
    expect(await verdicts(later)).toEqual([
      expect.stringMatching(/^note start: It was submitted for 2026-11-24T00:01:/),
    ]);
  });

  it("says where two runs wait for each other", async () => {
    const parent = await start(world, IMPORT);
    const child = await start(world, IMPORT, { parent, executes: true });
    const stuck = `The limit "import" is held by run ${parent}, which waits for this one`;
    expect((await verdicts(child)).join()).toContain(stuck);
    expect((await verdicts(parent)).join()).toContain(
      `It waits for run ${child} (Import all), which is queued. ${stuck}`,
    );
  });

  it("says what a run is at: its step, a lock, a stop that was asked for", async () => {
    const [holder, run] = [await start(world, FREE), await start(world, FREE)];
    await acquireLock(holder);
    await acquireLock(run);
    steps = [
      {
        name: "acquire",
        kind: "wait",
        at: "functions/git/flows.ts:3",
        state: "running",
        attempt: 1,
        startedAt: world.time,
      },
    ];
    world.time += 2_000;
    expect(await verdicts(run)).toEqual([
      'note step: "acquire" runs for 2.00 s, attempt 1. functions/git/flows.ts:3',
      `note lock branch.main: It is number 1 in line. Run ${holder} (acquire) holds it.`,
    ]);
    await says("cancel", run);
    expect((await verdicts(run))[0]).toMatch(/^note cancel: It was told to stop at /);
  });

  it("says what the sweep will repair", async () => {
    const [lost, unsettled] = [await start(world, FREE), await start(world, FREE)];
    world.executions.delete(world.executionOf("free", lost));
    await finish(world, unsettled, {}, "lost");
    expect(await verdicts(lost)).toEqual([
      "problem machine: It is recorded as running, and its machine has not started.",
    ]);
    const ended = "problem machine: Its machine has ended (SUCCEEDED), and the record does not say so yet.";
    expect(await verdicts(unsettled)).toEqual([ended]);
  });

  it("says how a run ended, and which line failed", async () => {
    const run = await start(world, FREE);
    const cause = `no site\n    at functions/git/flows.ts:31\n    npx millrace show ${run} --stack test`;
    await finish(world, run, { status: "FAILED", error: "Gone", cause });
    expect(await verdicts(run)).toEqual(["problem end: The run is failed at functions/git/flows.ts:31. Gone: no site"]);
    const fine = await start(world, FREE);
    await finish(world, fine);
    expect(await verdicts(fine)).toEqual(["ok end: The run is completed."]);
  });

  it("says of a run whose child failed the line that executed it, and the child", async () => {
    const parent = await start(world, FREE);
    const child = await start(world, FREE, { parent, executes: true });
    await finish(world, child, { status: "FAILED", error: "Gone", cause: "no site" });
    await finish(world, parent, { status: "FAILED", error: "Gone", cause: "no site" });
    steps = [
      {
        name: "execute free",
        kind: "child",
        at: "functions/git/flows.ts:12",
        state: "failed",
        attempt: 1,
        startedAt: world.time,
        endedAt: world.time,
        error: { name: "Gone", message: "no site" },
      },
    ];
    expect(await verdicts(parent)).toEqual([
      "problem end: The run is failed at functions/git/flows.ts:12. Gone: no site",
      `note child: It executed run ${child} (free), which is failed.`,
    ]);
  });

  it("finds nothing wrong with a run that was cancelled, nor with its workflow", async () => {
    await start(world, IMPORT);
    const run = await start(world, IMPORT);
    await says("cancel", run);
    expect(await verdicts(run)).toEqual(["note end: The run is cancelled. RunCancelled: It was cancelled."]);
    expect(await verdicts("import")).toContainEqual(`ok last run of import: Run ${run} is cancelled.`);
  });

  it("says of a subject that is neither what there is", async () => {
    expect(await refusal("doctor", "nope")).toEqual([
      3,
      expect.stringMatching(/"nope" is neither .* import, shared, nightly, free/),
    ]);
    expect(await refusal("doctor", ABSENT_RUN)).toEqual([3, expect.stringContaining(ABSENT_RUN)]);
  });
});
