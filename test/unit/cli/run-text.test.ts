import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { eventText, runTable, runText, stateText, stepText } from "../../../engine/cli/run-text.ts";
import type { Run, Step } from "../../../engine/model/run.ts";

const facts = {
  id: "01890000-0000-7000-8000-000000000000",
  workflow: "custom-validation-workflow",
  name: "Validate Device objects",
  execution: "arn:aws:states:local:000000000000:execution:local_custom-validation-workflow:01890000",
  parameters: { objectKind: "Device" },
  context: { branch: "main" },
  tags: ["infrahub.app", "infrahub.app/branch/main"],
  createdAt: 0,
} as const;
const completed: Run = { ...facts, state: "completed", startedAt: 0, endedAt: 1_240, result: 2 };
const failed: Run = {
  ...facts,
  state: "failed",
  startedAt: 0,
  endedAt: 12,
  error: { name: "NotReachable", message: "no such host", at: "functions/git/flows.ts:31" },
};
const attempt: Step = {
  name: "clone",
  kind: "task",
  at: "functions/git/flows.ts:31",
  state: "completed",
  attempt: 1,
  startedAt: 5,
  endedAt: 417,
};
const plain = (text: string | undefined) => stripVTControlCharacters(text ?? "");

describe("run text", () => {
  it("shows the record of a run", () => {
    expect(plain(runText(completed))).toBe(
      [
        "Validate Device objects  completed in 1.24 s",
        "  run         01890000-0000-7000-8000-000000000000",
        "  workflow    custom-validation-workflow",
        "  created     1970-01-01 00:00:00Z",
        '  parameters  {"objectKind":"Device"}',
        '  context     {"branch":"main"}',
        "  tags        infrahub.app",
        "              infrahub.app/branch/main",
        "  result      2",
      ].join("\n"),
    );
  });

  it("shows the error with its source line", () => {
    expect(plain(runText(failed))).toContain(
      "  error       NotReachable: no such host\n              at functions/git/flows.ts:31",
    );
  });

  it("shows the line of the step that failed where the error names none", () => {
    const silent = { ...failed, error: { name: "States.Timeout", message: "States.Timeout" } };
    const steps = [attempt, { ...attempt, state: "failed" as const, at: "functions/git/flows.ts:35" }];
    expect(plain(runText(silent, steps))).toContain("\n              at functions/git/flows.ts:35");
    expect(plain(runText(silent, [attempt]))).not.toContain("functions/");
    expect(plain(runText(completed, steps))).not.toContain("functions/");
  });

  it("has no duration for a run that goes on", () => {
    expect(plain(stateText({ ...facts, state: "running", startedAt: 0 }))).toBe("running");
  });

  it("lists runs one a line", () => {
    expect(
      runTable([completed, failed])
        .split("\n")
        .map((row) => row.slice(38)),
    ).toEqual([
      "completed  1970-01-01 00:00:00Z  1.24 s  custom-validation-workflow  Validate Device objects",
      "failed     1970-01-01 00:00:00Z  12 ms   custom-validation-workflow  Validate Device objects",
    ]);
  });

  it("shows a step with its duration, source line, attempt and error", () => {
    expect(plain(stepText(attempt))).toBe(`✓ clone${" ".repeat(35)}    412 ms  functions/git/flows.ts:31`);
    const error = { name: "Error", message: "refused" };
    expect(plain(stepText({ ...attempt, attempt: 2, state: "failed", error }))).toMatch(
      /^✗ clone \(attempt 2\) .*flows.ts:31\n {6}Error: refused$/,
    );
  });

  it("says how many items of a batch are left out", () => {
    const batch = { ...attempt, kind: "map", omittedItems: 4_900 } as const;
    expect(plain(stepText(batch))).toMatch(/flows\.ts:31\n {6}4900 items before these are not shown$/);
  });

  it("tells the beginning of tasks, waits and children alone", () => {
    const told = (kind: Step["kind"]) => plain(eventText({ kind: "started", time: 5, step: { ...attempt, kind } }));
    expect(told("task")).toMatch(/^ {2}▸ clone/);
    expect(told("choice")).toBe("");
  });
});
