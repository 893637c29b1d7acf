import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { attempt, Unable } from "./command.ts";
import { isHealthy, startLocalStack, type LocalStack } from "./emulator.ts";
import { localStackPython } from "./python.ts";
import { COORDINATION, COORDINATION_APP, OTHER_STACK, STACK, bootstrap, credentials, deploy } from "./stack.ts";

/**
 * `npm run test:localstack [-- <part of a test file's name> …]`: LocalStack up, three stacks deployed, the tests, LocalStack
 * down. `npm run test:localstack -- --probes [part of a probe's name]` tests the emulator itself. Where `AWS_ENDPOINT_URL`
 * is set, the LocalStack behind it is used and left running.
 */
const root = resolve(import.meta.dirname, "../..");
const directory = join(root, ".localstack");
// Whatever is started from here runs under the project's own Node.
process.env["PATH"] = `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`;
const interrupted = new AbortController();
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
for (const [signal, code] of Object.entries(exitCodes)) {
  process.on(signal, () => {
    process.exitCode = code;
    interrupted.abort(new Unable(`Stopped by ${signal}.`));
  });
}

try {
  const code = await main(parse());
  process.exitCode ??= code;
} catch (error) {
  process.exitCode ??= 1;
  console.error(error instanceof Unable ? error.message : error);
}

function parse(): { readonly probes: boolean; readonly words: readonly string[] } {
  try {
    const parsed = parseArgs({ options: { probes: { type: "boolean", default: false } }, allowPositionals: true });
    return { probes: parsed.values.probes, words: parsed.positionals };
  } catch (error) {
    throw new Unable(`${(error as Error).message} There is --probes, and parts of the names of test files.`);
  }
}

async function main({ probes, words }: ReturnType<typeof parse>): Promise<number> {
  const { signal } = interrupted;
  mkdirSync(directory, { recursive: true });
  const given = process.env["AWS_ENDPOINT_URL"];
  const python = given === undefined || probes ? await localStackPython(directory, { signal }) : "";
  const localStack =
    given === undefined ? await startLocalStack(root, directory, python, signal) : await running(given);
  const env = credentials(localStack.endpoint);
  try {
    if (probes) {
      const script = join(import.meta.dirname, "host/probes/run.py");
      const options = { env: { ...env, PYTHONDONTWRITEBYTECODE: "1" }, show: true, signal };
      return (await attempt(python, [script, ...words], options)).code;
    }
    await bootstrap({ app: root, env, signal });
    for (const stack of [STACK, OTHER_STACK]) await deploy({ app: root, stack, env, signal });
    await deploy({ app: COORDINATION_APP, stack: COORDINATION, env, signal });
    const config = join(import.meta.dirname, "vitest.config.ts");
    const vitest = join(root, "node_modules/.bin/vitest");
    return (await attempt(vitest, ["run", "--config", config, ...words], { cwd: root, env, show: true, signal })).code;
  } finally {
    await localStack.stop();
  }
}

async function running(endpoint: string): Promise<LocalStack> {
  if (!(await isHealthy(endpoint))) {
    throw new Unable(
      `AWS_ENDPOINT_URL is ${endpoint}, but no LocalStack answers there. Start it, or unset the variable.`,
    );
  }
  return { endpoint, stop: async () => {} };
}
