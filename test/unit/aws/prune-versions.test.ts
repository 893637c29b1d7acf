import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  pruneVersions,
  unneeded,
  type DeployedVersions,
  type PublishedVersion,
} from "../../../engine/aws/prune-versions.ts";
import type { StateMachine } from "../../../engine/model/machine.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 100 * DAY;

const git = (version: number, publishedAt: number): PublishedVersion => ({
  function: "millrace_git",
  version: String(version),
  publishedAt,
});

describe("the versions of a function that nobody needs", () => {
  it("are those that were replaced more than a day ago, however old they are themselves", () => {
    const versions = [git(1, 0), git(2, NOW - 3 * DAY), git(3, NOW - 2 * DAY), git(4, NOW - HOUR)];
    expect(unneeded(versions, new Set(), NOW).map(({ version }) => version)).toEqual(["1", "2"]);
  });

  it("are none that a definition names, and never the newest", () => {
    const versions = [git(9, 0), git(10, 1), git(11, 2)];
    expect(unneeded(versions, new Set(["millrace_git:9"]), NOW)).toEqual([git(10, 1)]);
    expect(unneeded([git(1, 0)], new Set(), NOW)).toEqual([]);
  });

  it("are the same in whatever order they are listed", () => {
    const publication = fc.uniqueArray(fc.integer({ min: 0, max: NOW }), { maxLength: 8 });
    fc.assert(
      fc.property(publication, fc.nat({ max: 8 }), (times, turn) => {
        const versions = times.sort((a, b) => a - b).map((time, index) => git(index + 1, time));
        const turned = [...versions.slice(turn), ...versions.slice(0, turn)].reverse();
        expect(unneeded(turned, new Set(), NOW)).toEqual(unneeded(versions, new Set(), NOW));
      }),
    );
  });
});

const arn = (name: string, version?: number) =>
  `arn:aws:lambda:eu-west-1:1:function:millrace_${name}${version === undefined ? "" : `:${version}`}`;
const call = (FunctionName: string, next: object) => ({
  Type: "Task" as const,
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName, Payload: {} },
  ...next,
});
/** A machine that calls a version of git, and submit. */
const machine = (version: number) =>
  ({
    StartAt: "a",
    States: { a: call(arn("git", version), { Next: "b" }), b: call(arn("submit"), { End: true }) },
  }) as unknown as StateMachine;

interface Run {
  readonly startedAt: number;
  readonly version: number;
  /** Since when its definition was the current one. */
  readonly since: number;
}

/** One machine, `add`, whose current definition names version 9 of git. */
function stack(runs: readonly Run[], change: Partial<DeployedVersions> = {}) {
  const asked: string[] = [];
  const deleted: string[] = [];
  const deployed: DeployedVersions = {
    current: async () => machine(9),
    definitionOf: async (execution) => {
      asked.push(execution);
      const run = runs[Number(execution)];
      return run && { machine: machine(run.version), since: run.since };
    },
    running: async function* () {
      yield* runs.map(({ startedAt }, index) => ({ execution: String(index), startedAt }));
    },
    versions: async (name) =>
      name === "millrace_git" ? [1, 2, 3, 4, 9].map((version) => git(version, version * DAY)) : [],
    delete: async ({ function: name, version }) => void deleted.push(`${name}:${version}`),
    ...change,
  };
  return { deployed, asked, deleted, prune: () => pruneVersions(deployed, ["add"], NOW) };
}

describe("pruning", () => {
  it("deletes what neither the current definition nor that of a run names", async () => {
    const { prune, deleted } = stack([
      { startedAt: 80 * DAY, version: 9, since: 9 * DAY },
      { startedAt: 3.5 * DAY, version: 3, since: 3 * DAY },
    ]);
    const names = ["millrace_git:1", "millrace_git:2", "millrace_git:4"];
    expect(await prune()).toEqual({ deleted: names, problems: [] });
    expect(deleted).toEqual(names);
  });

  it("asks once for all runs that started under one definition, except within a minute of an update", async () => {
    const current = { version: 9, since: 50 * DAY };
    const old = { version: 3, since: 3 * DAY };
    const { prune, asked } = stack([
      { startedAt: 52 * DAY, ...current },
      { startedAt: 51 * DAY, ...current },
      { startedAt: 50 * DAY + 30_000, ...old },
      { startedAt: 5 * DAY, ...old },
      { startedAt: 4 * DAY, ...old },
      { startedAt: 2 * DAY, version: 1, since: DAY },
    ]);
    expect((await prune()).deleted).toEqual(["millrace_git:2", "millrace_git:4"]);
    expect(asked).toEqual(["0", "2", "5"]);
  });

  it("asks no execution where every version is needed", async () => {
    const { prune, asked } = stack([{ startedAt: 1, version: 1, since: 0 }], { versions: async () => [git(9, 0)] });
    expect(await prune()).toEqual({ deleted: [], problems: [] });
    expect(asked).toEqual([]);
  });

  it("deletes nothing where it cannot be known what runs name", async () => {
    const failing = async () => Promise.reject(new Error("no answer"));
    for (const change of [{ definitionOf: failing }, { current: failing }]) {
      const { prune, deleted } = stack([{ startedAt: 1, version: 1, since: 0 }], change);
      await expect(prune()).rejects.toThrow("no answer");
      expect(deleted).toEqual([]);
    }
    const { prune, deleted } = stack(
      Array.from({ length: 101 }, (_, index) => ({ startedAt: 1_000 - index, version: 1, since: 1_000 })),
    );
    await expect(prune()).rejects.toThrow("100 executions like 100 have definitions of their own");
    expect(deleted).toEqual([]);
  });

  it("goes on where one function or version fails, and says so", async () => {
    const both = { ...machine(9), States: { ...machine(9).States, c: call(arn("mail", 1), { End: true }) } };
    const { deployed, prune } = stack([]);
    const change: Partial<DeployedVersions> = {
      current: async () => both,
      versions: async (name) =>
        name === "millrace_mail" ? Promise.reject(new Error("throttled")) : deployed.versions(name),
      delete: async ({ version }) => (version === "2" ? Promise.reject(new Error("in use")) : undefined),
    };
    expect(await prune()).toMatchObject({ problems: [] });
    expect(await stack([], change).prune()).toEqual({
      deleted: ["millrace_git:1", "millrace_git:3", "millrace_git:4"],
      problems: [
        "The versions of millrace_mail could not be listed: throttled",
        "The version millrace_git:2 could not be deleted: in use",
      ],
    });
  });

  it("deletes 50 in one pass at the most", async () => {
    const versions = async () => Array.from({ length: 80 }, (_, index) => git(index + 1, index));
    expect((await stack([], { versions }).prune()).deleted).toHaveLength(50);
  });
});
