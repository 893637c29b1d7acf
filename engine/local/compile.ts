import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { formatDiagnostic, type CompiledCatalogue, type CompiledWorkflow } from "../model/compiled.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { CompileAnswer } from "./compile-worker.ts";
import { unavailable } from "./sqlite/database-errors.ts";
import type { Database } from "./sqlite/database.ts";
import { sourceHash } from "./source-hash.ts";

const READ = "SELECT body FROM compiled WHERE hash = ?";
const WRITE = "INSERT OR REPLACE INTO compiled (id, hash, body) VALUES (1, ?, ?)";

/**
 * The compiled catalogue of the project at `root`, kept until one of its sources changes.
 * @param compiler The process that compiles; one of its own where it is left out.
 * @throws MillraceError `InvalidDefinition` with every diagnostic
 */
export async function compiledWorkflows(
  database: Database,
  root: string,
  compiler?: CompilerProcess,
): Promise<readonly CompiledWorkflow[]> {
  const hash = sourceHash(root);
  const kept = database.read(() => database.prepare(READ).get(hash)) as { readonly body: string } | undefined;
  if (kept !== undefined) return JSON.parse(kept.body) as CompiledWorkflow[];
  const { workflows, diagnostics } = await (compiler?.compile() ?? compileApart(root));
  if (diagnostics.length > 0) {
    throw new MillraceError(ErrorName.INVALID_DEFINITION, diagnostics.map(formatDiagnostic).join("\n\n"));
  }
  await database.write(() => void database.prepare(WRITE).run(hash, JSON.stringify(workflows)));
  return workflows;
}

/** Compiles in a process that ends with its answer. */
export async function compileApart(root: string): Promise<CompiledCatalogue> {
  const compiler = new CompilerProcess(root);
  try {
    return await compiler.compile();
  } finally {
    compiler.close();
  }
}

/** The compiler in a process of its own, so that its memory is not this one's. It begins with the first compilation. */
export class CompilerProcess {
  readonly #root: string;
  #child: ChildProcess | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** One at a time. @throws MillraceError `InvalidDefinition` where there is no catalogue to compile */
  async compile(): Promise<CompiledCatalogue> {
    const child = (this.#child ??= fork(join(import.meta.dirname, "compile-worker.ts"), [this.#root], {
      execArgv: [],
    }));
    const ended = new AbortController();
    child.send("compile");
    try {
      const answer = await Promise.race([
        once(child, "message", { signal: ended.signal }),
        once(child, "exit", { signal: ended.signal }).then(([code]) => this.#lost(code as number | null)),
      ]);
      return compiledOf(answer[0] as CompileAnswer);
    } finally {
      ended.abort();
    }
  }

  close(): void {
    this.#child?.disconnect();
    this.#child = undefined;
  }

  #lost(code: number | null): never {
    this.#child = undefined;
    throw unavailable(`The compiler ended with ${code ?? "a signal"} and without an answer; its output is above.`);
  }
}

function compiledOf(answer: CompileAnswer): CompiledCatalogue {
  if ("compiled" in answer) return answer.compiled;
  const { name, message } = answer.error;
  throw name === ErrorName.INVALID_DEFINITION
    ? new MillraceError(ErrorName.INVALID_DEFINITION, message)
    : Object.assign(new Error(message), { name });
}
