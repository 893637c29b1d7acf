import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";

/** Exported classes that extend another one, by their names: the file below the folder that declares each. */
export async function errorClasses(folder: string): Promise<{ readonly [name: string]: string }> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".ts")).sort();
  const declared = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(folder, file), "utf8");
      return Array.from(source.matchAll(DECLARED), ([, name = ""]) => [name, file.split(sep).join("/")] as const);
    }),
  );
  return Object.fromEntries(declared.flat());
}

const DECLARED = /^export class (\w+) extends /gm;
