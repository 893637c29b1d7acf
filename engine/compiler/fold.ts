import { catchByName, passOn } from "./fold-catch.ts";
import { assignEither, countTurns, joinChoices, returnEither, skipChoices } from "./fold-choices.ts";
import { foldEntry } from "./fold-entry.ts";
import { foldOutputs } from "./fold-output.ts";
import { foldPass } from "./fold-pass.ts";
import { foldTurns } from "./fold-turns.ts";
import { type Edge, bodiesOf, reachable } from "./graph.ts";
import { prune } from "./liveness.ts";
import type { VariableNames } from "./variable-names.ts";

/** Changes a graph, those inside of it apart, and answers whether it did: it is applied until it does not. */
export type FoldRule = (entry: Edge, names: VariableNames) => boolean;

/** Every rule that makes a graph cheaper; `GUARDS` has what keeps them from changing what it does. */
export const RULES = {
  /** A loop whose turns only compute is a value. */
  reduce: foldTurns,
  /** A pass is what the ways to it assign. */
  pass: foldPass,
  /** A way that knows what a choice asks for leads past it. */
  skip: skipChoices,
  /** A choice that follows another is part of it. */
  join: joinChoices,
  /** The choice that ends each turn of a loop counts them. */
  turns: countTurns,
  /** A choice between returns is a value. */
  returns: returnEither,
  /** A choice between assignments is a value. */
  assigns: assignEither,
  /** Catchers tell errors apart by their names. */
  catches: catchByName,
  /** An error that is caught to be thrown again is not caught. */
  rethrow: passOn,
  /** The first node reads what the way in assigns. */
  entry: foldEntry,
  /** A return is the output of the state before it. */
  output: foldOutputs,
} satisfies { readonly [name: string]: FoldRule };

type RuleName = keyof typeof RULES;

/** In this order; those of one stage until none of them changes anything. */
const STAGES: readonly (readonly RuleName[])[] = [
  ["reduce"],
  ["pass"],
  ["skip", "join", "turns", "returns", "assigns", "catches", "rethrow"],
  ["entry"],
  ["output"],
];

/** Makes the graph as cheap as the flow allows: fewest transitions first, then fewest variables. */
export function fold(entry: Edge, names: VariableNames): void {
  for (const stage of STAGES) {
    apply(stage, entry, names);
    prune(entry);
  }
}

function apply(stage: readonly RuleName[], entry: Edge, names: VariableNames): void {
  while (stage.some((name) => RULES[name](entry, names))) continue;
  for (const node of reachable(entry)) for (const body of bodiesOf(node)) apply(stage, body, names);
}
