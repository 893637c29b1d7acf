import { isEnded } from "../../model/run.ts";
import type { Output } from "../output.ts";
import { readBelow, type RunTree } from "../run-tree.ts";
import { withSession, type PlatformOptions } from "../session.ts";

/** `millrace cancel`: answers `{ run, children }`, the children by their ids. */
export async function cancel(output: Output, id: string, options: PlatformOptions): Promise<void> {
  await withSession(options.stack, async ({ platform, workflows }) => {
    const { tree } = await readBelow(platform.items, await workflows.getRun(id));
    const run = await workflows.cancelRun(id);
    const children = executedBelow(tree);
    const what = isEnded(run.state) ? "is cancelled" : "is told to stop, and is cancelled when it has";
    const below = children.length === 0 ? "" : `, with what it executes: ${children.join(", ")}`;
    const obstacle = isEnded(run.state) ? undefined : await platform.obstacle();
    output.result(
      { run, children },
      [`Run ${id} ${what}${below}.`, ...(obstacle === undefined ? [] : [obstacle])].join(" "),
    );
  });
}

/** The open runs that a run executes, and those that they execute. */
function executedBelow({ children }: RunTree): string[] {
  const stopped = children.filter(({ run, executed }) => executed && !isEnded(run.state));
  return stopped.flatMap((child) => [child.run.id, ...executedBelow(child)]);
}
