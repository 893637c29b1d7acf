import type { Item } from "../store/items.ts";
import { isStillborn, nextOf, seenOf, type Claim, type Seen } from "./lock-item.ts";
import type { Next } from "./step.ts";

export type LockStep =
  | "acquire"
  | "check"
  | "undo"
  | "enqueue"
  | "register"
  | "answer"
  | "refuse"
  | "waiter"
  | "wait"
  | "run"
  | "release"
  | "over"
  | "find"
  | "drop"
  | "line"
  | "hand"
  | "clear"
  | "look"
  | "waiters"
  | "grant"
  | "recall"
  | "drain"
  | "renew";

export interface LockVariables {
  readonly lock: string;
  /** Who takes the lock, or releases it. */
  readonly claim: Claim;
  /** The claim's own request, not somebody who goes on for it. */
  readonly asked?: true;
  /** Under which the claim holds the lock. */
  readonly fence?: number;
  /** The lock is released on behalf of a holder whose lease is over. */
  readonly expired?: true;
  /** When the last of the claim's locks was granted: its flow has not heard of it before. */
  readonly since?: number;
  /** The lock in whose line the claim stands. */
  readonly stood?: string;
  /** What is dropped from the line. */
  readonly place?: string;
  /** It was dropped. */
  readonly left?: true;
  /** The claim was found not to hold the lock, so its wait is over. */
  readonly over?: true;
  /** The lock as it was read before the line. */
  readonly seen?: Seen;
  /** The first in line. */
  readonly next?: Claim;
  /** What is to be done when this is. */
  readonly later?: readonly Later[];
}

export interface Later {
  readonly step: "release" | "drain" | "register";
  readonly lock: string;
  readonly claim: Claim;
  readonly fence?: number;
}

/** With a fence: the lock is held. `nested`: its run holds it already. `lost`: a lease that is over cannot be renewed. */
export type LockResult = { readonly fence: number } | "nested" | "lost" | "done";

export type Go = Next<LockVariables, LockStep, LockResult>;

export const go = (step: LockStep, variables: LockVariables): Go => ({ step, variables });
export const done = (result: LockResult): Go => ({ done: result });

/** Another claim, and all that was known of the one before forgotten. */
export const about = ({ lock, later }: LockVariables, claim: Claim): LockVariables => ({
  lock,
  claim,
  ...(later === undefined ? {} : { later }),
});

/** The same, for a later attempt of the claim's state. */
export const under = (v: LockVariables, { token, attempt }: Claim): LockVariables => ({
  ...v,
  claim: { ...v.claim, ...(token !== undefined && { token }), ...(attempt !== undefined && { attempt }) },
});

/** The end of a procedure, or what is still to be done. */
export function leave({ later = [] }: LockVariables): Go {
  const [next, ...others] = later;
  if (next === undefined) return done("done");
  const { step, ...variables } = next;
  return go(step, { ...variables, later: others });
}

/** The claim holds the lock: the next one, or the answer. A task that was given the lock from the line will see it there. */
export function took({ asked, stood, ...v }: LockVariables, { fence, since }: Pick<Seen, "fence" | "since">): Go {
  const claim = { ...v.claim, taken: { ...v.claim.taken, [v.lock]: fence } };
  const to = { ...about(v, claim), ...(asked && { asked }), ...(stood !== undefined && { stood }) };
  const next = nextOf(claim);
  if (next !== undefined) return go("acquire", { ...to, lock: next });
  if (claim.token !== undefined) return go("answer", { ...to, since });
  return asked === true ? done({ fence }) : go("waiter", to);
}

/**
 * The claim holds the lock, and was not given it from the line. What an earlier attempt of its state left standing there
 * would be given the lock one day, and nobody would release it.
 */
export function tookFree(v: LockVariables, seen: Seen): Go {
  return v.claim.token === undefined ? took(v, seen) : go("check", { ...v, seen });
}

/** The first in line has been given the lock. */
export function passed(v: LockVariables, item: Item | undefined): Go {
  const { lock, next = v.claim } = v;
  const seen = seenOf(item);
  const later = v.later?.filter((one) => one.step !== "register" || one.claim.place !== next.place);
  const claim = { ...next, taken: { ...next.taken, [lock]: seen.fence } };
  const to = { ...about(v, next), stood: lock, ...(later === undefined ? {} : { later }) };
  if (isStillborn(item)) return giveBack({ ...to, claim });
  // The state may have been retried since the line was read: its other locks are waited for under its last token.
  return nextOf(claim) === undefined ? took(to, seen) : go("recall", { ...to, claim, seen });
}

/** Nobody waits for the locks that the claim took. `drain`: a task may be at work under them still. */
export function giveBack(v: LockVariables, how: "release" | "drain" = "release"): Go {
  const { claim } = v;
  const step = (claim.drainSeconds ?? 0) > 0 ? how : "release";
  const releases = Object.entries(claim.taken).map(([lock, fence]): Later => ({ step, lock, claim, fence }));
  return leave({ ...v, later: [...releases, ...(v.later ?? [])] });
}

export function isMine({ claim, fence }: LockVariables, seen: Seen): boolean {
  if (seen.owner !== claim.run) return false;
  return fence === undefined ? seen.acquisition === claim.acquisition : seen.fence === fence;
}
