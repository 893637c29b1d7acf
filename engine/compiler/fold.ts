import { foldChoices } from "./fold-choices.ts";
import { foldEntries } from "./fold-entry.ts";
import { type Edge, reachable } from "./graph.ts";
import { prune } from "./liveness.ts";
import type { VariableNames } from "./variable-names.ts";

/** Makes the graph as cheap as the flow allows: fewest transitions first, then fewest variables. */
export function fold(entry: Edge, names: VariableNames): void {
  foldAllChoices(entry);
  foldEntries(entry, names);
  prune(entry);
}

function foldAllChoices(entry: Edge): void {
  foldChoices(entry);
  for (const node of reachable(entry)) if (node.kind === "each") foldAllChoices(node.body);
}
