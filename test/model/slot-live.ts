import type { SlotVariables } from "../../engine/coordination/slot-variables.ts";
import { END_RANK } from "../../engine/model/run.ts";
import type { Item } from "../../engine/store/items.ts";
import type { Local } from "./pack.ts";
import { LIMIT } from "./slot-case.ts";

/** Nothing reads the grant of a run that has ended, or when anything was. */
export function kept(item: Item): Item {
  const { used: _, startedAt: __, gk: ___, gs: ____, ...others } = item;
  if (others["rank"] !== END_RANK) return others;
  return { pk: item.pk, sk: item.sk, state: item["state"] ?? "", rank: END_RANK };
}

/** What each step, and those after it, read of the variables. */
const LIVE: { readonly [step: string]: readonly (keyof SlotVariables)[] } = {
  acquire: ["max", "run", "place", "strategy"],
  enqueue: ["max", "run", "place", "queued"],
  register: ["max", "run", "queued"],
  mark: ["run"],
  claim: ["max", "run", "place", "grant", "strategy", "submitted", "pumping"],
  start: ["max", "run", "place", "strategy", "submitted", "pumping"],
  drop: ["max", "place", "submitted", "pumping"],
  dismiss: ["max", "run", "place", "grant", "submitted", "pumping"],
  release: ["max", "run", "grant", "submitted", "pumping"],
  reread: ["max", "run", "grant", "submitted", "pumping"],
  line: ["max", "run", "grant", "submitted", "pumping", "seen"],
  hand: ["max", "run", "place", "grant", "submitted", "pumping"],
  clear: ["max", "run", "grant", "submitted", "pumping", "seen"],
  shrink: ["max", "run", "grant", "submitted", "pumping"],
  look: ["max", "submitted", "pumping"],
  waiters: ["max", "submitted", "pumping", "seen"],
  grant: ["max", "run", "place", "submitted", "pumping"],
  empty: ["max", "submitted", "pumping", "seen"],
  note: ["max", "submitted", "pumping"],
  "leave to cancel": ["max", "run", "place"],
  "leave to expire": ["max", "run", "place"],
  cancel: ["max", "run"],
  expire: ["max", "run"],
};

export function live(local: Local<SlotVariables>): Local<SlotVariables> {
  const { step, variables } = local;
  const names = LIVE[step] ?? ["run"];
  const kept = Object.fromEntries(
    names.flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]])),
  );
  const { seen } = variables;
  const few =
    seen === undefined || kept["seen"] === undefined
      ? {}
      : step === "clear" || step === "empty"
        ? { seen: { holders: {}, registered: seen.registered, contended: true } }
        : step === "line"
          ? {
              seen: {
                ...seen,
                holders: Object.fromEntries(Object.keys(seen.holders).map((run) => [run, 0])),
                contended: true,
              },
            }
          : step === "waiters" && !seen.contended
            ? { seen: { ...seen, registered: 0 } }
            : {};
  return { ...local, variables: { limit: LIMIT, max: 0, run: "", ...kept, ...few } };
}
