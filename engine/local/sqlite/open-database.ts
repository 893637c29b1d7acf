import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ErrorName, isMillraceError, MillraceError } from "../../model/errors.ts";
import { explain, inTheWay, unavailable } from "./database-errors.ts";
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** `process`: a commit survives the death of the process; `power-loss`: and that of the machine, for a sync per commit. */
export type Durability = "process" | "power-loss";

/** The value of `$MILLRACE_DURABILITY`; `process` where it is not set. @throws MillraceError `InvalidRequest` */
export function readDurability(given = "process"): Durability {
  if (given === "process" || given === "power-loss") return given;
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `MILLRACE_DURABILITY is ${JSON.stringify(given)}; allowed are "process", commits survive its death, and "power-loss".`,
  );
}

export const IN_MEMORY = ":memory:";
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens the database, made where there is none. What cannot be used is left as it was.
 * @throws MillraceError `PlatformUnavailable`
 */
export function openDatabase(path: string, durability: Durability): DatabaseSync {
  if (path !== IN_MEMORY) {
    checkFolder(dirname(path));
    checkHeader(path);
  }
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    database.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === "power-loss" ? "FULL" : "NORMAL"};
      PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY`);
    if (version(database) < SCHEMA_VERSION) extend(database);
    checkVersion(version(database), path);
    return database;
  } catch (error) {
    database?.close();
    throw explain(error, path);
  }
}

function checkFolder(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (isMillraceError(error)) throw error;
    throw unavailable(
      `The folder ${folder} cannot be written (${(error as NodeJS.ErrnoException).code}). Give this user write permission to it, or set MILLRACE_DIRECTORY to another folder.`,
      error,
    );
  }
}

/** Level by level, since a recursive `mkdirSync` never returns from a place that cannot be written, such as `/proc`. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw inTheWay(folder);
    return;
  }
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process has made it
  }
}

/** Reads the first 100 bytes of the file alone, so that a file that is not ours stays untouched. */
function checkHeader(path: string): void {
  if (!existsSync(path)) return;
  const header = Buffer.alloc(100);
  let length: number;
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    const file = openSync(path, "r");
    length = readSync(file, header);
    closeSync(file);
  } catch (error) {
    throw unavailable(
      `${path} cannot be opened (${(error as NodeJS.ErrnoException).code}). Give this user permission to read and write it, or set MILLRACE_DIRECTORY to another folder.`,
      error,
    );
  }
  if (length === 0) return;
  if (length < 100 || header.toString("latin1", 0, 16) !== "SQLite format 3\0") {
    throw unavailable(`${path} is not a database. Move it away to start empty, or restore a copy of it.`);
  }
  checkVersion(header.readUInt32BE(60), path);
}

function checkVersion(found: number, path: string): void {
  if (found <= SCHEMA_VERSION) return;
  throw unavailable(
    `${path} has the format ${found} of a newer Millrace; this one reads ${SCHEMA_VERSION}. Update this checkout, or set MILLRACE_DIRECTORY to another folder.`,
  );
}

function version(database: DatabaseSync): number {
  return database.prepare("PRAGMA user_version").get()?.["user_version"] as number;
}

/** Two processes may come here at once: the second finds the work of the first. */
function extend(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  for (const part of SCHEMA.slice(version(database))) database.exec(part);
  database.exec(`PRAGMA user_version = ${Math.max(version(database), SCHEMA_VERSION)}; COMMIT`);
}
