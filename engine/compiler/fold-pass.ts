import { GUARDS } from "./fold-guard.ts";
import { type Edge, type PassNode, exits, extend, reachable, target } from "./graph.ts";

/** A pass only hands on what it assigns, so each way to it does that itself. */
export function foldPass(entry: Edge): boolean {
  const nodes = reachable(entry);
  const ways = [entry, ...nodes.flatMap(exits)];
  for (const pass of nodes) {
    const into = ways.filter((way) => way.to === pass);
    if (pass.kind !== "pass" || pass.next.to === pass || !isNeedless(pass, into, entry)) continue;
    for (const way of into) {
      extend(way, pass.next.assigns);
      way.to = target(pass.next);
    }
    return true;
  }
  return false;
}

/** What has to be evaluated once stays apart from what reads it. */
function isNeedless({ next }: PassNode, into: readonly Edge[], entry: Edge): boolean {
  const values = next.assigns.map(({ value }) => value);
  return into.every((way) => GUARDS.keepsMoments(way.assigns, values) && GUARDS.leavesState(way, entry, next.assigns));
}
