import { type Expression, isFleeting, readVariables, walk } from "./expression.ts";
import { type Assignment, type ChoiceNode, type Edge, type Node, edge, exits, reachable, target } from "./graph.ts";

/**
 * What has to hold where a rule of `fold.ts` is applied, by name: without it the machine would do something else than
 * the flow, or its plan would be wrong.
 */
export const GUARDS = {
  /** What each evaluation gives anew is not evaluated once more by writing it in place of the variable that keeps it. */
  keepsMoments: (assigns: readonly Assignment[], values: readonly Expression[]): boolean => {
    const kept = momentsIn(assigns);
    return values.every((value) => readVariables(value, new Set()).isDisjointFrom(kept));
  },
  /** The same where nobody else reads the variables: each may be read once, and not by a function of each element. */
  readsMomentsOnce: (assigns: readonly Assignment[], value: Expression): boolean => {
    const kept = momentsIn(assigns);
    const reads: string[] = [];
    walk(value, (part) => {
      if (part.kind === "variable" && kept.has(part.name)) reads.push(part.name);
      if (part.kind === "lambda") reads.push(...readsWithin(part.body, kept));
    });
    return new Set(reads).size === reads.length;
  },
  /** The way into a graph leaves no state that could keep them. */
  leavesState: (way: Edge, entry: Edge, assigns: readonly Assignment[]): boolean =>
    way !== entry || momentsIn(assigns).size === 0,
  /** The turns of a loop are counted at its head. */
  isUncounted: (choice: ChoiceNode): boolean => choice.turns === undefined,
  /** A loop has one way into its turn, and comes back to its head from this node alone. */
  endsTurns: (node: ChoiceNode, head: ChoiceNode): boolean => {
    const back = reachable(edge([], head)).filter((one) => exits(one).some(({ to }) => to === head));
    const starts = exits(head)
      .map(target)
      .filter((to) => reachable(edge([], to)).includes(node));
    return back.length === 1 && back[0] === node && new Set(starts).size === 1;
  },
  /** A catcher takes the name as that of one error. */
  isOneError: (name: string): boolean => name !== "" && !/^States\./.test(name),
  /** The node may stand there twice: it has no graphs inside, and no other names it. */
  isCopied: (node: Node): boolean =>
    node.kind !== "each" && node.kind !== "all" && !(node.kind === "call" && node.callee.kind === "acquire"),
};

function momentsIn(assigns: readonly Assignment[]): Set<string> {
  return new Set(assigns.filter(({ value }) => isFleeting(value)).map(({ variable }) => variable));
}

/** Twice, since it is read for each element. */
function readsWithin(body: Expression, kept: ReadonlySet<string>): string[] {
  const reads = [...readVariables(body, new Set())].filter((name) => kept.has(name));
  return [...reads, ...reads];
}
