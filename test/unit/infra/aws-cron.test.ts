import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awsCronExpressions } from "../../../infra/aws-cron.ts";

const FIRES = 1000;
/** Zones and moments a little before their clocks change; Lord Howe changes by half an hour. */
const STARTS = {
  UTC: ["2026-01-30T22:00:00Z"],
  "Europe/Berlin": ["2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z"],
  "America/New_York": ["2026-03-08T02:00:00Z", "2026-11-01T02:00:00Z"],
  "Australia/Lord_Howe": ["2026-04-04T10:00:00Z", "2026-10-03T10:00:00Z"],
  "Asia/Kathmandu": ["2027-12-31T16:00:00Z"],
};

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "sun"];

/** One field of unix cron: a star, or a list of numbers, names, ranges and steps. */
function field(low: number, high: number, names: readonly string[] = []): fc.Arbitrary<string> {
  const text = (value: number): fc.Arbitrary<string> =>
    fc.constantFrom(String(value), names[value - low] ?? String(value));
  const value = fc.integer({ min: low, max: high });
  const single = value.chain(text);
  const range = fc
    .uniqueArray(value, { minLength: 2, maxLength: 2 })
    .map((pair) => pair.sort((a, b) => a - b))
    .filter(([, to]) => to !== 7 || names !== DAYS)
    .chain(([from = low, to = high]) =>
      fc
        .tuple(text(from), text(to), fc.option(fc.integer({ min: 1, max: to - from })))
        .map(([a, b, step]) => `${a}-${b}${step === null ? "" : `/${step}`}`),
    );
  const stepped = fc.integer({ min: 1, max: Math.floor((high - low) / 2) }).map((step) => `*/${step}`);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant("*") },
    { weight: 2, arbitrary: single },
    { weight: 2, arbitrary: stepped },
    {
      weight: 3,
      arbitrary: fc.array(fc.oneof(single, range), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(",")),
    },
  );
}

const unixCron = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12, MONTHS), field(0, 7, DAYS))
  .map((fields) => fields.join(" "));

function fires(schedule: Cron, from: Date): number[] {
  return schedule.nextRuns(FIRES, from).map((date) => date.getTime());
}

function firesOnAws(expressions: readonly string[], timezone: string, from: Date): number[] {
  const schedules = expressions.map(
    (expression) => new Cron(`0 ${expression}`, { alternativeWeekdays: true, sloppyRanges: true, timezone }),
  );
  const all = new Set(schedules.flatMap((schedule) => fires(schedule, from)));
  return [...all].sort((a, b) => a - b).slice(0, FIRES);
}

describe("awsCronExpressions", () => {
  it.each(Object.entries(STARTS))("fires when unix cron fires, the next 1,000 times in %s", (timezone, starts) => {
    fc.assert(
      fc.property(unixCron, fc.constantFrom(...starts), (cron, start) => {
        const from = new Date(start);
        const expected = fires(new Cron(cron, { mode: "5-part", timezone }), from);
        expect(firesOnAws(awsCronExpressions(cron), timezone, from)).toEqual(expected);
      }),
      { numRuns: 6 },
    );
  });

  it.each([
    ["*/15 * * * *", ["0/15 * * * ? *"]],
    ["17 3 * * *", ["17 3 * * ? *"]],
    ["0 9 * * mon-fri", ["0 9 ? * MON-FRI *"]],
    ["0 0 * JAN-MAR 0,7", ["0 0 ? 1-3 SUN *"]],
    ["0 0 * * 5-7", ["0 0 ? * SUN,FRI-SAT *"]],
    ["10-30/5 1,2,3,9 */2 * *", ["10,15,20,25,30 1-3,9 1/2 * ? *"]],
    ["0 0 13 * FRI", ["0 0 13 * ? *", "0 0 ? * FRI *"]],
  ])("writes %s as %j", (cron, expressions) => {
    expect(awsCronExpressions(cron)).toEqual(expressions);
  });

  it.each(["0 0 L * *", "0 0 15W * *", "0 0 * * 5L", "0 24 * * *", "5/10 * * * *", "*/0 * * * *", "* * * *"])(
    "refuses %s and says what is allowed",
    (cron) => {
      expect(() => awsCronExpressions(cron)).toThrowError(/cannot become a schedule on AWS: ".*" is no .*allowed are/);
    },
  );
});
