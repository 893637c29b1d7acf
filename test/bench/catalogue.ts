import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Measured } from "./measure.ts";
import { spread } from "./spread.ts";

/**
 * `npm run bench:catalogue [-- workflows]`: what a generated catalogue costs, 100 workflows of 15 steps where the number is
 * left out, as min / median / max of some rounds, each in a process of its own.
 */
const [workflows = "100"] = process.argv.slice(2);
const ROUNDS = 3;
const SCRIPT = join(import.meta.dirname, "generated-catalogue.ts");

const LINES: { readonly [what: string]: readonly (readonly [key: string, title: string, unit: string])[] } = {
  compile: [
    ["cold", "compile all of it, in a new process", "ms"],
    ["cpu", "  processor time of that", "ms"],
    ["memory", "  resident memory of the process", "MiB"],
    ["changed", "compile it again with one flow changed", "ms"],
  ],
  watch: [["used", "from a saved flow until the next run has it", "ms"]],
  synth: [
    ["synthesized", "cdk synth, without the start of its process", "ms"],
    ["template", "  its template", "KiB"],
  ],
};

const folder = mkdtempSync(join(tmpdir(), "millrace-catalogue-"));

async function round(what: string): Promise<Measured> {
  const root = mkdtempSync(join(folder, `${what}-`));
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, what, root, workflows]);
  return JSON.parse(stdout) as Measured;
}

try {
  console.log(`${workflows} workflows of 15 steps; min / median / max of ${ROUNDS} rounds\n`);
  for (const [what, lines] of Object.entries(LINES)) {
    const rounds: Measured[] = [];
    for (let count = 0; count < ROUNDS; count += 1) rounds.push(await round(what));
    for (const [key, title, unit] of lines) {
      const values = rounds.map((one) => one[key] ?? NaN);
      console.log(`${title.padEnd(48)} ${spread(values, unit)}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
