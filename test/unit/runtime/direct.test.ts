import { describe, expect, it } from "vitest";
import * as z from "zod";
import { addBranchTag } from "../../../engine/runtime/scope.ts";
import { task } from "../../../engine/runtime/task.ts";
import { direct } from "../../../engine/testing/direct.ts";
import { newTrace } from "../../../engine/testing/trace.ts";

let failures = 0;
const flaky = task(
  {
    name: "flaky",
    input: z.object({ fail: z.number(), at: z.any() }),
    output: z.any(),
    retries: 2,
    retryDelaySeconds: 60,
  },
  async ({ fail, at }, { log }) => {
    log.info("tried", { fail });
    if (failures++ < fail) throw new TypeError("not yet");
    return at as unknown;
  },
);

async function flow({ fail }: { fail: number }): Promise<unknown> {
  await addBranchTag("main");
  return flaky({ fail, at: new Date(0) });
}

describe("a flow called directly", () => {
  it("sees task results after a trip through JSON, retried as declared, and leaves a trace", async () => {
    failures = 0;
    const trace = newTrace();
    expect(await direct(flow, { fail: 2 }, { trace })).toBe("1970-01-01T00:00:00.000Z");
    expect(trace.calls.map(({ attempt, error }) => [attempt, error])).toEqual([
      [1, "TypeError"],
      [2, "TypeError"],
      [3, undefined],
    ]);
    expect([...trace.tags]).toEqual(["infrahub.app/branch/main"]);
    expect(trace.logs).toHaveLength(3);
  });

  it("throws what the flow throws once retries are used up", async () => {
    failures = 0;
    const trace = newTrace();
    await expect(direct(flow, { fail: 9 }, { trace })).rejects.toMatchObject({ name: "TypeError", message: "not yet" });
    expect(trace.calls).toHaveLength(3);
  });

  it("does not retry input that the schema refuses", async () => {
    const trace = newTrace();
    await expect(direct(flow, { fail: "x" as never }, { trace })).rejects.toMatchObject({ name: "InvalidInput" });
    expect(trace.calls).toHaveLength(1);
  });
});
