import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const ENGINE = dirname(import.meta.dirname);

/** A hash of all that the compiled catalogue depends on: the user's sources and the compiler's own. */
export function sourceHash(root: string): string {
  const folders = [join(root, "catalogue"), join(root, "functions"), join(ENGINE, "compiler"), join(ENGINE, "model")];
  const hash = createHash("sha256");
  for (const folder of folders) {
    for (const path of filesBelow(folder)) {
      const bytes = readFileSync(path);
      hash.update(`${relative(folder, path)}\n${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest("hex");
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
