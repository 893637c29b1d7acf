import { compileCatalogue } from "../compiler/compile.ts";
import type { CompiledCatalogue } from "../model/compiled.ts";
import { toError } from "../model/errors.ts";
import { sourceOf } from "../model/workflow.ts";
import { loadCatalogue } from "../runtime/load.ts";

/** What this process sends to the one that forked it, once, before it ends. */
export type CompileAnswer =
  { readonly compiled: CompiledCatalogue } | { readonly error: { readonly name: string; readonly message: string } };

/** The compiler in a process of its own, so that its memory goes with it: `compile-worker.ts <root>`. */
async function answer(root: string): Promise<CompileAnswer> {
  try {
    const workflows = await loadCatalogue(root);
    return { compiled: compileCatalogue({ root, workflows: workflows.map(sourceOf) }) };
  } catch (thrown) {
    const { name, message } = toError(thrown);
    return { error: { name, message } };
  }
}

process.send?.(await answer(process.argv[2] ?? ""), () => process.disconnect());
