import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compileFlow } from "../../../engine/compiler/compile.ts";
import { trial } from "../machine/trial.ts";

/** No file of the fixture can have it: the repository's own TypeScript options forbid it. */
const TEXT = `
export async function flow({ n }: { n: number }): Promise<string> {
  let text = "";
  switch (n) {
    case 1:
      text = "one ";
    case 2:
    case 3:
      text = \`\${text}some\`;
      break;
    default:
      text = "many ";
    case 4:
      text = \`\${text}four\`;
  }
  return text;
}
`;

const root = mkdtempSync(join(tmpdir(), "millrace-compiler-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("A clause without break", () => {
  mkdirSync(join(root, "functions/numbers"), { recursive: true });
  writeFileSync(join(root, "functions/numbers/flows.ts"), TEXT);
  const { workflows, diagnostics } = compileFlow(root, "functions/numbers/flows.ts", "flow");
  const machine = workflows[0]?.machine;

  it.each([
    [1, "one some"],
    [2, "some"],
    [3, "some"],
    [4, "four"],
    [5, "many four"],
  ])("leads on into the next one: %i gives %s", async (n, expected) => {
    expect(diagnostics).toEqual([]);
    const { outcome } = await trial(machine ?? { QueryLanguage: "JSONata", StartAt: "", States: {} }, { input: { n } });
    expect(outcome).toMatchObject({ status: "SUCCEEDED", output: expected });
  });
});
