import { spawn, type ChildProcessByStdio } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { onTestFinished } from "vitest";

export const ROOT = join(import.meta.dirname, "..", "..");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs until it ends by itself or is stopped. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves when standard output has this text; rejects when it ends without. */
  says(text: string | RegExp): Promise<void>;
  stop(signal: NodeJS.Signals): void;
}

/** An empty directory, removed when the test is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "millrace-e2e-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** `npx millrace …` on a local platform of its own. */
export function millrace(directory: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return start([process.execPath, join(ROOT, "engine/cli/bin.mjs"), ...words], directory, { env }).ended;
}

/** The documents that a command prints with `--json`. @throws where it prints anything else */
export function documents(output: string): unknown[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

/** No credentials, no region, no stack: what the machine of the tests has set is not there. */
const NO_AWS = {
  ...Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.startsWith("AWS_"))
      .map((name) => [name, undefined]),
  ),
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
  MILLRACE_STACK: undefined,
};

export interface StartOptions {
  /** Standard input. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export function start(command: readonly string[], directory: string, options: StartOptions = {}): Running {
  const [file = "", ...words] = command;
  const env = { ...process.env, ...NO_AWS, MILLRACE_DIRECTORY: directory, NO_COLOR: "1", ...options.env };
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(file, words, {
    cwd: ROOT,
    env,
    stdio: "pipe",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.end(options.input);
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, ...said }));
  });
  return {
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () =>
          (typeof text === "string" ? said.stdout.includes(text) : text.test(said.stdout)) && resolve();
        child.stdout.on("data", look);
        void ended.then(() =>
          reject(new Error(`${command.join(" ")} ended without ${text}: ${said.stdout}${said.stderr}`)),
        );
        look();
      }),
    stop: (signal) => void child.kill(signal),
  };
}
