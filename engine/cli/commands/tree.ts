import type { Output } from "../output.ts";
import { readTree, treeText } from "../run-tree.ts";
import { withSession, type PlatformOptions } from "../session.ts";

/** `millrace tree`: answers `{ tree, more }`, each run with its children. */
export async function tree(output: Output, id: string, options: PlatformOptions): Promise<void> {
  await withSession(options.stack, async ({ platform, workflows }) => {
    const found = await readTree(platform.items, await workflows.getRun(id));
    const more = found.more ? "\nThere are more runs than are shown." : "";
    output.result(found, treeText(found.tree, id, platform.now()) + more);
  });
}
