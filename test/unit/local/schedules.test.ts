import { describe, expect, it } from "vitest";
import * as z from "zod";
import { runSchedules } from "../../../engine/local/schedules.ts";
import type { Clock } from "../../../engine/model/clock.ts";
import { WorkflowType, type WorkflowDefinition } from "../../../engine/model/workflow.ts";

function scheduled(cron: string, more: Partial<WorkflowDefinition> = {}): WorkflowDefinition {
  return {
    name: "scheduled",
    type: WorkflowType.INTERNAL,
    module: "some/flows",
    function: "flow",
    parameters: z.object({}),
    result: z.null(),
    tags: [],
    cron,
    ...more,
  };
}

const at = (text: string): number => Date.parse(text);

/** A clock whose sleepers wake at once, at their time; the signal aborts when the clock is past `until`. */
function virtualClock(start: string, until: string): { clock: Clock; signal: AbortSignal } {
  let now = at(start);
  const over = new AbortController();
  const clock: Clock = {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
      if (now > at(until)) over.abort();
    },
  };
  return { clock, signal: over.signal };
}

describe("runSchedules", () => {
  async function fired(workflow: WorkflowDefinition, since: string, start: string, until: string): Promise<string[]> {
    const { clock, signal } = virtualClock(start, until);
    const times: string[] = [];
    await runSchedules(
      [workflow],
      at(since),
      clock,
      async ({ scheduledAt }) => void times.push(new Date(scheduledAt).toISOString()),
      signal,
    );
    return times;
  }

  it("fires each time once until it is told to end", async () => {
    const start = "2027-01-01T00:00:00Z";
    expect(await fired(scheduled("0 * * * *"), start, start, "2027-01-01T03:30:00Z")).toEqual([
      "2027-01-01T01:00:00.000Z",
      "2027-01-01T02:00:00.000Z",
      "2027-01-01T03:00:00.000Z",
    ]);
  });

  it("catches up what was missed less than its shortest period ago, and drops what is older", async () => {
    expect(
      await fired(scheduled("*/20 * * * *"), "2026-12-01T00:00:00Z", "2027-01-01T00:50:00Z", "2027-01-01T01:10:00Z"),
    ).toEqual(["2027-01-01T00:40:00.000Z", "2027-01-01T01:00:00.000Z"]);
  });

  it("catches nothing up that was due before anything drove runs here", async () => {
    expect(
      await fired(scheduled("0 0 * * *"), "2027-01-01T00:30:00Z", "2027-01-01T00:30:00Z", "2027-01-02T00:30:00Z"),
    ).toEqual(["2027-01-02T00:00:00.000Z"]);
  });

  it("ends at once for workflows without cron", async () => {
    const { cron, ...plain } = scheduled("* * * * *");
    expect(cron).toBeDefined();
    expect(await fired(plain, "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z")).toEqual([]);
  });
});
