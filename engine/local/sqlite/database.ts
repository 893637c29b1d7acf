import type { DatabaseSync, StatementSync } from "node:sqlite";
import { explain, unavailable } from "./database-errors.ts";
import { openDatabase, type Durability } from "./open-database.ts";

interface Work {
  readonly run: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  outcome?: { readonly value: unknown } | { readonly error: unknown };
}

/**
 * One connection with group commit: all writes of one turn of the event loop share one transaction.
 * Other processes may read and write the same file.
 */
export class Database {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #flush = (): void => this.#commit();
  #batch: Work[] = [];
  #closed = false;

  /** @throws MillraceError `PlatformUnavailable` */
  constructor(path: string, durability: Durability = "process") {
    this.path = path;
    this.#connection = openDatabase(path, durability);
  }

  /** A statement, prepared once for each text. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#connection.prepare(sql)));
    return statement;
  }

  /** Reads what is committed. @throws MillraceError `PlatformUnavailable` */
  read<T>(work: () => T): T {
    if (this.#closed) throw this.#gone();
    try {
      return work();
    } catch (error) {
      throw explain(error, this.path);
    }
  }

  /**
   * Runs `work`, in which at most one statement writes, at the end of this turn; resolves after COMMIT, in the order
   * of the calls. Work that throws fails alone. @throws MillraceError `PlatformUnavailable`
   */
  write<T>(run: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(this.#gone());
    if (this.#batch.length === 0) setImmediate(this.#flush);
    return new Promise<T>((resolve, reject) => this.#batch.push({ run, resolve, reject }));
  }

  /** Differs from the last time where another connection has committed. */
  version(): number {
    return this.read(() => this.prepare("PRAGMA data_version").get()?.["data_version"] as number);
  }

  /** Commits what waits, and closes. */
  close(): void {
    if (this.#closed) return;
    this.#commit();
    this.#closed = true;
    this.#connection.close();
  }

  #commit(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    try {
      this.prepare("BEGIN IMMEDIATE").run();
      for (const work of batch) this.#try(work);
      this.prepare("COMMIT").run();
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      const explained = explain(error, this.path);
      for (const work of batch) work.reject(explained);
      return;
    }
    for (const { outcome, resolve, reject } of batch) {
      if (outcome !== undefined && "value" in outcome) resolve(outcome.value as never);
      else reject(explain(outcome?.error, this.path));
    }
  }

  #try(work: Work): void {
    try {
      work.outcome = { value: work.run() };
    } catch (error) {
      if (!this.#connection.isTransaction) throw error; // a full disk and the like take the whole transaction back
      work.outcome = { error };
    }
  }

  #gone(): Error {
    return unavailable(`${this.path} is closed: close() was called on the platform. Make another one with local().`);
  }
}
