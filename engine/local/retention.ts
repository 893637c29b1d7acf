import { runKey } from "../coordination/keys.ts";
import { runIdOf } from "../model/run-id.ts";
import type { Database } from "./sqlite/database.ts";

/** Executions that one pass looks at. */
const PASS = 100;

const NEXT = "SELECT id, execution FROM executions WHERE id > ? AND status <> 'RUNNING' ORDER BY id LIMIT ?";
const TTL = "SELECT ttl FROM items WHERE pk = ? AND sk = ?";
const DELETES = [
  "DELETE FROM journal WHERE execution = ?",
  "DELETE FROM logs WHERE execution = ?",
  "DELETE FROM callbacks WHERE execution = ?",
  "DELETE FROM executions WHERE id = ?",
];

/** Deletes ended executions, with their journal and log, whose run's record has expired or has gone. */
export class Retention {
  readonly #database: Database;
  /** Id of the execution that was looked at last; passes go round. */
  #last = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One pass, whose cost does not grow with what is kept. `now`: milliseconds since the epoch. */
  async pass(now: number): Promise<void> {
    const database = this.#database;
    const statement = database.prepare(NEXT);
    const rows = database.read(() => statement.all(this.#last, PASS)) as unknown as Ended[];
    this.#last = rows.length < PASS ? 0 : (rows.at(-1)?.id ?? 0);
    const expired = rows.filter(({ execution }) => this.#isExpired(execution, now / 1000));
    await Promise.all(
      expired.flatMap(({ id }) => DELETES.map((sql) => database.write(() => void database.prepare(sql).run(id)))),
    );
  }

  #isExpired(execution: string, seconds: number): boolean {
    const { pk, sk } = runKey(runIdOf(execution));
    const record = this.#database.read(() => this.#database.prepare(TTL).get(pk, sk)) as Record | undefined;
    return record === undefined || (record.ttl !== null && record.ttl < seconds);
  }
}

interface Ended {
  readonly id: number;
  readonly execution: string;
}

interface Record {
  readonly ttl: number | null;
}
