import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ExitCode } from "../../engine/cli/exit-codes.ts";
import { CataloguePlan } from "../../engine/model/plan.ts";
import { inProcess } from "./in-process.ts";

const directory = mkdtempSync(join(tmpdir(), "millrace-plan-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const cli = (...words: string[]) => inProcess(directory, "plan", ...words);

describe("millrace plan", () => {
  it("prints JSON of its schema, which it is held against later", async () => {
    const { code, stdout } = await cli("--json");
    expect(code).toBe(ExitCode.OK);
    expect(CataloguePlan.parse(JSON.parse(stdout)).workflows.length).toBeGreaterThan(1);
    const file = join(directory, "plan.json");
    writeFileSync(file, stdout);
    const later = await cli("clean-up-deadlocks", "--against", file, "--markdown");
    expect(later.stdout).toContain("| `clean-up-deadlocks` | 1 | 7 |");
    expect(later.stdout).not.toContain("changed");
  });

  it("refuses what it does not know", async () => {
    expect(await cli("nothing")).toMatchObject({ code: ExitCode.NOT_FOUND });
    expect(await cli("--rate", "often")).toMatchObject({ code: ExitCode.USAGE });
    expect(await cli("--against", join(directory, "none.json"))).toMatchObject({ code: ExitCode.USAGE });
  });
});
