import { createHash } from "node:crypto";
import type { CompiledWorkflow } from "../model/compiled.ts";
import type { Database } from "./sqlite/database.ts";

const WRITE = "INSERT INTO definitions (hash, body) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING";
const READ = "SELECT body FROM definitions WHERE hash = ?";

/** The compiled workflows that executions are pinned to. */
export class Definitions {
  readonly #database: Database;
  readonly #byHash = new Map<string, CompiledWorkflow>();
  readonly #pinned = new WeakMap<CompiledWorkflow, Promise<string>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps a compiled workflow and answers its hash. */
  pin(workflow: CompiledWorkflow): Promise<string> {
    let pinned = this.#pinned.get(workflow);
    if (pinned === undefined) this.#pinned.set(workflow, (pinned = this.#write(workflow)));
    return pinned;
  }

  /** What an execution is pinned to; a start of an execution writes it first, so it is always there. */
  get(hash: string): CompiledWorkflow {
    let found = this.#byHash.get(hash);
    if (found === undefined) {
      const row = this.#database.read(() => this.#database.prepare(READ).get(hash)) as { readonly body: string };
      this.#byHash.set(hash, (found = JSON.parse(row.body) as CompiledWorkflow));
    }
    return found;
  }

  async #write(workflow: CompiledWorkflow): Promise<string> {
    const body = JSON.stringify(workflow);
    const hash = createHash("sha256").update(body).digest("hex").slice(0, 32);
    await this.#database.write(() => void this.#database.prepare(WRITE).run(hash, body));
    this.#byHash.set(hash, workflow);
    return hash;
  }
}
