import { describe, expect, it } from "vitest";
import { firesAfter, maximumAgeSeconds } from "../../../engine/model/schedule.ts";

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
    expect([...firesAfter({}, 0)]).toEqual([]);
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
