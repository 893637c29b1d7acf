import { describe, expect, it } from "vitest";
import { formatDuration, formatTime, parseAhead, parseSince } from "../../../engine/cli/duration.ts";

describe("duration", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1.00 s"],
    [1_239, "1.23 s"],
    [59_999, "59.99 s"],
    [60_000, "1 min 0 s"],
    [184_000, "3 min 4 s"],
    [3_600_000, "1 h 0 min"],
    [90_000_000, "1 d 1 h"],
  ])("%d ms reads %s", (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

  it("shows a time in UTC to the second", () => {
    expect(formatTime(Date.UTC(2026, 10, 24, 14, 3, 22, 999))).toBe("2026-11-24 14:03:22Z");
  });

  it.each([
    ["90s", 90_000],
    ["30min", 1_800_000],
    ["30m", 1_800_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
  ])("reads %s as a time before now, and as one to come", (text, milliseconds) => {
    expect(parseSince(text, 1e12)).toBe(1e12 - milliseconds);
    expect(parseAhead(text, 1e12)).toBe(1e12 + milliseconds);
  });

  it("reads an ISO time and refuses other text", () => {
    expect(parseSince("2026-11-24T08:00:00Z", 0)).toBe(Date.UTC(2026, 10, 24, 8));
    for (const text of ["", "h", "2 weeks", "yesterday", "-2h", "2026-99-99", "12"]) {
      expect(parseSince(text, 0)).toBeUndefined();
    }
  });
});
