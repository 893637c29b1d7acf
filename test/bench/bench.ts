import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { compileApart } from "../../engine/local/compile.ts";
import type { Durability } from "../../engine/local/sqlite/open-database.ts";
import { coldStarts, makeBundles } from "./bundles.ts";
import type { Measured } from "./measure.ts";
import { memoryAtRest } from "./memory.ts";
import { format, median, spread } from "./spread.ts";

/** `npm run bench`: what the platform costs, as min / median / max of some rounds, each in processes of their own. */
const ROUNDS = 5;
const ROOT = join(import.meta.dirname, "..", "..");

const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
const run = promisify(execFile);

async function measure(name: string, durability: Durability = "process"): Promise<Measured> {
  return answer("measure.ts", name, join(folder, durability), durability);
}

async function answer(script: string, ...given: readonly string[]): Promise<Measured> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "code") };
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, script), ...given], { env });
  return JSON.parse(stdout) as Measured;
}

/** The numbers of one kind that some rounds answered. */
async function rounds(once: () => Promise<Measured>): Promise<(key: string) => number[]> {
  const measured: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) measured.push(await once());
  return (key) => measured.map((one) => one[key] ?? NaN);
}

function line(title: string, text: string): void {
  console.log(`${title.padEnd(56)} ${text}`);
}

async function benchRuns(): Promise<void> {
  for (const durability of ["process", "power-loss"] as const) {
    const of = await rounds(() => measure("runs", durability));
    const [runs, floor] = [of("runs"), of("floor")];
    line(`durable runs of one step, 64 at once (${durability})`, spread(runs, "runs/s"));
    line("  floor: SQLite alone, two commits a run", spread(floor, "runs/s"));
    line("  floor: SQLite alone, 64 runs share a commit", spread(of("shared"), "runs/s"));
    line("  share of the first floor", `${Math.round((100 * median(runs)) / median(floor))} %`);
    const step = await rounds(() => measure("step", durability));
    line(`a step in a chain of 100 (${durability})`, spread(step("step"), "ms", 3));
  }
}

async function benchWrites(): Promise<void> {
  const { transitions, transactions, ...tables } = await measure("writes");
  const rows = Object.entries(tables).map(([table, count]) => `${count} ${table}`);
  line("one run of one step", `${transitions} transitions, ${transactions} transactions, rows: ${rows.join(", ")}`);
}

async function benchCoordination(): Promise<void> {
  const of = await rounds(() => answer("coordination.ts", mkdtempSync(join(folder, "coordination-"))));
  line("a lock acquired and released, 64 at once", spread(of("locks"), "/s"));
  line("a slot taken, its run claimed, and freed, 64 at once", spread(of("slots"), "/s"));
  line("a line of 1,000 before a limit of 1: from an end to the next start", spread(of("line"), "ms", 2));
}

async function benchStart(): Promise<void> {
  await measure("start"); // compiles the catalogue, and Node keeps its code
  const of = await rounds(() => measure("start"));
  line("start of the process until it drives runs", spread(of("ready"), "ms"));
}

async function benchMemory(): Promise<void> {
  const directory = join(folder, "memory");
  await memoryAtRest(directory); // compiles the catalogue, and Node keeps its code
  const of = await rounds(() => memoryAtRest(directory));
  line("resident memory of `npm start` at rest after a run", spread(of("start"), "MiB", 1));
  line("  of that: Node alone, a process that does nothing", spread(of("bare"), "MiB", 1));
}

async function benchCompile(): Promise<void> {
  const of = await rounds(() => answer("compile-time.ts"));
  line("compile: the first time, per workflow", spread(of("first"), "ms"));
  line("compile: again in the same process, per workflow", spread(of("again"), "ms"));
}

async function benchBundles(): Promise<void> {
  const { workflows } = await compileApart(ROOT);
  for (const [name, bundle] of makeBundles(workflows, join(folder, "bundles"))) {
    const starts = await coldStarts(name, bundle, ROUNDS);
    const native = bundle.natives.reduce((sum, { bytes }) => sum + bytes, 0);
    line(
      `bundle ${name}`,
      `${format(bundle.bytes / 1024)} KiB of JavaScript${native === 0 ? "" : `, ${format(native / 1024)} KiB native`}`,
    );
    for (const [part, title] of PARTS) {
      const times = starts.map((start) => start[part]);
      if (median(times) > 0) line(`  cold start: ${title}`, spread(times, "ms"));
    }
  }
}

const PARTS = [
  ["boot", "Node itself"],
  ["import", "its modules"],
  ["result", "to the first task's result"],
  ["total", "all of it"],
] as const;

try {
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}; min / median / max of ${ROUNDS} rounds\n`,
  );
  for (const bench of [benchRuns, benchWrites, benchCoordination, benchStart, benchMemory, benchCompile, benchBundles])
    await bench();
} finally {
  rmSync(folder, { recursive: true });
}
