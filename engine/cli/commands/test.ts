import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { loadCatalogue } from "../../runtime/load.ts";
import { testOf } from "../../testing/test-of.ts";
import { errorClasses } from "../error-classes.ts";
import type { Output } from "../output.ts";
import { ROOT, withSession, type PlatformOptions } from "../session.ts";

export interface TestCommandOptions extends PlatformOptions {
  /** The file to write; the answer is the text itself where it is left out. */
  readonly out?: string;
}

/**
 * `millrace test`: makes a test of a run that has completed or failed. Answers `{ test }`, its text as it would stand in
 * the root of the project, or with `--out` `{ file }`, which it writes.
 */
export async function test(output: Output, id: string, { stack, out }: TestCommandOptions): Promise<void> {
  const recorded = await withSession(stack, async ({ platform, workflows }) => {
    const run = await workflows.getRun(id);
    return { run, calls: await platform.calls(run) };
  });
  const file = out === undefined ? undefined : resolve(out);
  const functions = pathTo(join(ROOT, "functions"), file === undefined ? ROOT : dirname(file));
  const [workflows, errors] = await Promise.all([loadCatalogue(ROOT), errorClasses(join(ROOT, "functions"))]);
  const text = testOf(recorded, { workflows, functions, errors });
  if (file === undefined) return output.result({ test: text }, text.trimEnd());
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  output.result({ file }, `Written to ${file}.`);
}

function pathTo(folder: string, from: string): string {
  const path = relative(from, folder).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
}
