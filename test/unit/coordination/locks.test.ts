import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  lockKey,
  lockLineKey,
  lockLinePartition,
  lockWaitKey,
  placeInLockLine,
} from "../../../engine/coordination/keys.ts";
import { forceRelease, readLock, readLocks } from "../../../engine/coordination/lock-state.ts";
import { acquireForFlow, releaseForFlow, releaseLocksOf } from "../../../engine/coordination/locks.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { sqliteItems } from "../../../engine/local/sqlite/items.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import type { LockRequest } from "../../../engine/model/wire.ts";
import type { Items } from "../../../engine/store/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { noDynoxide, startDynoxide, type Dynoxide } from "../store/dynoxide.ts";
import { fakeWorld } from "./fake-world.ts";
import { acquire, answerTo, LOCK, record, release, runId, stored, sweepOnce } from "./lock-world.ts";

const held = (fence: number, name = LOCK) => ({ output: { name, fence } });
const two: LockRequest[] = [{ name: "b" }, { name: "a" }];

it("keeps its keys", () => {
  expect(lockKey(LOCK)).toEqual({ pk: "LOCK#repository.backbone", sk: "#" });
  const place = placeInLockLine(1_700_000_000_000, "medium", runId(1), "acquire lock[3]");
  expect(lockLineKey(LOCK, place)).toEqual({
    pk: "LOCKLINE#repository.backbone",
    sk: `1700000300000#${runId(1)}#acquire lock[3]`,
  });
  expect(lockWaitKey(runId(1), "acquire lock")).toEqual({ pk: `RUN#${runId(1)}`, sk: "lock-wait#acquire lock" });
});

describe("locks of flows over memory", () => {
  locksOfFlows(async () => memoryItems(), 1_000);
});

describe("locks of flows over SQLite", () => {
  locksOfFlows(async () => sqliteItems(new Database(":memory:")), 1_000);
});

describe.skipIf(noDynoxide)(`locks of flows over DynamoDB${noDynoxide === undefined ? "" : `: ${noDynoxide}`}`, () => {
  let dynoxide: Dynoxide;
  beforeAll(async () => {
    dynoxide = await startDynoxide();
  });
  afterAll(async () => dynoxide[Symbol.asyncDispose]());
  locksOfFlows(() => dynoxide.table(), 20);
});

/** @param items A new store. */
function locksOfFlows(items: () => Promise<Items>, waiters: number): void {
  it("cost two writes while nobody else wants them", async () => {
    const world = fakeWorld(await items());
    await acquireForFlow(world, acquire(world, 1));
    expect(answerTo(world, 1)).toEqual(held(1));
    expect(await stored(world)).toMatchObject({ owner: runId(1), gs: `lock#${runId(1)}#${LOCK}` });
    await releaseForFlow(world, release(1));
    expect(world.writes).toEqual([`LOCK#${LOCK}`, `LOCK#${LOCK}`]);
    const { owner, gs, fence } = await stored(world);
    expect([owner, gs, fence]).toEqual([undefined, undefined, 1]);
  });

  it("cost six writes a holder where somebody waits, two of them refused", async () => {
    const world = fakeWorld(await items());
    for (const n of [1, 2, 3]) await acquireForFlow(world, acquire(world, n));
    await releaseForFlow(world, release(1));
    const before = world.writes.length;
    await releaseForFlow(world, release(2));
    expect(world.writes.slice(before)).toEqual([`LOCK#${LOCK}`, `LOCKLINE#${LOCK}`, `LOCK#${LOCK}`]);
    await acquireForFlow(world, acquire(world, 4));
    expect(world.writes.slice(before + 3)).toEqual([`LOCK#${LOCK}`, `LOCKLINE#${LOCK}`, `LOCK#${LOCK}`]);
  });

  it("are passed on in the order of the line, and by priority", async () => {
    const world = fakeWorld(await items());
    await acquireForFlow(world, acquire(world, 1));
    for (const [n, priority] of [
      [2, "low"],
      [3, "medium"],
      [4, "medium"],
      [5, "high"],
    ] as const) {
      world.time += 1_000;
      await acquireForFlow(world, acquire(world, n, { context: { priority } }));
    }
    for (const n of [1, 5, 3, 4, 2]) {
      expect(answerTo(world, n), `run ${n}`).toBeDefined();
      await releaseForFlow(world, release(n));
    }
    expect(world.answered.map(({ answer }) => answer)).toEqual([1, 2, 3, 4, 5].map((fence) => held(fence)));
    expect(await stored(world)).not.toHaveProperty("owner");
    expect(await world.items.query({ pk: lockLinePartition(LOCK) })).toEqual({ items: [] });
  });

  it("answer a state that is retried under its new token, whether it holds or waits", async () => {
    const world = fakeWorld(await items());
    const first = acquire(world, 1);
    await acquireForFlow(world, first);
    await acquireForFlow(world, { ...first, token: "again", attempt: 2 });
    expect(world.answered[1]).toEqual({ token: "again", answer: held(1) });
    const second = acquire(world, 2);
    await acquireForFlow(world, second);
    await acquireForFlow(world, { ...second, token: "newer", attempt: 2 });
    await releaseForFlow(world, release(1));
    expect(world.answered[2]).toEqual({ token: "newer", answer: held(2) });
  });

  it("answer the latest attempt of a state, also where an earlier one comes late", async () => {
    const world = fakeWorld(await items());
    await acquireForFlow(world, acquire(world, 1));
    const state = acquire(world, 2);
    await acquireForFlow(world, { ...state, token: "newer", attempt: 2 });
    await acquireForFlow(world, { ...state, token: "late" });
    await releaseForFlow(world, release(1));
    await acquireForFlow(world, { ...state, token: "late" });
    expect(world.answered.slice(1, 2)).toEqual([{ token: "newer", answer: held(2) }]);
    await releaseForFlow(world, release(2));
    expect(await stored(world)).not.toHaveProperty("owner");
  });

  it("answer the latest attempt of a state that asks again while a lock is on its way to the one before", async () => {
    const world = fakeWorld(await items());
    const { answer } = world.machines;
    world.machines.answer = async (token, given) => (token === "token 3" ? "gone" : answer(token, given));
    await acquireForFlow(world, acquire(world, 1, { acquire: { name: "a" } }));
    await acquireForFlow(world, acquire(world, 2, { acquire: { name: "b" } }));
    const state = acquire(world, 3, { acquire: two });
    await acquireForFlow(world, state);
    const query: typeof world.items.query = async (...args) => {
      const page = await world.items.query(...args);
      if (page.items.length > 0) await acquireForFlow(world, { ...state, token: "newer", attempt: 2 });
      return page;
    };
    await releaseForFlow({ ...world, items: { ...world.items, query } }, release(1, { release: { name: "a" } }));
    await releaseForFlow(world, release(2, { release: { name: "b" } }));
    expect(world.answered.at(-1)).toMatchObject({ token: "newer", answer: { output: [{ name: "b" }, { name: "a" }] } });
  });

  it("are refused to a run that holds them by another step, and only then", async () => {
    const world = fakeWorld(await items());
    await acquireForFlow(world, acquire(world, 1));
    await acquireForFlow(world, acquire(world, 1, { step: "acquire again", token: "nested" }));
    const { answer } = world.answered[1] ?? {};
    expect(answer).toMatchObject({ error: { name: ErrorName.LOCK_HELD } });
    await releaseForFlow(world, release(1, { step: "acquire again" }));
    expect(await stored(world)).toMatchObject({ owner: runId(1), fence: 1 });
  });

  it("are taken several at once in the order of their names, and answered in the order of the request", async () => {
    const world = fakeWorld(await items());
    await acquireForFlow(world, acquire(world, 1, { acquire: two }));
    expect(answerTo(world, 1)).toEqual({
      output: [
        { name: "b", fence: 1 },
        { name: "a", fence: 1 },
      ],
    });
    expect(world.writes).toEqual(["LOCK#a", "LOCK#b"]);
    await acquireForFlow(world, acquire(world, 2, { acquire: two }));
    await acquireForFlow(world, acquire(world, 3, { acquire: [{ name: "b" }] }));
    await releaseForFlow(world, release(1, { release: two }));
    expect(answerTo(world, 3)).toEqual({ output: [{ name: "b", fence: 2 }] });
    expect(answerTo(world, 2)).toBeUndefined();
    expect(await stored(world, "a")).toMatchObject({ owner: runId(2) });
    await releaseForFlow(world, release(3, { release: [{ name: "b" }] }));
    expect(answerTo(world, 2)).toEqual({
      output: [
        { name: "b", fence: 3 },
        { name: "a", fence: 2 },
      ],
    });
    await releaseForFlow(world, release(2, { release: two }));
    for (const lock of ["a", "b"]) expect(await stored(world, lock)).not.toHaveProperty("owner");
  });

  it("go back where a later one of several is nested", async () => {
    const world = fakeWorld(await items());
    await acquireForFlow(world, acquire(world, 1, { acquire: { name: "b" } }));
    await acquireForFlow(world, acquire(world, 1, { acquire: two, step: "acquire two", token: "nested" }));
    expect(world.answered[1]?.answer).toHaveProperty("error");
    expect(await stored(world, "a")).not.toHaveProperty("owner");
    expect(await stored(world, "b")).toHaveProperty("owner");
  });

  it("end a wait that timed out, wherever it stands", async () => {
    const world = fakeWorld(await items());
    for (const n of [1, 2, 3]) await acquireForFlow(world, acquire(world, n));
    await releaseForFlow(world, release(2));
    await releaseForFlow(world, release(1));
    expect(answerTo(world, 2)).toBeUndefined();
    expect(answerTo(world, 3)).toEqual(held(2));
  });

  it("end a wait that timed out, and say which lock of several it was and who holds it", async () => {
    const world = fakeWorld(await items());
    await acquireForFlow(world, acquire(world, 1, { acquire: { name: "b" } }));
    const wanted = two.map((request) => ({ ...request, timeoutSeconds: request.name === "a" ? 5 : 30 }));
    await acquireForFlow(world, acquire(world, 2, { acquire: wanted }));
    const late = release(2, { release: wanted, timedOut: true });
    const since = new Date(world.time).toISOString();
    const message = `Lock "b" was not granted within 30 s: run ${runId(1)} (step "acquire lock") holds it since ${since}. Give a longer timeoutSeconds, or see who holds it with \`millrace locks\`.`;
    for (let repeated = 0; repeated < 2; repeated += 1) {
      await expect(releaseForFlow(world, late)).rejects.toMatchObject({
        name: ErrorName.LOCK_TIMED_OUT,
        ...(repeated === 0 ? { message } : {}),
      });
    }
    expect(await stored(world, "a")).not.toHaveProperty("owner");
    await releaseForFlow(world, release(1, { release: { name: "b" } }));
    expect(await stored(world, "b")).not.toHaveProperty("owner");
    expect(world.answered.length).toBe(1);
  });

  it("are free again where they were granted as the wait timed out", async () => {
    const world = fakeWorld(await items());
    world.machines.answer = async () => "gone";
    await acquireForFlow(world, acquire(world, 1));
    await expect(releaseForFlow(world, release(1, { timedOut: true }))).rejects.toThrow(
      "within 60 s: nobody holds it now",
    );
    expect(await stored(world)).not.toHaveProperty("owner");
  });

  it.each([
    { name: "", why: "cannot be empty" },
    { name: "x".repeat(201), why: "at most 200 characters, this one 201" },
    { name: "a#b", why: 'no "#"' },
    { name: "a", timeoutSeconds: 0, why: "whole seconds from 1" },
  ])("are refused with one clear error and no write: $why", async ({ why, ...request }) => {
    const world = fakeWorld(await items());
    await expect(acquireForFlow(world, acquire(world, 1, { acquire: request }))).rejects.toMatchObject({
      name: ErrorName.INVALID_REQUEST,
      message: expect.stringContaining(why) as string,
    });
    expect(world.writes).toEqual([]);
  });

  it.each([
    { list: [], why: "is empty" },
    { list: [{ name: "a" }, { name: "a" }], why: "named twice" },
  ])("are refused where a list $why", async ({ list, why }) => {
    const world = fakeWorld(await items());
    await expect(acquireForFlow(world, acquire(world, 1, { acquire: list }))).rejects.toThrow(why);
  });

  it(`drain ${waiters} waiters in order`, async () => {
    const world = fakeWorld(await items());
    for (let n = 0; n <= waiters; n += 1) {
      world.time += 1;
      await acquireForFlow(world, acquire(world, n));
    }
    for (let n = 0; n <= waiters; n += 1) await releaseForFlow(world, release(n));
    expect(world.answered.map(({ token }) => token)).toEqual(
      Array.from({ length: waiters + 1 }, (__, n) => `token ${n}`),
    );
    expect(await stored(world)).toMatchObject({ fence: waiters + 1 });
    expect(await stored(world)).not.toHaveProperty("owner");
  });
}

describe("a run that has ended", () => {
  it("leaves its locks to the next in line, and costs no write where it holds none", async () => {
    const world = fakeWorld();
    for (const n of [1, 2]) await acquireForFlow(world, acquire(world, n));
    await releaseLocksOf(world, runId(1), "release");
    expect(answerTo(world, 2)).toEqual(held(2));
    const before = world.writes.length;
    await releaseLocksOf(world, runId(1), "release");
    await releaseLocksOf(world, runId(3), "drain");
    expect(world.writes.length).toBe(before);
  });

  it("keeps them while a task of it may be at work, and the sweep passes them on after that", async () => {
    const world = fakeWorld();
    for (const n of [1, 2]) await acquireForFlow(world, acquire(world, n));
    await releaseLocksOf(world, runId(1), "drain");
    world.time += 64_000;
    expect(await sweepOnce(world, [2])).toMatchObject({ released: 0 });
    await releaseLocksOf(world, runId(1), "drain");
    world.time += 2_000;
    expect(await sweepOnce(world, [2])).toMatchObject({ released: 1 });
    expect(answerTo(world, 2)).toEqual(held(2));
  });

  it("keeps one also after an error where its tasks went on side by side", async () => {
    const world = fakeWorld();
    await acquireForFlow(world, acquire(world, 1, { sideBySide: true }));
    await acquireForFlow(world, acquire(world, 2));
    await releaseLocksOf(world, runId(1), "release");
    expect(answerTo(world, 2)).toBe(undefined);
    world.time += 66_000;
    expect(await sweepOnce(world, [2])).toMatchObject({ released: 1 });
    expect(answerTo(world, 2)).toEqual(held(2));
    expect(await stored(world)).not.toHaveProperty("sideBySide");
    await releaseLocksOf(world, runId(2), "release");
    expect(await stored(world)).not.toHaveProperty("owner");
  });

  it("that nobody heard of is found by the sweep", async () => {
    const world = fakeWorld();
    for (const n of [1, 2, 3]) await acquireForFlow(world, acquire(world, n));
    await record(world, 1, {
      state: "failed",
      rank: 100,
      endedAt: world.time,
      error: { name: "Error", message: "no" },
    });
    await record(world, 2, {
      state: "cancelled",
      rank: 100,
      endedAt: world.time,
      error: { name: "RunCancelled", message: "no" },
    });
    world.time += 10_000;
    world.machines.answer = async (token, answer) => {
      if (token === "token 2") return "gone";
      world.answered.push({ token, answer });
      return "answered";
    };
    expect(await sweepOnce(world, [3])).toMatchObject({ released: 1, problems: [] });
    expect(answerTo(world, 3)).toEqual(held(3));
  });

  it("is told apart from one that the index of open runs does not show yet", async () => {
    const world = fakeWorld();
    await acquireForFlow(world, acquire(world, 1));
    await record(world, 1);
    expect(await sweepOnce(world, [])).toMatchObject({ released: 0 });
    expect(await stored(world)).toHaveProperty("owner");
  });

  it("also leaves what is passed on to it while its end is written", async () => {
    const world = fakeWorld();
    await acquireForFlow(world, acquire(world, 2, { acquire: { name: "b" } }));
    await acquireForFlow(world, acquire(world, 1, { acquire: two }));
    await record(world, 1, { edge: {}, context: {}, execution: acquire(world, 1).run });
    world.machines.answer = async () => "gone";
    let passed = false;
    const passing: Items = {
      ...world.items,
      query: async (asked) => {
        const page = await world.items.query(asked);
        if (!passed && asked.index === "open") {
          passed = true;
          await releaseForFlow(world, release(2, { release: { name: "b" } }));
          expect(await stored(world, "b")).toMatchObject({ owner: runId(1) });
        }
        return page;
      },
    };
    const ended = { startedAt: world.time, endedAt: world.time, error: "Error", cause: "no" };
    await settle({ ...world, items: passing }, { execution: acquire(world, 1).run, status: "FAILED", ...ended });
    for (const lock of ["a", "b"]) expect(await stored(world, lock)).not.toHaveProperty("owner");
  });

  it("is not taken for that of a run that was started by hand, and that nobody has heard of yet", async () => {
    const world = fakeWorld();
    for (const n of [1, 2]) await acquireForFlow(world, acquire(world, n));
    expect(await sweepOnce(world, [2])).toMatchObject({ released: 0 });
    expect(await stored(world)).toMatchObject({ owner: runId(1) });
    expect(answerTo(world, 2)).toBeUndefined();
  });
});

describe("a sweep", () => {
  it("tells a flow of the lock that it was given, and stops at no error", async () => {
    const world = fakeWorld();
    await acquireForFlow(world, acquire(world, 1, { acquire: { name: "a" } }));
    await acquireForFlow(world, acquire(world, 9, { acquire: { name: "b" } }));
    await acquireForFlow(world, acquire(world, 2, { acquire: { name: "b" } }));
    const { answer } = world.machines;
    world.machines.answer = () => Promise.reject(new Error("the response was lost"));
    await expect(releaseForFlow(world, release(9, { release: { name: "b" } }))).rejects.toThrow("lost");
    world.time += 21_000;
    expect((await sweepOnce(world, [1, 2])).problems).toEqual(['the lock "b": Error: the response was lost']);
    world.machines.answer = answer;
    expect(await sweepOnce(world, [1, 2])).toMatchObject({ answered: 1, problems: [] });
    expect(answerTo(world, 2)).toEqual(held(2, "b"));
  });
});

describe("an operator", () => {
  it("sees who holds and who waits, and takes a lock away under its fence", async () => {
    const world = fakeWorld();
    for (const n of [1, 2]) await acquireForFlow(world, acquire(world, n));
    const since = world.time;
    const holder = { run: runId(1), step: "acquire lock", since };
    const waiting = [{ run: runId(2), step: "acquire lock", since }];
    expect(await readLocks(world)).toEqual([{ name: LOCK, fence: 1, holder, waiting, more: false }]);
    await expect(forceRelease(world, { name: LOCK, fence: 7 })).rejects.toMatchObject({
      name: ErrorName.LOCK_NOT_HELD,
      message: expect.stringContaining("holds it under fence 1") as string,
    });
    await forceRelease(world, { name: LOCK, fence: 1 });
    expect(await readLock(world, LOCK)).toMatchObject({ fence: 2, holder: { run: runId(2) }, waiting: [] });
    await releaseForFlow(world, release(1));
    expect(await stored(world)).toMatchObject({ owner: runId(2) });
    await releaseForFlow(world, release(2));
    await expect(forceRelease(world, { name: LOCK, fence: 2 })).rejects.toThrow("it is free");
  });
});
