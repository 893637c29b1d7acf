import { spawn } from "node:child_process";

/** Something that this machine lacks or that a command could not do, said in one line. */
export class Unable extends Error {
  override readonly name = "Unable";
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  /** Show the output as it comes; else it is kept and answered, and shown where the command fails. */
  readonly show?: boolean;
  readonly signal?: AbortSignal;
}

export interface Finished {
  /** Exit code; 127 where there is no such command. */
  readonly code: number;
  /** What the command wrote to stdout and stderr, in the order it came. */
  readonly output: string;
}

/** Runs a command to its end. @throws the signal's reason where it aborts; the command and its own children get SIGTERM */
export async function attempt(
  command: string,
  words: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  options.signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  const child = spawn(command, words, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: options.signal !== undefined, // a group of its own, which can be stopped as a whole
    stdio: ["ignore", options.show === true ? "inherit" : "pipe", options.show === true ? "inherit" : "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const stop = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
  };
  options.signal?.addEventListener("abort", stop);
  child.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") resolve({ code: 127, output: `${command}: no such command` });
    else reject(error);
  });
  child.on("close", (code) => resolve({ code: code ?? 1, output }));
  try {
    const finished = await promise;
    options.signal?.throwIfAborted();
    return finished;
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
}

/** Runs a command that must succeed. @throws Unable with `what` and the command's last line; its output goes to stderr */
export async function must(
  what: string,
  command: string,
  words: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  const { code, output } = await attempt(command, words, options);
  if (code === 0) return output;
  process.stderr.write(output);
  throw new Unable(`${what}: ${[command, ...words].join(" ")} ended with exit code ${code}; its output is above.`);
}
