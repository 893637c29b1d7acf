import { describe, expect, it } from "vitest";
import { follow } from "../../../engine/cli/follow.ts";
import { outputTo } from "../../../engine/cli/output.ts";
import type { Session } from "../../../engine/cli/session.ts";
import type { LogLine, Run, Step } from "../../../engine/model/run.ts";

const run: Run = {
  id: "id",
  workflow: "w",
  name: "w",
  execution: "arn",
  context: {},
  tags: [],
  createdAt: 0,
  state: "completed",
  startedAt: 0,
  endedAt: 9,
};
const step: Step = { name: "a", kind: "task", state: "running", attempt: 1, startedAt: 1 };
const line: LogLine = { time: 2, level: "info", message: "halfway", step: "a" };

/** A run whose step is seen to begin, to log and to end, one look at a time; then the run ends. */
function session(wait: (looks: Promise<void>) => Promise<Run>): Session {
  const { promise, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  const workflows = {
    waitForRun: () => wait(promise),
    steps: async () => {
      looks += 1;
      if (looks === 3) resolve();
      return [looks < 3 ? step : { ...step, state: "completed", endedAt: 5 }];
    },
    logs: async () => (looks < 2 ? [] : [line]),
  };
  return { platform: { kind: "local" }, workflows } as unknown as Session;
}

describe("follow", () => {
  it("tells each event once, in order, and answers the run", async () => {
    const told: string[] = [];
    const output = outputTo((text) => told.push(text), false);
    expect(
      await follow(
        session((looks) => looks.then(() => run)),
        "id",
        output,
      ),
    ).toBe(run);
    expect(told.map((text) => text.trim().replace(/ {2,}/g, " "))).toEqual(["▸ a", "info halfway", "✓ a 4 ms"]);
  });

  it("says nothing on the way with --json", async () => {
    const output = outputTo(() => expect.fail("said something"), true);
    expect(
      await follow(
        session(async () => run),
        "id",
        output,
      ),
    ).toBe(run);
  });

  it("ends with the error of the wait", async () => {
    const failing = session((looks) => looks.then(() => Promise.reject(new Error("gone"))));
    await expect(
      follow(
        failing,
        "id",
        outputTo(() => undefined, false),
      ),
    ).rejects.toThrow("gone");
  });
});
