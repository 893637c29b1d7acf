import type { Item, Items } from "../store/items.ts";
import type { Action, Next, Outcome, Step, Steps } from "./step.ts";
import type { Answer } from "./world.ts";

/** What the actions of a table reach the world through. */
export interface Performer {
  readonly items: Items;
  now(): number;
  /** Starts the machine of a run; `record` is its item where an action before has seen it. False: there is no machine. */
  start(run: string, record: Item | undefined): Promise<boolean>;
  answer(token: string, answer: Answer): Promise<"answered" | "gone">;
  /** Is told every item that an action has read or written. */
  saw(item: Item): void;
}

/** Runs a procedure from a step of its table to its result. */
export async function walk<V, S extends string, R>(
  performer: Performer,
  steps: Steps<V, S, R>,
  first: { readonly step: S; readonly variables: V },
): Promise<R> {
  let record: Item | undefined;
  let next: Next<V, S, R> = first;
  while (!("done" in next)) {
    const { act, then }: Step<V, S, R> = steps[next.step];
    const outcome: Outcome = await perform(performer, act(next.variables, performer.now()), record);
    if (outcome.item?.pk.startsWith("RUN#") === true) record = outcome.item;
    if (outcome.item !== undefined) performer.saw(outcome.item);
    next = then(next.variables, outcome);
  }
  return next.done;
}

async function perform(performer: Performer, action: Action, record: Item | undefined): Promise<Outcome> {
  const { items } = performer;
  const line: readonly Item[] = [];
  if ("get" in action) return { ok: true, item: await items.get(action.get, { consistent: true }), line };
  if ("put" in action) return { ...(await items.put(action.put, when(action))), line };
  if ("update" in action) return { ...(await items.update(action.update, action.change, when(action))), line };
  if ("delete" in action) return { ...(await items.delete(action.delete, when(action))), line };
  if ("line" in action) {
    const page = await items.query({ pk: action.line, limit: action.limit, consistent: true });
    return { ok: true, item: undefined, line: page.items };
  }
  if ("start" in action) {
    const known = record?.pk === `RUN#${action.start}` ? record : undefined;
    return { ok: await performer.start(action.start, known), item: undefined, line };
  }
  return { ok: (await performer.answer(action.answer, action.with)) === "answered", item: undefined, line };
}

function when<W extends object>(action: { readonly when?: W }): { readonly when?: W } {
  return action.when === undefined ? {} : { when: action.when };
}
