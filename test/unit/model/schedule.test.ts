import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fireKey, firesAfter, firesBefore, maximumAgeSeconds, nextFires } from "../../../engine/model/schedule.ts";

function fires(cron: string, timezone: string | undefined, after: string, count: number): string[] {
  const workflow = { cron, ...(timezone === undefined ? {} : { timezone }) };
  return firesAfter(workflow, Date.parse(after))
    .take(count)
    .map((time) => new Date(time).toISOString())
    .toArray();
}

describe("the fires of a cron entry", () => {
  it("are read in its zone, across the change to summer time", () => {
    expect(fires("30 6 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", 3)).toEqual([
      "2027-03-27T05:30:00.000Z",
      "2027-03-28T04:30:00.000Z",
      "2027-03-29T04:30:00.000Z",
    ]);
  });

  it("come strictly after the moment, in UTC where no zone is given", () => {
    const expected = ["2027-01-01T00:20:00.000Z", "2027-01-01T00:30:00.000Z"];
    expect(fires("*/10 * * * *", undefined, "2027-01-01T00:10:00Z", 2)).toEqual(expected);
    expect(fires("*/10 * * * *", "UTC", "2027-01-01T00:10:00Z", 2)).toEqual(expected);
  });

  it("are none without a cron entry", () => {
    expect([...firesAfter({}, 0), ...firesBefore({}, 0)]).toEqual([]);
  });

  it("leave out a time that the zone skips in spring", () => {
    expect(fires("30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", 2)).toEqual([
      "2027-03-27T01:30:00.000Z",
      "2027-03-29T00:30:00.000Z",
    ]);
    const before = firesBefore({ cron: "30 2 * * *", timezone: "Europe/Berlin" }, Date.parse("2027-03-29T12:00:00Z"));
    expect(before.take(2).map(fireKey).toArray()).toEqual(["2027-03-29T00:30:00Z", "2027-03-27T01:30:00Z"]);
  });

  it("are the same read backwards, strictly before the moment", () => {
    const crons = ["*/7 * * * *", "15 */5 * * *", "0 9,17 * * 1-5", "30 2 * * *", "0 0 29 2 *"];
    const zones = ["UTC", "Europe/Berlin", "Australia/Lord_Howe"];
    fc.assert(
      fc.property(fc.constantFrom(...crons), fc.constantFrom(...zones), fc.nat(10_000), (cron, timezone, hours) => {
        const workflow = { cron, timezone };
        const forwards = nextFires(workflow, Date.parse("2027-01-01T00:00:00Z") + hours * 3_600_000, 6);
        const backwards = firesBefore(workflow, forwards[5] ?? 0).take(5);
        expect(backwards.toArray()).toEqual(forwards.slice(0, 5).reverse());
      }),
      { numRuns: 60 },
    );
  });

  it("have keys as EventBridge Scheduler writes their time", () => {
    expect(fireKey(Date.parse("2026-11-01T02:00:00.000Z"))).toBe("2026-11-01T02:00:00Z");
  });
});

describe("the age from which on a fire is dropped", () => {
  it.each([
    ["* * * * *", 60],
    ["*/10 * * * *", 600],
    ["0,50 * * * *", 600],
    ["0 0 * * *", 3600],
    ["0 0 29 2 *", 3600],
    ["0 9,17 * * 1", 3600],
  ])("of %s is the shortest pause between two fires, an hour at most: %i s", (cron, seconds) => {
    expect(maximumAgeSeconds({ cron })).toBe(seconds);
    expect(maximumAgeSeconds({ cron, timezone: "Australia/Lord_Howe" })).toBe(seconds);
  });
});
