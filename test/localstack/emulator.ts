import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Unable } from "./command.ts";

const READY_SECONDS = 90;

export interface LocalStack {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts LocalStack on a free port of 127.0.0.1 and waits until it answers; its state lives in a directory of its own.
 * @throws Unable where it does not come up, with the place of its log
 */
export async function startLocalStack(
  root: string,
  directory: string,
  python: string,
  signal: AbortSignal,
): Promise<LocalStack> {
  const variables = hostVariables(root);
  const port = await freePort();
  const state = mkdtempSync(join(directory, "state-"));
  const logFile = join(directory, "localstack.log");
  const log = openSync(logFile, "w");
  // In a group of its own Ctrl-C reaches the runner alone. It ends, and removes its state, when the pipe on stdin closes.
  const child = spawn(python, ["-m", "localstack_host", "--port", String(port), "--state", state], {
    detached: true,
    stdio: ["pipe", log, log],
    env: { ...process.env, ...variables },
  });
  closeSync(log);
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await ended;
  };
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    const deadline = Date.now() + READY_SECONDS * 1000;
    while (!(await isHealthy(endpoint))) {
      signal.throwIfAborted();
      const exit = child.exitCode ?? child.signalCode;
      if (exit !== null || Date.now() > deadline) {
        const why = exit === null ? `did not answer within ${READY_SECONDS} s` : `ended with ${exit}`;
        throw new Unable(`LocalStack ${why} on port ${port}: ${lastLine(logFile)} (all of it: ${logFile}).`);
      }
      await pause(200);
    }
    return { endpoint, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_localstack/health`)).ok;
  } catch {
    return false;
  }
}

/** @throws Unable where the machine has no dynoxide: DynamoDB would need a JRE and a download without it */
function hostVariables(root: string): { [name: string]: string } {
  const dynoxide = join(root, "node_modules/@dynoxide/linux-x64/dynoxide");
  if (!existsSync(dynoxide)) {
    throw new Unable(
      `${dynoxide} is missing: it comes with npm install on Linux x64, the only system that it exists for.`,
    );
  }
  return { DYNOXIDE_BIN: dynoxide, LOCALSTACK_HOST_NODE: join(root, "node_modules/.bin/node") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function lastLine(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "";
}
