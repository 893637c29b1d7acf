import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "../../../engine/client/connect.ts";
import { local } from "../../../engine/local/local.ts";
import { temporaryFolder } from "../local/temporary.ts";
import { LOOK } from "./fixture/catalogue/index.ts";

describe("a flow whose tasks have a cache", () => {
  it("is compiled as any other, and gets from one run to the next what is kept", async () => {
    const platform = local({ root: join(import.meta.dirname, "fixture"), directory: temporaryFolder() });
    onTestFinished(() => platform.close());
    const workflows = connect(platform);
    const look = async (reason: string) => {
      const parameters = { repository: "r", commit: "c", reason };
      const { id } = await workflows.submitWorkflow(LOOK, { parameters });
      const { logs, run } = { run: await workflows.waitForRun(id), logs: await workflows.logs(id) };
      return { id, result: run.state === "completed" ? run.result : run, said: logs.map(({ message }) => message) };
    };
    const first = await look("morning");
    expect(first).toMatchObject({ result: expect.stringContaining(`1 runs/${first.id}/`) as string, said: [] });
    const kept = (task: string, run: { readonly id: string }) =>
      `"${task}" is answered from the cache: run ${run.id} worked it out`;
    const second = await look("evening");
    expect(second.result).toMatch(`1 runs/${second.id}/`);
    expect(second.said).toEqual([kept("read-tree", first)]);
    const third = await look("evening");
    expect(third.result).toBe(second.result);
    expect(third.said).toEqual([kept("read-tree", first), kept("read-files", second)]);
  });
});
