import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { cancel } from "../../../engine/coordination/cancel.ts";
import { backfill, BACKFILL_LIMIT } from "../../../engine/coordination/schedule-backfill.ts";
import { isOverdue, scheduleStates } from "../../../engine/coordination/schedule-state.ts";
import { isPaused, pauseSchedule, resumeSchedule } from "../../../engine/coordination/schedules.ts";
import { resumeRun } from "../../../engine/coordination/resume.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import { expiryOf } from "../../../engine/coordination/run-end.ts";
import { getRun } from "../../../engine/coordination/run-record.ts";
import { idempotentRunId } from "../../../engine/model/run-id.ts";
import { fireKey, nextFires } from "../../../engine/model/schedule.ts";
import { WorkflowType, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { fakeWorld, type FakeWorld } from "./fake-world.ts";

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);

function workflow(name: string, more: Partial<WorkflowDefinition> = {}): WorkflowDefinition {
  return {
    name,
    type: WorkflowType.INTERNAL,
    module: "some/flows",
    function: "flow",
    parameters: z.object({ depth: z.number().default(1) }),
    result: z.null(),
    tags: [],
    ...more,
  };
}

const HOURLY = workflow("hourly", { cron: "0 * * * *", cronParameters: { depth: 3 } });
const NIGHTLY = workflow("nightly", { cron: "30 2 * * *", timezone: "Europe/Berlin" });
const PLAIN = workflow("plain");

function scheduledWorld(...workflows: WorkflowDefinition[]): FakeWorld {
  const world = Object.assign(fakeWorld(), { workflows: () => workflows });
  world.time = at("2026-11-24T12:10:00Z");
  return world;
}

/** What submit does with a fire. */
async function fire(world: FakeWorld, definition: WorkflowDefinition, scheduledAt: number): Promise<string> {
  const { name, cronParameters: parameters = {} } = definition;
  return (await submit(world, definition, { workflow: name, parameters, idempotencyKey: fireKey(scheduledAt) })).id;
}

async function overdue(world: FakeWorld): Promise<readonly string[]> {
  return (await scheduleStates(world)).filter((state) => state.overdue).map((state) => state.workflow);
}

describe("a schedule", () => {
  it("is paused and resumed by an item, whatever the catalogue that is deployed", async () => {
    const world = scheduledWorld(HOURLY, NIGHTLY);
    expect(await isPaused(world, "hourly")).toBe(false);
    expect(await pauseSchedule(world, "hourly", "the switches move")).toBe(true);
    const deployed = Object.assign(world, { workflows: () => [workflow("hourly", { cron: "5 * * * *" }), NIGHTLY] });
    expect(await isPaused(deployed, "hourly")).toBe(true);
    expect(await isPaused(deployed, "nightly")).toBe(false);
    const pausedAt = world.time;
    world.time += HOUR;
    expect(await pauseSchedule(world, "hourly")).toBe(false);
    expect(await scheduleStates(deployed)).toMatchObject([
      { workflow: "hourly", cron: "5 * * * *", paused: { at: pausedAt, reason: "the switches move" } },
      { workflow: "nightly", timezone: "Europe/Berlin" },
    ]);
    expect(await resumeSchedule(world, "hourly")).toBe(true);
    expect(await resumeSchedule(world, "hourly")).toBe(false);
    expect(await isPaused(world, "hourly")).toBe(false);
    expect((await scheduleStates(world))[0]).not.toHaveProperty("paused");
  });

  it("tells its next fires and its last one with the run", async () => {
    const world = scheduledWorld(HOURLY, PLAIN);
    const run = await fire(world, HOURLY, at("2026-11-24T11:00:00Z"));
    expect(await scheduleStates(world)).toEqual([
      {
        workflow: "hourly",
        cron: "0 * * * *",
        timezone: "UTC",
        next: [13, 14, 15, 16, 17].map((hour) => at(`2026-11-24T${hour}:00:00Z`)),
        last: { scheduledAt: at("2026-11-24T11:00:00Z"), run, state: "running" },
        overdue: false,
      },
    ]);
  });

  it("writes for its states once, and then no more", async () => {
    const world = scheduledWorld(HOURLY);
    await scheduleStates(world);
    expect(world.writes).toEqual(["SCHEDULE#hourly"]);
    await scheduleStates(world);
    expect(world.writes).toHaveLength(1);
  });

  it("refuses what is no schedule, and writes nothing", async () => {
    const world = scheduledWorld(HOURLY, PLAIN);
    for (const act of [pauseSchedule, resumeSchedule]) {
      await expect(act(world, "plain")).rejects.toMatchObject({
        name: "InvalidRequest",
        message: 'Workflow "plain" has no schedule; scheduled are hourly. Give it a cron in the catalogue.',
      });
      await expect(act(world, "hurly")).rejects.toMatchObject({
        name: "WorkflowNotFound",
        message: 'The catalogue has no workflow "hurly"; scheduled are hourly.',
      });
    }
    expect(world.writes).toEqual([]);
  });
});

describe("a schedule is overdue", () => {
  it("when a period and a half have gone by since its last fire", async () => {
    const world = scheduledWorld(HOURLY);
    await scheduleStates(world);
    world.time = at("2026-11-24T15:00:01Z");
    await fire(world, HOURLY, at("2026-11-24T15:00:00Z"));
    world.time = at("2026-11-24T16:30:00Z");
    expect(await overdue(world)).toEqual([]);
    world.time += 1;
    expect(await overdue(world)).toEqual(["hourly"]);
    await fire(world, HOURLY, at("2026-11-24T16:00:00Z"));
    expect(await overdue(world)).toEqual([]);
  });

  it("also where it has never fired, counted from the first look at it", async () => {
    const world = scheduledWorld(HOURLY);
    expect(await overdue(world)).toEqual([]);
    world.time += 1.5 * HOUR;
    expect(await overdue(world)).toEqual([]);
    world.time += 1;
    expect(await overdue(world)).toEqual(["hourly"]);
  });

  it("not while it is paused, and after a resume or another cron from there on", async () => {
    const world = scheduledWorld(HOURLY);
    await scheduleStates(world);
    await pauseSchedule(world, "hourly");
    world.time += 10 * HOUR;
    expect(await overdue(world)).toEqual([]);
    await resumeSchedule(world, "hourly");
    expect(await overdue(world)).toEqual([]);
    world.time += 1.6 * HOUR;
    expect(await overdue(world)).toEqual(["hourly"]);
    Object.assign(world, { workflows: () => [workflow("hourly", { cron: "20 * * * *" })] });
    expect(await overdue(world)).toEqual([]);
    world.time += 1.6 * HOUR;
    expect(await overdue(world)).toEqual(["hourly"]);
  });

  it("by runs whose records are kept until two fires later, also where they changed nothing", () => {
    const endedAt = at("2026-11-24T12:00:00Z");
    const day = endedAt / 1000 + 86_400;
    const weekly = workflow("weekly", { cron: "0 12 * * 2", retentionDays: 1 });
    expect(expiryOf(weekly, endedAt, false)).toBe(at("2026-12-08T12:00:00Z") / 1000);
    expect(expiryOf(weekly, endedAt, true)).toBe(at("2026-12-08T12:00:00Z") / 1000);
    expect(expiryOf(HOURLY, endedAt, true)).toBe(day);
    expect(expiryOf(PLAIN, endedAt, true)).toBe(day);
  });

  it("never while every fire comes within half a period, whenever it is looked at", () => {
    const crons = [
      ["* * * * *", 1],
      ["*/20 * * * *", 6],
      ["0 9,17 * * 1-5", 24 * 12],
      ["30 2 * * *", 24 * 15],
      ["0 0 1 * *", 24 * 400],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...crons), fc.nat(60 * 24 * 60), fc.nat(60), ([cron, hours], minute, seconds) => {
        const definition = { cron, timezone: "Europe/Berlin" };
        const now = at("2027-02-10T00:00:00Z") + minute * 60_000 + seconds * 1000;
        const fires = nextFires(definition, now - hours * HOUR, 60).filter((time) => time < now);
        const due = fires.reverse().slice(0, 12);
        const [newest = 0, second] = due;
        expect(isOverdue(due, newest, 0, now)).toBe(false);
        const late = now - newest > (newest - (second ?? 0)) / 2;
        expect(isOverdue(due, second, 0, now)).toBe(late);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a backfill", () => {
  const range = { from: at("2026-11-24T08:00:00Z"), to: at("2026-11-24T12:00:00Z") };

  it("shows first, then submits each fire that has no run, under the fire's own key", async () => {
    const world = scheduledWorld(HOURLY);
    await fire(world, HOURLY, at("2026-11-24T10:00:00Z"));
    const writes = world.writes.length;
    const shown = await backfill(world, "hourly", { ...range, dryRun: true });
    expect(shown.missing.map(({ scheduledAt }) => fireKey(scheduledAt))).toEqual(
      ["08", "09", "11", "12"].map((hour) => `2026-11-24T${hour}:00:00Z`),
    );
    expect(shown.existing).toEqual([
      { scheduledAt: at("2026-11-24T10:00:00Z"), run: idempotentRunId("hourly", "2026-11-24T10:00:00Z") },
    ]);
    expect([world.started.length, world.writes.length]).toEqual([1, writes]);

    expect(await backfill(world, "hourly", range)).toEqual(shown);
    expect(world.started).toHaveLength(5);
    for (const { run } of shown.missing)
      expect(await getRun(world.items, run)).toMatchObject({ parameters: { depth: 3 } });
    const again = await backfill(world, "hourly", range);
    expect([again.missing, again.existing.length, world.started.length]).toEqual([[], 5, 5]);
    expect(await fire(world, HOURLY, at("2026-11-24T08:00:00Z"))).toBe(shown.missing[0]?.run);
  });

  it("goes on where it broke off; the run that it broke off in is the sweep's", async () => {
    const world = scheduledWorld(HOURLY);
    world.failAt = 5;
    await expect(backfill(world, "hourly", range)).rejects.toThrow("died");
    world.failAt = -1;
    const { existing, missing } = await backfill(world, "hourly", range);
    expect([...existing, ...missing]).toHaveLength(5);
    for (const { run } of existing) await resumeRun(world, run);
    expect(new Set(world.started.map(({ run }) => run)).size).toBe(5);
  });

  it("takes a thousand fires, and refuses one more and every range that is none", async () => {
    const world = scheduledWorld(workflow("minutely", { cron: "* * * * *" }), PLAIN);
    const to = at("2026-11-24T12:00:00Z");
    const full = { from: to - (BACKFILL_LIMIT - 1) * 60_000, to, dryRun: true };
    expect((await backfill(world, "minutely", full)).missing).toHaveLength(BACKFILL_LIMIT);
    const refused = async (from: number, until: number): Promise<string> =>
      backfill(world, "minutely", { from, to: until }).then(
        () => "done",
        (error: Error) => `${error.name}: ${error.message}`,
      );
    expect(await refused(full.from - 60_000, to)).toMatch(
      /^InvalidRequest: .* has more than 1000 fires: take a shorter/,
    );
    expect(await refused(to, to - 1)).toMatch(
      /^InvalidRequest: .* is no span: give two moments, the earlier one first/,
    );
    expect(await refused(to, world.time + 1)).toMatch(/^InvalidRequest: .* give a span that is past/);
    expect(await refused(NaN, to)).toMatch(/from NaN, which is no moment,/);
    await expect(backfill(world, "plain", { from: 0, to })).rejects.toMatchObject({ name: "InvalidRequest" });
    await expect(backfill(world, "other", { from: 0, to })).rejects.toMatchObject({ name: "WorkflowNotFound" });
    expect(world.writes).toEqual([]);
  });
});

describe("a run that is submitted for later", () => {
  const later = (world: FakeWorld, startAt: number): Promise<{ readonly id: string }> =>
    submit(world, PLAIN, { workflow: "plain", parameters: {}, startAt });

  it("waits for its timer, however often that rings and also where it rings early", async () => {
    const world = scheduledWorld(PLAIN);
    const startAt = world.time + HOUR;
    const { id } = await later(world, startAt);
    expect(await getRun(world.items, id)).toMatchObject({ state: "scheduled", startAt });
    expect([world.timed.get(id), world.started]).toEqual([startAt, []]);
    world.time = startAt - 1;
    await resumeRun(world, id);
    expect(world.started).toEqual([]);
    world.time = startAt;
    for (let ring = 0; ring < 2; ring += 1) await resumeRun(world, id);
    expect(world.started.map(({ run }) => run)).toEqual([id]);
    expect(await getRun(world.items, id)).toMatchObject({ state: "running", startedAt: startAt });
  });

  it("does not start once it is cancelled, and has no timer any longer", async () => {
    const world = scheduledWorld(PLAIN);
    const { id } = await later(world, world.time + HOUR);
    await cancel(world, id);
    expect(world.timed.size).toBe(0);
    world.time += HOUR;
    await resumeRun(world, id);
    expect([world.started, await getRun(world.items, id)]).toMatchObject([[], { state: "cancelled" }]);
  });

  it("starts at once where the time is past, and is refused more than a year ahead", async () => {
    const world = scheduledWorld(PLAIN);
    await later(world, world.time - 1);
    expect([world.started.length, world.timed.size]).toEqual([1, 0]);
    const writes = world.writes.length;
    for (const startAt of [world.time + 367 * 24 * HOUR, NaN]) {
      await expect(later(world, startAt)).rejects.toMatchObject({ name: "InvalidRequest" });
    }
    expect(world.writes).toHaveLength(writes);
  });
});
