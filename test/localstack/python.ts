import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, must, Unable, type CommandOptions } from "./command.ts";

/** Our package that lets LocalStack run without Docker, and the pins of everything below it. */
const HOST = join(import.meta.dirname, "host");
const PINS = join(HOST, "constraints.txt");

/** The last release without a token. It needs this Python, whatever its own metadata says. */
const LOCALSTACK = "4.14.0";
const PYTHON = "3.13";
/** The pins are complete, so nothing is looked for beside them. */
const INSTALL = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];

/**
 * A virtual environment with LocalStack and our package; made once, and again when a pin changes.
 * @returns path of its Python @throws Unable where the machine has no fitting Python, no venv module or no pip index
 */
export async function localStackPython(directory: string, options: CommandOptions): Promise<string> {
  const interpreter = await findPython(options);
  const venv = join(directory, "venv");
  const python = join(venv, "bin", "python");
  await once(join(venv, "pins"), digest([PINS], interpreter), async () => {
    console.log(`Installing LocalStack ${LOCALSTACK} into ${venv}, which takes one to two minutes.`);
    rmSync(venv, { recursive: true, force: true });
    const noVenv = `${interpreter} cannot make a virtual environment; on Debian install python${PYTHON}-venv`;
    await must(noVenv, interpreter, ["-m", "venv", venv], options);
    const noPackages = "LocalStack could not be installed; pip needs a package index that it can reach";
    await must(noPackages, python, [...INSTALL, "-r", PINS], options);
  });
  await once(join(venv, "host"), digest(files(HOST)), () => installHost(python, options));
  return python;
}

/** Path of the interpreter. @throws Unable where there is none */
async function findPython(options: CommandOptions): Promise<string> {
  for (const command of [`python${PYTHON}`, ...(await pyenvVersions(options))]) {
    const { code, output } = await attempt(command, ["-c", "import sys; print(sys.executable)"], options);
    if (code === 0) return output.trim();
  }
  throw new Unable(
    `There is no Python ${PYTHON} on this machine, which LocalStack ${LOCALSTACK} needs. Put python${PYTHON} on the PATH, ` +
      "or set AWS_ENDPOINT_URL to a LocalStack that runs already (test/localstack/README.md has the Docker way).",
  );
}

/** pyenv puts commands on the PATH that refuse to run until a version is chosen; its installed versions are here. */
async function pyenvVersions(options: CommandOptions): Promise<string[]> {
  const root = await attempt("pyenv", ["root"], options);
  const versions = join(root.output.trim(), "versions");
  if (root.code !== 0 || !existsSync(versions)) return [];
  const fitting = readdirSync(versions).filter((name) => name.startsWith(`${PYTHON}.`));
  return fitting.map((name) => join(versions, name, "bin", `python${PYTHON}`));
}

async function installHost(python: string, options: CommandOptions): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), "localstack-host-")); // a build writes into its source directory
  try {
    for (const part of ["pyproject.toml", "src"]) cpSync(join(HOST, part), join(copy, part), { recursive: true });
    const words = [...INSTALL, "--no-build-isolation", "--force-reinstall", copy];
    await must("Our LocalStack package could not be installed", python, words, options);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Does the work where the file does not say that it was done for this digest. */
async function once(file: string, value: string, work: () => Promise<void>): Promise<void> {
  if (existsSync(file) && readFileSync(file, "utf8") === value) return;
  await work();
  writeFileSync(file, value);
}

function files(directory: string): string[] {
  const source = readdirSync(join(directory, "src"), { recursive: true, withFileTypes: true });
  const found = source
    .filter(({ name }) => /\.(py|mjs)$/.test(name))
    .map(({ parentPath, name }) => join(parentPath, name));
  return [join(directory, "pyproject.toml"), ...found.sort()];
}

function digest(paths: readonly string[], text = ""): string {
  const hash = createHash("sha256").update(text);
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex");
}
