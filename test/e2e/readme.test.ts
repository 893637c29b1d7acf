import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ExitCode } from "../../engine/cli/exit-codes.ts";
import { outputTo } from "../../engine/cli/output.ts";
import { program } from "../../engine/cli/program.ts";
import { ROOT, start, temporaryDirectory } from "./command-line.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
const BLOCKS = [...README.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
const PROGRAMS = BLOCKS.filter((code) => code.startsWith("import "));
const QUOTES = BLOCKS.filter((code) => !code.startsWith("import "));

describe("README", () => {
  it("begins with a program that runs as it stands", async () => {
    expect(README.split("\n").slice(0, 30).join("\n")).toContain("await workflows.close();");
    const { code, stdout, stderr } = await run(PROGRAMS[0] ?? "");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^added at [0-9a-f]{40}; 1 objects checked\n$/);
  });

  it("has no other program that fails", async () => {
    for (const program of PROGRAMS.slice(1)) expect(await run(program)).toMatchObject({ code: 0, stderr: "" });
  });

  it("quotes the flow as it is", () => {
    const flow = readFileSync(join(ROOT, "functions/validation/flows.ts"), "utf8");
    expect(flow).toContain(QUOTES[0]);
  });

  it("has every command and every exit code in its tables", () => {
    const rows = [...README.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
    const commands = program((json) => outputTo(() => undefined, json)).commands.map((command) => command.name());
    expect(rows).toEqual(expect.arrayContaining(commands));
    const codes = [...README.matchAll(/^\| (\d) +\|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(ExitCode));
  });
});

/** As a file of this name in the checkout would run; blobs and database lie elsewhere. */
function run(code: string) {
  const directory = temporaryDirectory();
  const text = code.replaceAll('".millrace/', `"${directory}/`);
  return start([process.execPath, "--input-type=module-typescript"], directory, { input: text }).ended;
}
