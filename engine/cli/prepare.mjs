import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Plain JavaScript for any Node from 20 on: it runs before anything is installed.

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const REQUIRED_NODE = 24;

/**
 * Installs what is missing, and says so on standard error; nothing is printed where nothing is missing.
 * @param own the Node that runs this: `process`
 * @returns the path of a Node that is new enough
 * @throws Error whose message is one sentence for the user
 */
export function prepare(root, own = process) {
  if (!isInstalled(root)) install(root);
  if (isNewEnough(own.version)) return own.execPath;
  const installed = join(root, "node_modules", ".bin", "node");
  const node = existsSync(installed) ? installed : own.execPath;
  const version = node === installed ? spawnSync(node, ["--version"]).stdout?.toString().trim() : own.version;
  if (version && isNewEnough(version)) return node;
  throw new Error(
    `Millrace runs on Node ${REQUIRED_NODE} or newer, and ${node} ${version ? `is ${version}` : "does not start here"}: ` +
      `put Node ${REQUIRED_NODE} first on PATH (it comes with the dependencies on Linux with glibc only).`,
  );
}

/** True where `node_modules` holds the very versions of `package-lock.json`; optional packages may be absent. */
export function isInstalled(root) {
  const wanted = lockedPackages(join(root, "package-lock.json"));
  const present = lockedPackages(join(root, "node_modules", ".package-lock.json"));
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    return path in present ? present[path].version === version : optional === true;
  });
}

function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
}

function install(root) {
  console.error("Installing the dependencies: npm ci --ignore-scripts");
  const script = process.env["npm_execpath"] ?? "";
  const [command, ...prefix] = basename(script) === "npm-cli.js" ? [process.execPath, script] : ["npm"];
  const { status } = spawnSync(command, [...prefix, "ci", "--ignore-scripts", "--include=dev", "--include=optional"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32" && command === "npm",
  });
  if (status !== 0) throw new Error("The dependencies could not be installed; npm says above what it lacks.");
}

function isNewEnough(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1]) >= REQUIRED_NODE;
}
