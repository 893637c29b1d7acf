import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pauseSchedule, resumeSchedule } from "../../../engine/coordination/schedules.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import type { World } from "../../../engine/coordination/world.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { stopExecution } from "../../../engine/local/executions.ts";
import { LEASE_MS, otherHolder, takeLease } from "../../../engine/local/lease.ts";
import type { Clock } from "../../../engine/model/clock.ts";
import { ErrorName, RunFailed } from "../../../engine/model/errors.ts";
import { newRunId } from "../../../engine/model/run-id.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { Callbacks } from "../../../engine/local/callbacks.ts";
import { Definitions } from "../../../engine/local/definitions.ts";
import { LocalTimers } from "../../../engine/local/timers.ts";
import { localWorld } from "../../../engine/local/world.ts";
import { systemRandom } from "../../../engine/local/system-random.ts";
import { FAIL, GREET, HOLD, STAY, WORKFLOWS } from "./fixture/catalogue/index.ts";
import { gates } from "./fixture/functions/sample/gates.ts";
import { platforms, type Opened } from "./platform.ts";

const { newDirectory, open } = platforms();

describe("a run on the local platform", () => {
  it("answers with its result, and its record, timeline, log and tags tell what was done", async () => {
    const { platform, workflows } = open(newDirectory());
    expect(await workflows.executeWorkflow(GREET, { parameters: { name: "Ada" } })).toBe("Hello Ada");
    const { runs } = await workflows.queryRuns({ tags: ["infrahub.app/branch/Ada"] });
    expect(runs).toMatchObject([
      { workflow: "greet", state: "completed", result: "Hello Ada", parameters: { name: "Ada" } },
    ]);
    const id = runs[0]?.id ?? "";
    expect(await workflows.steps(id)).toMatchObject([{ kind: "task", state: "completed", attempt: 1 }]);
    expect(await workflows.logs(id)).toMatchObject([{ level: "info", message: "Greeting Ada", fields: { length: 3 } }]);
    expect(await platform.describe(runs[0]?.execution ?? "")).toMatchObject({
      status: "SUCCEEDED",
      output: "Hello Ada",
    });
  });

  it("fails with the name, message and place of the task's error", async () => {
    const { workflows } = open(newDirectory());
    const failed = workflows.executeWorkflow(FAIL, { parameters: { name: "7" } });
    await expect(failed).rejects.toThrow(RunFailed);
    await expect(failed).rejects.toMatchObject({ name: "RangeError", message: "7 is out of range" });
    expect((await workflows.queryRuns()).runs).toMatchObject([
      {
        state: "failed",
        error: { name: "RangeError", at: expect.stringMatching(/^functions\/sample\/flows\.ts:\d+$/) as string },
      },
    ]);
  });

  it("leaves no record where its workflow is unknown or its parameters do not fit", async () => {
    const { workflows } = open(newDirectory());
    const unknown: WorkflowDefinition = { ...GREET, name: "unknown" };
    await expect(workflows.submitWorkflow(unknown, { parameters: { name: "x" } })).rejects.toMatchObject({
      name: ErrorName.WORKFLOW_NOT_FOUND,
      message: expect.stringMatching(/no workflow "unknown"; it has greet, fail, hold, hourly/) as string,
    });
    await expect(
      workflows.submitWorkflow(GREET, { parameters: { name: 1 as unknown as string } }),
    ).rejects.toMatchObject({
      name: ErrorName.INVALID_PARAMETERS,
    });
    expect((await workflows.queryRuns()).runs).toEqual([]);
  });

  it("goes on when somebody stops waiting for it", async () => {
    const { workflows } = open(newDirectory());
    const { id } = await workflows.submitWorkflow(HOLD, { parameters: { name: "awaited" } });
    const impatience = new AbortController();
    const waiting = workflows.waitForRun(id, { signal: impatience.signal });
    impatience.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    gates.open("awaited");
    expect(await workflows.waitForRun(id)).toMatchObject({ state: "completed" });
  });

  it("is the same for the same idempotency key, in another process too", async () => {
    const directory = newDirectory();
    const first = open(directory);
    const request = { parameters: { name: "Ada" }, idempotencyKey: "one" };
    const { id } = await first.workflows.submitWorkflow(GREET, request);
    await first.workflows.waitForRun(id);
    await first.platform.close();
    const second = open(directory);
    expect(await second.workflows.submitWorkflow(GREET, request)).toEqual({ id });
    await expect(
      second.workflows.submitWorkflow(GREET, { ...request, parameters: { name: "Bob" } }),
    ).rejects.toMatchObject({ name: ErrorName.CONFLICT });
    expect((await second.workflows.queryRuns()).runs).toHaveLength(1);
  });
});

describe("a platform that is closed", () => {
  it("aborts the signal of its tasks, and another one goes on with the run where it was", async () => {
    const directory = newDirectory();
    const first = open(directory);
    const { id } = await first.workflows.submitWorkflow(HOLD, { parameters: { name: "closed" } });
    const waiting = first.workflows.waitForRun(id);
    waiting.catch(() => undefined);
    await gates.entered("closed");
    await first.platform.close();
    await gates.aborted("closed");
    await expect(waiting).rejects.toMatchObject({ name: ErrorName.PLATFORM_UNAVAILABLE });

    const second = open(directory);
    expect(await second.workflows.getRun(id)).toMatchObject({ state: "running" });
    gates.open("closed");
    expect(await second.workflows.waitForRun(id)).toMatchObject({ state: "completed", result: 1 });
    const logged = (await second.workflows.logs(id)).map(({ message }) => message);
    expect(logged).toEqual(["Greeting closed"]);
  });
});

/** A platform that is being closed while its task works on, and another one that wants to drive. */
describe("a task that works on when its platform is closed", () => {
  const never = new Promise<never>(() => undefined);

  async function closeDuring(name: string, grace: Promise<void>) {
    const directory = newDirectory();
    const clock: Clock = { now: () => Date.now(), sleep: (milliseconds) => (milliseconds <= 5_000 ? grace : never) };
    const [first, second] = [open(directory, { clock }), open(directory)];
    const { id } = await first.workflows.submitWorkflow(STAY, { parameters: { name } });
    await gates.entered(name);
    const closed = first.platform.close();
    await gates.aborted(name);
    await second.workflows.submitWorkflow(GREET, { parameters: { name } });
    expect(second.platform.driving).toBe(false);
    return { id, second, closed };
  }

  const counted = async ({ platform }: Opened, name: string) =>
    platform.items.get({ pk: "DOMAIN#sample#stayed", sk: name }, { consistent: true });

  it("is waited for before another platform makes the attempt again", async () => {
    const { id, second, closed } = await closeDuring("finishing", never);
    gates.open("finishing");
    await closed;
    expect(await second.workflows.waitForRun(id)).toMatchObject({ state: "completed" });
    expect(gates.notes("finishing")).toEqual(["begin", "late: Suspended", "begin", "end"]);
    expect(await counted(second, "finishing")).toMatchObject({ count: 1 });
  });

  it("is left after a grace, and writes nothing from then on", async () => {
    const grace = Promise.withResolvers<void>();
    const { id, second, closed } = await closeDuring("stubborn", grace.promise);
    expect(gates.notes("stubborn")).toEqual(["begin"]);
    grace.resolve();
    await closed;
    const ended = second.workflows.waitForRun(id);
    await expect.poll(() => gates.notes("stubborn")).toEqual(["begin", "begin"]);
    gates.open("stubborn");
    expect(await ended).toMatchObject({ state: "completed" });
    expect(gates.notes("stubborn").toSorted()).toEqual(["begin", "begin", "end", "late: Suspended"]);
    expect(await counted(second, "stubborn")).toMatchObject({ count: 1 });
  });
});

describe("two platforms on one directory", () => {
  it("let the first drive: the second cannot start, and its runs are driven by the first", async () => {
    const directory = newDirectory();
    let late = 0;
    const clock: Clock = { now: () => Date.now() + late, sleep: async (milliseconds) => void (late += milliseconds) };
    const [first, second] = [open(directory), open(directory, { clock })];
    await first.platform.start();
    await expect(second.platform.start()).rejects.toMatchObject({
      name: ErrorName.CONFLICT,
      message: expect.stringMatching(
        new RegExp(`^Process ${process.pid} on .* drives the runs in .*${directory}`),
      ) as string,
    });
    expect([first.platform.driving, second.platform.driving]).toEqual([true, false]);
    expect(await second.workflows.executeWorkflow(GREET, { parameters: { name: "Bob" } })).toBe("Hello Bob");
  });

  it("let the second start where the first drives for a moment only", async () => {
    const directory = newDirectory();
    const first = open(directory);
    const pauses: number[] = [];
    const sleep: Clock["sleep"] = (milliseconds) => {
      pauses.push(milliseconds);
      return pauses.length === 1 ? first.platform.close() : new Promise(() => undefined);
    };
    const second = open(directory, { clock: { now: () => Date.now(), sleep } });
    await first.workflows.executeWorkflow(GREET, { parameters: { name: "brief" } });
    await second.platform.start();
    expect(second.platform.driving).toBe(true);
  });

  it("hand the runs over when the first closes", async () => {
    const directory = newDirectory();
    const [first, second] = [open(directory), open(directory)];
    await first.platform.start();
    const { id } = await second.workflows.submitWorkflow(HOLD, { parameters: { name: "handover" } });
    const ended = second.workflows.waitForRun(id);
    await gates.entered("handover");
    await first.platform.close();
    gates.open("handover");
    expect(await ended).toMatchObject({ state: "completed" });
    expect(second.platform.driving).toBe(true);
  });

  it("leave the runs alone where they shall not drive", async () => {
    const directory = newDirectory();
    const reader = open(directory, { drive: false });
    const { id } = await reader.workflows.submitWorkflow(GREET, { parameters: { name: "Cy" } });
    expect(await reader.workflows.getRun(id)).toMatchObject({ state: "running" });
    expect(reader.platform.driving).toBe(false);
    await open(directory).platform.start();
    expect(await reader.workflows.waitForRun(id)).toMatchObject({ state: "completed" });
  });
});

describe("a platform that loses the lease", () => {
  it("leaves its runs to the one that has it", async () => {
    const directory = newDirectory();
    let late = 0;
    const clock: Clock = { now: () => Date.now() + late, sleep: () => new Promise(() => undefined) };
    const [first, second] = [open(directory, { clock }), open(directory, { clock })];
    await first.platform.start();
    const { id } = await first.workflows.submitWorkflow(HOLD, { parameters: { name: "lost" } });
    await gates.entered("lost");
    const database = new Database(join(directory, "millrace.db"));
    await database.write(() =>
      database.prepare("UPDATE lease SET owner = 'another', expires = ?").run(clock.now() + LEASE_MS),
    );
    database.close();
    late = LEASE_MS / 2;
    await gates.aborted("lost");
    expect(first.platform.driving).toBe(false);
    late = LEASE_MS;
    gates.open("lost");
    expect(await second.workflows.waitForRun(id)).toMatchObject({ state: "completed", result: 1 });
  });
});

describe("what is found in the database", () => {
  it("ends a run as cancelled where another process wants it stopped", async () => {
    const directory = newDirectory();
    const { platform, workflows } = open(directory);
    const { id } = await workflows.submitWorkflow(HOLD, { parameters: { name: "stopped" } });
    await gates.entered("stopped");
    const { execution } = await workflows.getRun(id);
    const other = new Database(join(directory, "millrace.db"));
    await stopExecution(other, execution, { name: ErrorName.RUN_CANCELLED, cause: "not wanted any longer" });
    other.close();
    expect(await workflows.waitForRun(id)).toMatchObject({
      state: "cancelled",
      error: { name: ErrorName.RUN_CANCELLED, message: "not wanted any longer" },
    });
    await gates.aborted("stopped");
    expect(await platform.describe(execution)).toMatchObject({ status: "ABORTED" });
  });

  /** Puts the record of a run whose machine is never started. */
  async function submitAndDie(
    directory: string,
    parameters: { name: string },
    now: number,
    workflow = GREET,
  ): Promise<string> {
    const database = new Database(join(directory, "millrace.db"));
    const id = newRunId(now, systemRandom);
    const clock: Clock = { now: () => now, sleep: () => new Promise(() => undefined) };
    const world: World = {
      ...localWorld({
        database,
        definitions: new Definitions(database),
        callbacks: new Callbacks(database),
        timers: new LocalTimers(database, clock),
        catalogue: () => Promise.reject(new Error("killed")),
        workflows: () => [workflow],
        driver: () => undefined,
        now: clock.now,
        randomBytes: systemRandom,
      }),
      newId: () => id,
    };
    await expect(submit(world, workflow, { workflow: workflow.name, parameters })).rejects.toThrow("killed");
    database.close();
    return id;
  }

  it("starts a run whose submitter was killed between its record and its start", async () => {
    const directory = newDirectory();
    const id = await submitAndDie(directory, { name: "Eve" }, Date.now());
    const { platform, workflows } = open(directory);
    await platform.start();
    expect(await workflows.waitForRun(id)).toMatchObject({ state: "completed", result: "Hello Eve" });
  });

  it("starts such a run too where it was submitted while the platform drives", async () => {
    const directory = newDirectory();
    let late = 0;
    const clock: Clock = { now: () => Date.now() + late, sleep: () => new Promise(() => undefined) };
    const { platform, workflows } = open(directory, { clock });
    await platform.start();
    const id = await submitAndDie(directory, { name: "Ivy" }, Date.now());
    late = LEASE_MS / 2;
    expect(await workflows.waitForRun(id)).toMatchObject({ state: "completed", result: "Hello Ivy" });
  });

  it("ends such a run where the catalogue has lost its workflow, and drives the others", async () => {
    const directory = newDirectory();
    const id = await submitAndDie(directory, { name: "Una" }, Date.now(), { ...GREET, name: "removed" });
    const { platform, workflows } = open(directory);
    await platform.start();
    expect(await workflows.getRun(id)).toMatchObject({
      state: "failed",
      error: {
        name: ErrorName.WORKFLOW_NOT_FOUND,
        message: expect.stringMatching(/workflow "removed" has gone from the catalogue/) as string,
      },
    });
    expect(await workflows.executeWorkflow(GREET, { parameters: { name: "Una" } })).toBe("Hello Una");
  });

  it("is not driven, and the lease is free, where a file stands in the place of its blobs", async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, "blobs"), "");
    const { platform } = open(directory);
    await expect(platform.start()).rejects.toMatchObject({
      name: ErrorName.PLATFORM_UNAVAILABLE,
      message: `${join(directory, "blobs")} is a file: move it away, or set MILLRACE_DIRECTORY to another folder.`,
    });
    expect(platform.driving).toBe(false);
    const database = new Database(join(directory, "millrace.db"));
    expect(otherHolder(database, "another", Date.now())).toBeUndefined();
    database.close();
  });

  it("ends such a run where its parameters were too large to be kept in the record", async () => {
    const directory = newDirectory();
    const id = await submitAndDie(directory, { name: "x".repeat(40_000) }, Date.now() - 120_000);
    const { platform, workflows } = open(directory);
    await platform.start();
    expect(await workflows.getRun(id)).toMatchObject({
      state: "cancelled",
      error: { message: expect.stringMatching(/Submit it again/) as string },
    });
  });

  it("is no obstacle to a run whose parameters are too large for its record", async () => {
    const { workflows } = open(newDirectory());
    const name = "y".repeat(40_000);
    expect(await workflows.executeWorkflow(FAIL, { parameters: { name } }).catch(({ message }: Error) => message)).toBe(
      `${name} is out of range`,
    );
  });

  it("keeps a run at the definition that it started with", async () => {
    const directory = newDirectory();
    const reader = open(directory, { drive: false });
    const { id } = await reader.workflows.submitWorkflow(GREET, { parameters: { name: "Old" } });
    const database = new Database(join(directory, "millrace.db"));
    await database.write(() =>
      database
        .prepare("UPDATE compiled SET body = replace(body, 'functions/sample/flows.ts', 'functions/other/flows.ts')")
        .run(),
    );
    database.close();
    const { platform, workflows } = open(directory);
    await platform.start();
    await workflows.waitForRun(id);
    const place = async (run: string): Promise<string | undefined> => (await workflows.steps(run))[0]?.at;
    expect(await place(id)).toMatch(/^functions\/sample\/flows\.ts:/);
    const later = await workflows.submitWorkflow(GREET, { parameters: { name: "New" } });
    await workflows.waitForRun(later.id);
    expect(await place(later.id)).toMatch(/^functions\/other\/flows\.ts:/);
  });
});

describe("schedules", () => {
  it("fire what was missed within the hour, once, whatever is started again", async () => {
    const directory = newDirectory();
    const clock: Clock = { now: () => Date.parse("2027-01-01T00:10:00Z"), sleep: () => new Promise(() => undefined) };
    const database = new Database(join(directory, "millrace.db"));
    await takeLease(database, "earlier", Date.parse("2026-12-31T23:50:00Z"));
    database.close();
    for (let start = 0; start < 2; start += 1) {
      const { platform, workflows } = open(directory, { clock });
      await platform.start();
      await expect
        .poll(async () => (await workflows.queryRuns({ workflow: "hourly", state: "completed" })).runs)
        .toMatchObject([{ result: "Hello hour", createdAt: clock.now() }]);
      await platform.close();
    }
  });

  it("fire nothing while they are paused", async () => {
    const directory = newDirectory();
    let now = Date.parse("2027-01-01T00:10:00Z");
    const clock: Clock = { now: () => now, sleep: () => new Promise(() => undefined) };
    for (const change of [pauseSchedule, resumeSchedule]) {
      const database = new Database(join(directory, "millrace.db"));
      await database.write(() => void database.prepare("DELETE FROM lease").run());
      await takeLease(database, "earlier", Date.parse("2026-12-31T23:50:00Z"));
      database.close();
      now += 60_000;
      const { platform, workflows } = open(directory, { clock });
      await change(await platform.world(WORKFLOWS), "hourly");
      await platform.start();
      await workflows.executeWorkflow(GREET, { parameters: { name: "Una" } });
      const fired = async (): Promise<unknown> => (await workflows.queryRuns({ workflow: "hourly" })).runs;
      if (change === pauseSchedule) expect(await fired()).toEqual([]);
      else await expect.poll(fired).toMatchObject([{ createdAt: now }]);
      await platform.close();
    }
  });
});
