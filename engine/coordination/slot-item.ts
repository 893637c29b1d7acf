import { absent, and, compare, exists, or, type Condition } from "../store/condition.ts";
import type { Item, Update } from "../store/items.ts";
import { holderAttribute, holdersOf, limitIndex } from "./keys.ts";

/** What is kept of a limit's item between two steps. */
export interface Seen {
  /** Run → the number of its grant. */
  readonly holders: { readonly [run: string]: number };
  readonly registered: number;
  readonly contended: boolean;
}

export function seenOf(item: Item | undefined): Seen {
  const registered = Number(item?.["registered"] ?? 0);
  return { holders: holdersOf(item), registered, contended: registered !== Number(item?.["cleared"] ?? 0) };
}

export const nobodyWaits: Condition = or(absent("registered"), compare("registered", "=", { attribute: "cleared" }));
export const somebodyWaits: Condition = and(
  exists("registered"),
  or(absent("cleared"), compare("registered", "<>", { attribute: "cleared" })),
);
export const hasRoom = (max: number): Condition => or(absent("holders"), compare("holders", "<", max));

/** Holds the slot; where the grant is known, under that grant and no later one. */
export const holds = ({ run, grant }: { readonly run: string; readonly grant?: number }): Condition =>
  grant === undefined ? exists(holderAttribute(run)) : compare(holderAttribute(run), "=", grant);

export const take = (limit: string, run: string, now: number): Update => ({
  add: { holders: 1 },
  nextOf: { counter: "grants", to: ["grants", holderAttribute(run)] },
  set: { used: now, ...limitIndex(limit) },
});
