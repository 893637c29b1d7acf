import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, describe, expect, it, vi } from "vitest";
import { connect } from "../../engine/client/connect.ts";
import type { LocalOptions } from "../../engine/local/local.ts";
import { ASK } from "../unit/local/fixture/catalogue/index.ts";
import { documents, temporaryDirectory } from "./command-line.ts";
import { inProcess } from "./in-process.ts";

const ROOT = join(import.meta.dirname, "..", "unit", "local", "fixture");

// The command line of a project whose flow waits for an approval.
vi.mock("../../engine/local/local.ts", async (original) => {
  const { local } = await original<typeof import("../../engine/local/local.ts")>();
  return { local: (options: LocalOptions = {}) => local({ root: ROOT, ...options }) };
});
const { local } = await import("../../engine/local/local.ts");
afterAll(() => vi.restoreAllMocks());

describe("millrace answer", () => {
  it("answers what millrace show says that a run waits for", async () => {
    const directory = temporaryDirectory();
    const cli = (...words: string[]) => inProcess(directory, ...words);
    const platform = local({ directory });
    const workflows = connect(platform);
    try {
      const { id } = await workflows.submitWorkflow(ASK, { parameters: { name: "Ada" } });
      await vi.waitFor(async () => expect(await workflows.waitingEvents(id)).toHaveLength(1), { timeout: 10_000 });
      const shown = stripVTControlCharacters((await cli("show", id)).stdout);
      expect(shown).toContain(`npx millrace answer ${id} 'approval' --value '<json>'`);
      expect(documents((await cli("show", id, "--json")).stdout)).toMatchObject([
        { run: { id }, waiting: [{ step: "approval", event: "approval" }] },
      ]);
      const answer = (...words: string[]) => cli("answer", id, "approval", ...words);
      expect(await answer()).toMatchObject({ code: 2 });
      expect(await answer("--value", "yes")).toMatchObject({ code: 2 });
      expect(await answer("--value", "{}")).toMatchObject({ code: 7 });
      expect(await cli("answer", id, "other", "--value", "{}")).toMatchObject({ code: 9 });
      const told = await answer("--error", "Vetoed", "--message", "by Grace", "--json");
      expect(documents(told.stdout)).toEqual([{ id, step: "approval" }]);
      expect(await workflows.waitForRun(id)).toMatchObject({ state: "completed", result: "Vetoed: by Grace" });
      expect(await answer("--value", "{}")).toMatchObject({ code: 9 });
    } finally {
      await platform.close();
    }
  });
});
