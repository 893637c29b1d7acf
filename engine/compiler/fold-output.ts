import { substitute } from "./expression.ts";
import { GUARDS } from "./fold-guard.ts";
import { type Edge, edge, reachable, target, valuesOf } from "./graph.ts";

/** A return behind a state that has an output is that output. */
export function foldOutputs(entry: Edge): boolean {
  let changed = false;
  for (const node of reachable(entry)) {
    if (!("next" in node)) continue;
    const { assigns } = node.next;
    const to = target(node.next);
    if (to.kind !== "return" || to.isOutput === true || !GUARDS.readsMomentsOnce(assigns, to.value)) continue;
    node.next = edge([], { ...to, value: substitute(to.value, valuesOf(assigns)), isOutput: true });
    changed = true;
  }
  return changed;
}
