import { join } from "node:path";
import { compileCatalogue } from "../../engine/compiler/compile.ts";
import { sourceOf } from "../../engine/model/workflow.ts";
import { loadCatalogue } from "../../engine/runtime/load.ts";

/** Milliseconds per workflow of the catalogue, in a new process and once more in it. */
const ROOT = join(import.meta.dirname, "..", "..");

const workflows = (await loadCatalogue(ROOT)).map(sourceOf);

function compile(): number {
  const start = performance.now();
  compileCatalogue({ root: ROOT, workflows });
  return (performance.now() - start) / workflows.length;
}

process.stdout.write(`${JSON.stringify({ first: compile(), again: compile() })}\n`);
