import { seenOf } from "../../engine/coordination/lock-item.ts";
import type { LockVariables } from "../../engine/coordination/lock-variables.ts";
import { claimOf } from "./lock-case.ts";
import type { Local } from "./pack.ts";

/** What each step, and those after it, read of the variables beside the lock and what is done later; else everything. */
const LIVE: { readonly [step: string]: readonly (keyof LockVariables)[] } = {
  enqueue: ["claim", "asked", "stood"],
  register: ["claim", "asked", "stood"],
  look: [],
  waiters: ["seen"],
  grant: ["next", "seen"],
  hand: ["claim", "fence", "expired", "next"],
  line: ["claim", "fence", "expired", "seen"],
  clear: ["claim", "fence", "expired", "seen"],
  answer: ["claim", "stood", "since"],
  waiter: ["claim", "stood", "since"],
  wait: ["claim", "since"],
  run: ["claim", "since"],
};

export function live(local: Local<LockVariables>): Local<LockVariables> {
  const { step, variables } = local;
  const { lock, later = [], seen, ...others } = variables;
  const names = LIVE[step];
  const waits = later.length === 0 ? {} : { later };
  if (names === undefined) {
    return { ...local, variables: { ...others, lock, ...waits, ...(seen === undefined ? {} : { seen }) } };
  }
  const kept = names.flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]]));
  const free = seen !== undefined && (step === "waiters" || step === "grant");
  return {
    ...local,
    variables: {
      lock,
      claim: claimOf("", "", []),
      ...waits,
      ...(Object.fromEntries(kept) as Partial<LockVariables>),
      ...(free ? { seen: { ...seenOf(undefined), fence: seen.fence } } : {}),
    },
  };
}
