import { hostname } from "node:os";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { Database } from "./sqlite/database.ts";

/**
 * Leave to drive the runs of a database; one process has it at a time.
 *
 * | state   | the row                                                  | next                                    |
 * |---------|----------------------------------------------------------|-----------------------------------------|
 * | never   | absent                                                   | held                                    |
 * | held    | `expires` to come, and its process lives where we can see | held (renewed), over                    |
 * | over    | `expires` past, or its process is dead on this host      | held, by whoever comes                  |
 */
export interface LeaseRow {
  readonly owner: string;
  readonly pid: number;
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

export const LEASE_MS = 15_000;

const READ = "SELECT owner, pid, host, expires FROM lease WHERE id = 1";
const WRITE = "INSERT OR REPLACE INTO lease (id, owner, pid, host, expires) VALUES (1, ?, ?, ?, ?)";
const RELEASE = "UPDATE lease SET expires = ? WHERE id = 1 AND owner = ?";

export type Leased =
  | {
      readonly held: true;
      /** The owner had it already. */
      readonly renewed: boolean;
      /** Until when runs were driven before; absent where they never were. */
      readonly before?: number;
    }
  | { readonly held: false; readonly by: LeaseRow };

/** Takes or renews the lease for `owner`. */
export function takeLease(database: Database, owner: string, now: number): Promise<Leased> {
  return database.write((): Leased => {
    const row = readLease(database);
    const renewed = row?.owner === owner;
    if (row !== undefined && !renewed && !isOver(row, now, hostname(), isAlive)) return { held: false, by: row };
    database.prepare(WRITE).run(owner, process.pid, hostname(), now + LEASE_MS);
    return { held: true, renewed, ...(row === undefined ? {} : { before: Math.min(now, row.expires) }) };
  });
}

/** Who holds the lease, where it cannot be taken. */
export function otherHolder(database: Database, owner: string, now: number): LeaseRow | undefined {
  const row = database.read(() => readLease(database));
  return row === undefined || row.owner === owner || isOver(row, now, hostname(), isAlive) ? undefined : row;
}

function readLease(database: Database): LeaseRow | undefined {
  return database.prepare(READ).get() as unknown as LeaseRow | undefined;
}

/** Gives the lease up, so that the next process need not wait for its expiry. */
export function releaseLease(database: Database, owner: string, now: number): Promise<void> {
  return database.write(() => void database.prepare(RELEASE).run(now, owner));
}

export function isOver(row: LeaseRow, now: number, host: string, alive: (pid: number) => boolean): boolean {
  return row.expires <= now || (row.host === host && !alive(row.pid));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

export function drivenElsewhere(directory: string, { pid, host }: LeaseRow): MillraceError {
  return new MillraceError(
    ErrorName.CONFLICT,
    `Process ${pid} on ${host} drives the runs in ${directory} already. Use it (npx millrace run …), or end it first; another MILLRACE_DIRECTORY is a platform of its own.`,
  );
}
