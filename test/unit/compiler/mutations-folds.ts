import { type FoldRule, RULES } from "../../../engine/compiler/fold.ts";
import { GUARDS } from "../../../engine/compiler/fold-guard.ts";
import { type Edge, exits, reachable, target } from "../../../engine/compiler/graph.ts";

/** Flows of functions/orders that each take something else, or cost more, where a rule is never applied. */
const SWITCHED_OFF: { readonly [rule in keyof typeof RULES]: string } = {
  reduce: "sums",
  pass: "polls",
  skip: "byClass",
  join: "throws",
  turns: "counts",
  returns: "onlyReturns",
  assigns: "emptyBranches",
  catches: "byNameAndData",
  rethrow: "passesOn",
  entry: "loopOverValue",
  output: "chain",
};

/** The same where a guard lets everything pass. */
const FORGOTTEN: { readonly [guard in keyof typeof GUARDS]: string } = {
  keepsMoments: "keepsKey",
  readsMomentsOnce: "keyOfEach",
  leavesState: "firstTurn",
  isUncounted: "boundedTurns",
  endsTurns: "boundedTurns",
  isOneError: "reservedNames",
  isCopied: "repeatsMap",
};

/** Rules that do half of what they should, with a flow that this changes. */
const BROKEN: readonly (readonly [what: string, rule: keyof typeof RULES, by: FoldRule, flow: string])[] = [
  ["pass drops what it assigns", "pass", (entry) => waysOf(entry).some(leadPastPass), "keysDiffer"],
  ["entry drops what it assigns", "entry", dropAssigns, "loopOverValue"],
  ["rethrow drops other errors too", "rethrow", (entry) => reachable(entry).some(dropCaught), "replacesByClass"],
];

function waysOf(entry: Edge): Edge[] {
  return [entry, ...reachable(entry).flatMap(exits)];
}

function leadPastPass(way: Edge): boolean {
  const { to } = way;
  if (to?.kind !== "pass" || to.next.to === to) return false;
  way.to = target(to.next);
  return true;
}

function dropAssigns(entry: Edge): boolean {
  entry.assigns = [];
  return false;
}

function dropCaught(node: { readonly kind: string; caught?: Edge | undefined }): boolean {
  if (node.caught?.to?.kind !== "fail") return false;
  node.caught = undefined;
  return true;
}

/** A change of the folding that somebody has to notice. */
export interface FoldMutant {
  readonly name: string;
  readonly flow: string;
  /** Makes it, and answers what takes it back. */
  readonly make: () => () => void;
}

export const FOLD_MUTANTS: readonly FoldMutant[] = [
  ...Object.entries(SWITCHED_OFF).map(([rule, flow]) => mutant(`${rule} is off`, flow, RULES, { [rule]: () => false })),
  ...Object.entries(FORGOTTEN).map(([guard, flow]) =>
    mutant(`${guard} is forgotten`, flow, GUARDS, { [guard]: () => true }),
  ),
  ...BROKEN.map(([name, rule, by, flow]) => mutant(name, flow, RULES, { [rule]: by })),
];

function mutant(name: string, flow: string, table: object, change: object): FoldMutant {
  const make = (): (() => void) => {
    const before = { ...table };
    Object.assign(table, change);
    return () => void Object.assign(table, before);
  };
  return { name, flow, make };
}
