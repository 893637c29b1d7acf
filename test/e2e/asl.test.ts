import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const FOLDER = mkdtempSync(join(tmpdir(), "millrace-asl-"));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

function file(name: string, value: unknown): string {
  const path = join(FOLDER, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

const definition = {
  QueryLanguage: "JSONata",
  StartAt: "call",
  States: {
    call: { Type: "Task", Resource: "arn:aws:lambda:eu-west-1:123456789012:function:f", Next: "end" },
    end: { Type: "Succeed", Output: { got: "{% $states.input %}" } },
  },
};

const MAIN = join(import.meta.dirname, "../../engine/cli/main.ts");

function asl(machine: unknown, tasks: unknown) {
  const options = ["--input", file("input.json", { a: 1 }), "--tasks", file("tasks.json", tasks)];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, "asl", file("machine.json", machine), ...options],
    {
      encoding: "utf8",
    },
  );
  return { status, stdout, stderr };
}

describe("millrace asl", () => {
  it("prints what the execution came to", () => {
    const { status, stdout } = asl(definition, { call: [{ result: 5 }] });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      status: "SUCCEEDED",
      output: { got: 5 },
      calls: [{ state: "call", resource: definition.States.call.Resource, arguments: { a: 1 } }],
      events: [
        ...["TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"],
        ...["TaskStateExited", "SucceedStateEntered", "SucceedStateExited"],
      ],
    });
  });

  it.each([
    [1, definition, { call: [{ error: "Declined", cause: "no" }] }, "Declined: no"],
    [2, definition, {}, 'State "call" makes a call'],
    [7, [], {}, "a definition is a JSON object"],
    [7, { ...definition, QueryLanguage: "JSONPath" }, {}, 'state "call": it is in JSONPath'],
  ])("ends with %i", (code, machine, tasks, said) => {
    const { status, stdout, stderr } = asl(machine, tasks);
    expect(status).toBe(code);
    expect(stderr).toContain(said);
    expect(stdout === "").toBe(code !== 1);
  });

  it.each([
    [2, ["nowhere.json", "--input", "INPUT"], "nowhere.json cannot be read: ENOENT"],
    [2, ["MACHINE", "--input", "BROKEN"], "broken.json cannot be read: Expected"],
    [2, ["MACHINE", "--input", "INPUT", "--tasks", "INPUT"], 'The tasks file has no list for state "a"'],
    [7, ["BROKEN", "--input", "INPUT"], "broken.json cannot be read: Expected"],
  ])("ends with %i for a file that is none", (code, given, said) => {
    const broken = join(FOLDER, "broken.json");
    writeFileSync(broken, "{");
    const paths: Record<string, string> = {
      MACHINE: file("machine.json", definition),
      INPUT: file("input.json", { a: 1 }),
      BROKEN: broken,
    };
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "asl", ...given.map((one) => paths[one] ?? one)], {
      encoding: "utf8",
    });
    expect(stderr).toContain(said);
    expect(status).toBe(code);
  });
});
