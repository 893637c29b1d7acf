import { Compiler } from "../compiler/compile.ts";
import type { CompiledCatalogue } from "../model/compiled.ts";
import { toError } from "../model/errors.ts";
import { sourceOf } from "../model/workflow.ts";
import { loadCatalogue } from "../runtime/load.ts";

/** What this process answers each message of the one that forked it with. It ends when that one disconnects. */
export type CompileAnswer =
  { readonly compiled: CompiledCatalogue } | { readonly error: { readonly name: string; readonly message: string } };

const [root = ""] = process.argv.slice(2);
const compiler = new Compiler(root);
let compilations = 0;

async function answer(): Promise<CompileAnswer> {
  try {
    const workflows = await loadCatalogue(root, compilations++);
    return { compiled: compiler.compile(workflows.map(sourceOf)) };
  } catch (thrown) {
    const { name, message } = toError(thrown);
    return { error: { name, message } };
  }
}

// Whoever has gone meanwhile needs no answer.
process.on("message", () => void answer().then((given) => process.send?.(given, () => undefined)));
