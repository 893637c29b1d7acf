import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Shown, timeline, type TimelineEvent } from "../../../engine/cli/timeline.ts";
import type { LogLine, Step } from "../../../engine/model/run.ts";

function step(name: string, startedAt: number, endedAt?: number, attempt = 1): Step {
  const state = endedAt === undefined ? "running" : "completed";
  return { name, kind: "task", state, attempt, startedAt, ...(endedAt === undefined ? {} : { endedAt }) };
}
function line(stepName: string, time: number, message = "m"): LogLine {
  return { time, level: "info", message, step: stepName };
}
function told(events: readonly TimelineEvent[]): string[] {
  return events.map((event) => (event.kind === "log" ? event.line.message : `${event.kind} ${event.step.name}`));
}

describe("timeline", () => {
  it("tells a step, its log lines and its end before the next step, all in one millisecond", () => {
    const events = timeline([step("a", 5, 5), step("b", 5)], [line("a", 5, "of a"), line("b", 5, "of b")], false);
    expect(told(events)).toEqual(["started a", "of a", "ended a", "started b", "of b"]);
  });

  it("tells steps that run side by side in order of time", () => {
    const events = timeline([step("a", 1, 9), step("b", 2, 4)], [line("a", 3, "of a"), line("gone", 7, "loose")], true);
    expect(told(events)).toEqual(["started a", "started b", "of a", "ended b", "loose", "ended a"]);
  });

  it("keeps a line back until its step is known or the run is over", () => {
    expect(told(timeline([], [line("a", 3)], false))).toEqual([]);
    expect(told(timeline([step("a", 2)], [line("a", 3)], false))).toEqual(["started a", "m"]);
    expect(told(timeline([], [line("a", 3)], true))).toEqual(["m"]);
  });

  it("tells a line within its own attempt, whatever the clock of the task says", () => {
    const events = timeline(
      [step("a", 10, 20), step("a", 30, 40, 2)],
      [line("a", 5, "1"), line("a", 25, "2"), line("a", 45, "3")],
      false,
    );
    expect(told(events)).toEqual(["started a", "1", "2", "ended a", "started a", "3", "ended a"]);
  });

  it("tells every event once, however often and at whatever moment the run is read", () => {
    const moments = fc.array(fc.record({ start: fc.nat(20), took: fc.nat(5) }), { maxLength: 8 });
    fc.assert(
      fc.property(moments, fc.array(fc.nat(20), { maxLength: 8 }), (spans, reads) => {
        const steps = spans.map(({ start, took }, index) =>
          step(`s${index % 3}`, start, start + took, 1 + Math.floor(index / 3)),
        );
        const logs = spans.map(({ start }, index) => line(`s${index % 3}`, start)).sort((a, b) => a.time - b.time);
        const shown = new Shown();
        const all = [...reads.sort((a, b) => a - b), Infinity].flatMap((now) =>
          shown.news(
            timeline(
              steps
                .filter((one) => one.startedAt <= now)
                .map((one) => (one.endedAt! <= now ? one : step(one.name, one.startedAt, undefined, one.attempt))),
              logs.filter((one) => one.time <= now),
              now === Infinity,
            ),
          ),
        );
        expect(all.filter(({ kind }) => kind === "started")).toHaveLength(spans.length);
        expect(all.filter(({ kind }) => kind === "ended")).toHaveLength(spans.length);
        expect(all.filter(({ kind }) => kind === "log")).toHaveLength(spans.length);
      }),
    );
  });
});
