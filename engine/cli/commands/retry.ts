import type { Output } from "../output.ts";
import { withSession, type PlatformOptions } from "../session.ts";

/** `millrace retry`: answers `{ id, retryOf }`. */
export async function retry(output: Output, id: string, options: PlatformOptions): Promise<void> {
  await withSession(options.stack, async ({ workflows }) => {
    const run = await workflows.retryRun(id);
    output.result({ id: run.id, retryOf: id }, run.id);
  });
}
