import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Measured } from "./measure.ts";

const CLI = join(import.meta.dirname, "..", "..", "engine", "cli", "bin.mjs");
const REST_MS = 5_000;

/**
 * Resident MiB of the process behind `npm start`, some seconds after its first run has ended, and of a Node that does
 * nothing, for as long.
 */
export async function memoryAtRest(directory: string): Promise<Measured> {
  const env = { ...process.env, MILLRACE_DIRECTORY: directory };
  const platform = spawn(process.execPath, [CLI, "start"], { env, stdio: ["ignore", "pipe", "inherit"] });
  const bare = spawn(process.execPath, ["--eval", "setInterval(() => {}, 60_000)"], { stdio: "ignore" });
  try {
    await saysReady(platform);
    await sleep(REST_MS);
    return { start: await mebibytes(platform), bare: await mebibytes(bare) };
  } finally {
    bare.kill();
    platform.kill("SIGINT");
    await once(platform, "close");
  }
}

async function saysReady({ stdout }: ChildProcess): Promise<void> {
  let said = "";
  for await (const text of stdout?.setEncoding("utf8").iterator({ destroyOnReturn: false }) ?? []) {
    if ((said += String(text)).includes("Ctrl-C stops")) return void stdout?.resume();
  }
  throw new Error(`npm start ended before it was ready: ${said}`);
}

/** The size that the system tells, in MiB. */
async function mebibytes({ pid }: ChildProcess): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) / 1024;
}
