import { watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { openCatalogue, type Catalogue } from "./catalogue.ts";
import { CompilerProcess } from "./compile.ts";
import { sourceHash } from "./source-hash.ts";
import type { Database } from "./sqlite/database.ts";

/** What is told while a project is watched. */
export interface Watcher {
  /** A changed catalogue stands: the next run has it. */
  readonly onChange: (catalogue: Catalogue) => void;
  /** The changed sources cannot be used; those before go on. */
  readonly onError: (error: unknown) => void;
}

/** An editor writes a file in several steps, and a checkout many files. */
const QUIET_MS = 20;

/**
 * The user's project as this process runs it. While it is watched, a saved file makes a new generation of the catalogue
 * and of all modules; a run keeps the generation in which it was taken up.
 */
export class Project {
  readonly #database: Database;
  readonly #root: string;
  #catalogue: Promise<Catalogue> | undefined;
  #workflows: readonly WorkflowDefinition[] = [];
  #generation = 0;
  #hash = "";

  constructor(database: Database, root: string) {
    this.#database = database;
    this.#root = root;
  }

  /** Those of the catalogue, once it is open. */
  get workflows(): readonly WorkflowDefinition[] {
    return this.#workflows;
  }

  /** How often the sources have changed. */
  get generation(): number {
    return this.#generation;
  }

  /** @throws MillraceError `InvalidDefinition` with every diagnostic */
  catalogue(): Promise<Catalogue> {
    return (this.#catalogue ??= this.#open(0));
  }

  /** Takes up what is saved until the signal aborts. The compiler's process stays, so that only the first change is slow. */
  async watch(watcher: Watcher, signal: AbortSignal): Promise<void> {
    const compiler = new CompilerProcess(this.#root);
    let wake = Promise.withResolvers<void>();
    const folders = ["catalogue", "functions"].map((folder) => join(this.#root, folder));
    for (const folder of folders)
      watch(folder, { recursive: true, signal }, () => wake.resolve()).on("error", watcher.onError);
    signal.addEventListener("abort", () => wake.resolve());
    this.#hash = sourceHash(this.#root);
    for (await wake.promise; !signal.aborted; await wake.promise) {
      await pause(QUIET_MS);
      wake = Promise.withResolvers<void>();
      if (signal.aborted) break;
      await this.#reload(compiler, watcher);
    }
    compiler.close();
  }

  async #reload(compiler: CompilerProcess, watcher: Watcher): Promise<void> {
    try {
      const hash = sourceHash(this.#root);
      if (hash === this.#hash) return;
      this.#hash = hash;
      const generation = this.#generation + 1;
      const catalogue = await this.#open(generation, compiler);
      this.#catalogue = Promise.resolve(catalogue);
      this.#generation = generation;
      watcher.onChange(catalogue);
    } catch (error) {
      watcher.onError(error);
    }
  }

  async #open(generation: number, compiler?: CompilerProcess): Promise<Catalogue> {
    const catalogue = await openCatalogue(this.#database, this.#root, generation, compiler);
    this.#workflows = catalogue.workflows;
    return catalogue;
  }
}
