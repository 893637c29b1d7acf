import { fork } from "node:child_process";
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
 * @throws MillraceError `InvalidDefinition` with every diagnostic
 */
export async function compiledWorkflows(database: Database, root: string): Promise<readonly CompiledWorkflow[]> {
  const hash = sourceHash(root);
  const kept = database.read(() => database.prepare(READ).get(hash)) as { readonly body: string } | undefined;
  if (kept !== undefined) return JSON.parse(kept.body) as CompiledWorkflow[];
  const { workflows, diagnostics } = await compileApart(root);
  if (diagnostics.length > 0) {
    throw new MillraceError(ErrorName.INVALID_DEFINITION, diagnostics.map(formatDiagnostic).join("\n"));
  }
  await database.write(() => void database.prepare(WRITE).run(hash, JSON.stringify(workflows)));
  return workflows;
}

/** Runs the compiler in a process of its own, which ends with its answer. */
export async function compileApart(root: string): Promise<CompiledCatalogue> {
  const child = fork(join(import.meta.dirname, "compile-worker.ts"), [root], { execArgv: [] });
  let answer: CompileAnswer | undefined;
  child.on("message", (message) => (answer = message as CompileAnswer));
  const [code] = (await once(child, "exit")) as [number | null];
  if (answer === undefined)
    throw unavailable(`The compiler ended with ${code ?? "a signal"} and without an answer; its output is above.`);
  if ("compiled" in answer) return answer.compiled;
  const { name, message } = answer.error;
  throw name === ErrorName.INVALID_DEFINITION
    ? new MillraceError(ErrorName.INVALID_DEFINITION, message)
    : Object.assign(new Error(message), { name });
}
