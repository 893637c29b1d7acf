import type { Answer } from "../coordination/world.ts";
import type { Callbacks as ExecutionCallbacks } from "./machine/frame.ts";
import { unlessAborted } from "./machine/stop.ts";
import type { Database } from "./sqlite/database.ts";

const OPEN = "INSERT INTO callbacks (token, execution, until) VALUES (?, ?, ?) ON CONFLICT (token) DO NOTHING";
const ANSWER = `
  UPDATE callbacks SET answer = ? WHERE token = ? AND answer IS NULL AND (until IS NULL OR until > ?)
  AND EXISTS (SELECT 1 FROM executions WHERE id = callbacks.execution AND status = 'RUNNING' AND stop IS NULL)`;
const READ = "SELECT answer FROM callbacks WHERE token = ?";
const ANSWERED = "SELECT token, answer FROM callbacks WHERE answer IS NOT NULL";
const CLOSE = "DELETE FROM callbacks WHERE token = ? AND answer IS NULL";
const FORGET = "DELETE FROM callbacks WHERE token = ?";

/**
 * Tokens that states wait under, whichever process drives them.
 *
 * | row      | written by                        | next                                                      |
 * |----------|-----------------------------------|-----------------------------------------------------------|
 * | open     | the driver, before the call       | answered; gone, where its time is over or the call failed |
 * | answered | whoever answers, in any process   | gone, when the journal has what the answer led to         |
 * | gone     |                                   |                                                           |
 */
export class Callbacks {
  readonly #database: Database;
  /** By token; states that wait in this process. */
  readonly #waiters = new Map<string, (answer: Answer) => void>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Resolves when the answer is durable. `now`: milliseconds since the epoch. */
  async answer(token: string, answer: Answer, now: number): Promise<"answered" | "gone"> {
    const text = JSON.stringify(answer);
    const { changes } = await this.#database.write(() => this.#database.prepare(ANSWER).run(text, token, now));
    if (changes === 0) return "gone";
    this.#waiters.get(token)?.(JSON.parse(text) as Answer);
    return "answered";
  }

  /** Another process has written: hands out the answers that it gave. */
  poll(): void {
    if (this.#waiters.size === 0) return;
    const rows = this.#database.read(() => this.#database.prepare(ANSWERED).all()) as unknown as Answered[];
    for (const { token, answer } of rows) this.#waiters.get(token)?.(JSON.parse(answer) as Answer);
  }

  /** Those of one execution, by its row's id. */
  of(execution: number): ExecutionCallbacks {
    const database = this.#database;
    return {
      open: (token, until) => database.write(() => void database.prepare(OPEN).run(token, execution, until ?? null)),
      answerTo: (token) => this.#read(token),
      wait: (token, signal) => this.#wait(token, signal),
      close: async (token) => {
        const { changes } = await database.write(() => database.prepare(CLOSE).run(token));
        return changes === 0 ? this.#read(token) : undefined;
      },
      // A row that stays has been answered, which nobody can do again; it goes with its execution.
      forget: (token) => void database.write(() => database.prepare(FORGET).run(token)).catch(() => undefined),
    };
  }

  async #wait(token: string, signal: AbortSignal): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiters.set(token, resolve);
    try {
      return this.#read(token) ?? (await unlessAborted(promise, signal));
    } finally {
      this.#waiters.delete(token);
    }
  }

  #read(token: string): Answer | undefined {
    const row = this.#database.read(() => this.#database.prepare(READ).get(token)) as Partial<Answered> | undefined;
    return typeof row?.answer === "string" ? (JSON.parse(row.answer) as Answer) : undefined;
  }
}

interface Answered {
  readonly token: string;
  readonly answer: string;
}
