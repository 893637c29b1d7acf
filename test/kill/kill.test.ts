import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chained, Deed, Family } from "./fixture/functions/kill/models.ts";
import type { Run } from "../../engine/model/run.ts";
import { Lives } from "./lives.ts";

const RANDOM_LIVES = 50;
const LONGEST_RANDOM_MS = 60;
/** What the runs of one life are, and how many: families go one after the other. */
const KINDS = [
  ["chain", 30],
  ["loop", 30],
  ["family", 6],
] as const;
/** Of a hundred and more processes, on a machine that does other things as well. */
const TIMEOUT_MS = 300_000;

/** Has the compiled catalogue, and Node's compiled code. */
const template = mkdtempSync(join(tmpdir(), "millrace-kill-"));
const folders: string[] = [template];
const all: Lives[] = [];
/** What is durable right before a commit is what was right after the one before; more has been done by then. */
const COMMITS = [
  ["chain", 1, "before", "after"],
  ["loop", 1, "before", "after"],
  ["family", 2, "before"],
] as const;
/** Steps that are none of the fixture's tasks. */
const OWN_STEPS = ["submit loop", "release lock"];

beforeAll(async () => {
  await new Lives(template, join(template, "code")).live({ life: "template", workflow: "chain", runs: 0 });
}, TIMEOUT_MS);

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function newLives(): Lives {
  const folder = mkdtempSync(join(tmpdir(), "millrace-kill-"));
  folders.push(folder);
  copyFileSync(join(template, "millrace.db"), join(folder, "millrace.db"));
  const lives = new Lives(folder, join(template, "code"));
  all.push(lives);
  return lives;
}

/**
 * Ends what is open without a kill, then holds the record of every run against what its tasks did. Answers how many
 * attempts were made again.
 */
async function checkAll(lives: Lives): Promise<number> {
  await lives.live({ life: "last", workflow: "chain", runs: 0 });
  const deeds = lives.deeds();
  const ended = deeds.filter(({ phase }) => phase === "end");
  expect(new Set(ended.map(({ token }) => token)).size).toBe(ended.length);
  expect(lives.deedsAfterTheirRecord()).toEqual([]);
  const repeated = checkRepeated(ended);
  checkInputs(deeds);

  const told = await lives.told();
  checkFamilies(told.map(({ run }) => run));
  lives.checkNothingHeld();
  for (const { run, steps } of told) {
    expect(run).toMatchObject({ state: "completed" });
    const attempts = steps
      .filter(({ kind, name }) => kind === "task" && !OWN_STEPS.includes(name))
      .map(({ name, attempt }) => `${name} ${attempt}`);
    expect(new Set(attempts).size).toBe(attempts.length);
    const done = deeds.filter((deed) => deed.run === run.id);
    expect(new Set(done.map(({ step, attempt }) => `${step} ${attempt}`))).toEqual(new Set(attempts));
    if (run.workflow === "chain" && run.state === "completed") {
      const tokens = Object.values(run.result as Chained);
      expect(new Set(tokens).size).toBe(4);
      for (const token of tokens)
        expect(done.filter((deed) => deed.phase === "end" && deed.token === token)).toHaveLength(1);
    }
  }
  return repeated;
}

/** Every flow that has children has one of each, however often its states were entered again. */
function checkFamilies(runs: readonly Run[]): void {
  const families = runs.filter(({ workflow }) => workflow === "family");
  for (const { id, ...run } of families) {
    const children = runs.filter(({ parent }) => parent === id);
    expect(children).toHaveLength(2);
    const { objects, detached } = (run as { readonly result?: unknown }).result as Family;
    expect([objects, children.map((child) => child.id).includes(detached)]).toEqual([3, true]);
  }
  const fences = families.map((run) => ((run as { readonly result?: unknown }).result as Family).fence);
  expect(new Set(fences).size).toBe(families.length);
}

/** A task begins when the result of the one before is recorded for good: its input never changes. */
function checkInputs(deeds: readonly Deed[]): void {
  for (const ofStep of Object.values(Object.groupBy(deeds, ({ run, step }) => `${run} ${step}`))) {
    expect(new Set(ofStep?.map(({ after }) => after)).size).toBe(1);
  }
}

/** An attempt that was killed between its end and the record is made again, once by each process. Answers how many were. */
function checkRepeated(ended: readonly Deed[]): number {
  const byAttempt = Object.values(Object.groupBy(ended, ({ run, step, attempt }) => `${run} ${step} ${attempt}`));
  const repeated = byAttempt.filter((deeds = []) => deeds.length > 1);
  for (const deeds of repeated) expect(new Set(deeds?.map(({ pid }) => pid)).size).toBe(deeds?.length);
  return repeated.length;
}

describe.concurrent("a platform that is killed", { timeout: TIMEOUT_MS }, () => {
  it.for(COMMITS)(
    "right before or after each commit of %s (%i at once) goes on",
    async ([workflow, runs, ...whens]) => {
      const lives = newLives();
      for (let commit = 1, killed = true; killed; commit += 1) {
        for (const when of whens) {
          killed = await lives.live({ life: `${commit}-${when}`, workflow, runs, kill: { commit, when } });
        }
      }
      expect(await checkAll(lives)).toBeGreaterThan(0);
    },
  );

  // Where a kill falls depends on the machine's speed: on a slow one none may fall between an end and its record.
  it("at random moments, with runs of many, goes on", async () => {
    const lives = newLives();
    for (let life = 0; life < RANDOM_LIVES; life += 1) {
      const [workflow, runs] = KINDS[life % KINDS.length] ?? KINDS[0];
      await lives.live({ life: `${life}`, workflow, runs }, Math.random() * LONGEST_RANDOM_MS);
    }
    await checkAll(lives);
  });
});

describe("all of that", () => {
  it("was at least a hundred kills", () => {
    const kills = all.reduce((sum, lives) => sum + lives.kills, 0);
    expect(kills).toBeGreaterThanOrEqual(100);
  });
});
