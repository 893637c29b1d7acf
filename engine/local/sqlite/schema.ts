/**
 * Parts that were added one after the other; a part that was used does not change.
 *
 * | table       | one row                                                                       |
 * |-------------|-------------------------------------------------------------------------------|
 * | items       | an item of the item port; `sets` names the attributes of `body` that are sets |
 * | definitions | a compiled workflow that an execution is pinned to, by its hash               |
 * | executions  | one execution of a machine; `stop` is the error that it shall end with        |
 * | journal     | one checkpoint of an execution                                                |
 * | logs        | a line that a task wrote                                                      |
 * | callbacks   | a token that a state waits under, and the answer to it                        |
 * | timers      | when a run that was submitted for later is looked at                          |
 * | compiled    | the catalogue as compiled last (one row), by the hash of its sources          |
 * | lease       | the process that drives the runs (one row)                                    |
 */
export const SCHEMA: readonly string[] = [
  `
  CREATE TABLE items (
    pk TEXT NOT NULL, sk TEXT NOT NULL, gk TEXT, gs TEXT, ttl INTEGER, body TEXT NOT NULL, sets TEXT,
    PRIMARY KEY (pk, sk)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX items_open ON items (gk, gs) WHERE gk IS NOT NULL AND gs IS NOT NULL;
  CREATE INDEX items_ttl ON items (ttl) WHERE ttl IS NOT NULL;

  CREATE TABLE definitions (hash TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE executions (
    id INTEGER PRIMARY KEY, execution TEXT NOT NULL UNIQUE, workflow TEXT NOT NULL, definition TEXT NOT NULL,
    input TEXT NOT NULL, status TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER,
    output TEXT, error TEXT, cause TEXT, stop TEXT
  ) STRICT;
  CREATE INDEX executions_running ON executions (id) WHERE status = 'RUNNING';

  CREATE TABLE journal (
    execution INTEGER NOT NULL, number INTEGER NOT NULL, entry TEXT NOT NULL,
    PRIMARY KEY (execution, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE logs (id INTEGER PRIMARY KEY, execution INTEGER NOT NULL, line TEXT NOT NULL) STRICT;
  CREATE INDEX logs_execution ON logs (execution);

  CREATE TABLE compiled (id INTEGER PRIMARY KEY CHECK (id = 1), hash TEXT NOT NULL, body TEXT NOT NULL) STRICT;

  CREATE TABLE lease (
    id INTEGER PRIMARY KEY CHECK (id = 1), owner TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT;
`,
  `
  CREATE TABLE callbacks (
    token TEXT PRIMARY KEY, execution INTEGER NOT NULL, until INTEGER, answer TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX callbacks_execution ON callbacks (execution);
  CREATE INDEX callbacks_answered ON callbacks (token) WHERE answer IS NOT NULL;

  CREATE TABLE timers (run TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX timers_at ON timers (at);
`,
];

/** Kept in `PRAGMA user_version`: how many parts the database has. One of a higher version is refused. */
export const SCHEMA_VERSION = SCHEMA.length;
