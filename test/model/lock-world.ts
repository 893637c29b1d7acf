import { lockKey, lockLinePartition, runKey } from "../../engine/coordination/keys.ts";
import { seenOf } from "../../engine/coordination/lock-item.ts";
import { LOCK_STEPS } from "../../engine/coordination/lock-steps.ts";
import type { LockVariables } from "../../engine/coordination/lock-variables.ts";
import { notEnded } from "../../engine/coordination/run-end.ts";
import type { Action } from "../../engine/coordination/step.ts";
import { END_RANK } from "../../engine/model/run.ts";
import { compare } from "../../engine/store/condition.ts";
import type { Item } from "../../engine/store/items.ts";
import {
  claimOf,
  flowIn,
  flowKey,
  lockOf,
  nameOf,
  released,
  tokenOf,
  type LockCase,
  type LockSteps,
} from "./lock-case.ts";
import { live } from "./lock-live.ts";
import { NOW, type Local, type Partition, type Surroundings } from "./pack.ts";

/** What processes do around the procedures of the table, in the same form. */
const AROUND: LockSteps = {
  /** Settle frees what the run holds, one lock after the other. */
  settle: {
    act: ({ lock }) => ({ get: lockKey(lock) }),
    then: (v, { item }) => {
      const { owner, acquisition, fence, leased, drainSeconds } = seenOf(item);
      if (owner !== v.claim.run || leased) return { done: "done" };
      const claim = { ...v.claim, acquisition, drainSeconds };
      return {
        step: v.left === true || drainSeconds === 0 ? "release" : "drain",
        variables: { lock: v.lock, claim, fence },
      };
    },
  },
  end: {
    act: ({ claim }) => ({
      update: runKey(claim.run),
      change: { set: { rank: END_RANK, endedAt: NOW } },
      when: notEnded,
    }),
    then: () => ({ done: "over" }),
  },
  /** The flow's state has released everything. */
  finish: {
    act: ({ claim }) => ({
      update: flowKey(claim.run),
      change: { set: { status: "ended" } },
      when: compare("status", "=", "releasing"),
    }),
    then: () => ({ done: "over" }),
  },
};

/** What the table runs in. */
export function surroundings({ flows, locks = 1, steps = LOCK_STEPS }: LockCase): Surroundings<LockVariables> {
  const cells = new Map<string, number>();
  for (let lock = 0; lock < locks; lock += 1) {
    cells.set(lockKey(lockOf(lock)).pk, 1 + 2 * lock);
    cells.set(lockLinePartition(lockOf(lock)), 2 + 2 * lock);
  }
  for (let flow = 0; flow < flows; flow += 1) {
    const cell = 1 + 2 * (locks + flow);
    cells.set(flowKey(nameOf(flow)).pk, cell);
    cells.set(runKey(nameOf(flow)).pk, cell + 1);
  }
  return {
    steps: { ...steps, ...AROUND } as Surroundings<LockVariables>["steps"],
    after: ({ ends = "", step }) => {
      const [kind, run = "", lock = "", how] = ends.split(" ");
      const next = Number(lock) + 1;
      if (step === "end" || step === "finish" || kind === "" || kind === "acquire") return undefined;
      if (next >= locks) {
        const over = { lock: "", claim: claimOf(run, "", []) };
        return kind === "release" ? { step: "finish", variables: over, ends } : { step: "end", variables: over };
      }
      if (kind === "release")
        return { step: "release", variables: released(run, next, locks), ends: `release ${run} ${next}` };
      const left = how === "drain" ? {} : { left: true as const };
      const claim = claimOf(run, "", [lockOf(next)]);
      return {
        step: "settle",
        variables: { lock: lockOf(next), claim, ...left },
        ends: `settle ${run} ${next} ${how}`,
      };
    },
    cellOf: (pk) => {
      const cell = cells.get(pk.startsWith("TOKEN#") ? flowKey(pk.slice("TOKEN#".length).split("/")[0] ?? "").pk : pk);
      if (cell === undefined) throw new Error(`Nothing is at ${pk}.`);
      return cell;
    },
    effect: answered,
    kept: ({ gk: _, gs: __, ttl: ___, ...item }) => item,
    live,
    isStable: ({ step }, partition, ok) => {
      if (step === "answer" || step === "refuse" || step === "end" || step === "finish") return !ok;
      if (step === "wait") return partition.some(({ sk }) => sk !== "#");
      if (step === "run") return Number(partition.find(({ sk }) => sk === "#")?.["rank"]) >= END_RANK;
      return false;
    },
    problem: problemOf,
  };
}

/** The flow that waits under the token is told, once. */
function answered(action: Action, before: Partition): { readonly after: Partition; readonly ok: boolean } {
  const flow = flowIn(before);
  if (!("answer" in action) || flow?.status !== "waiting") return { after: before, ok: false };
  const run = before[0]?.pk.slice("FLOW#".length) ?? "";
  if (action.answer !== tokenOf(run, flow.token)) return { after: before, ok: false };
  const key = flowKey(run);
  if (!("output" in action.with))
    return { after: [{ ...key, status: "ended", token: flow.token, failed: true }], ok: true };
  const held = [action.with.output].flat() as { readonly name: string; readonly fence: number }[];
  const told = Object.fromEntries(held.map(({ name, fence }) => [name, fence]));
  return { after: [{ ...key, status: "holding", token: flow.token, told }], ok: true };
}

/** Fences rise with each grant, and only on behalf of its holder a lock is freed or passed on. */
function problemOf({ variables }: Local<LockVariables>, [before]: Partition, [after]: Partition): string | undefined {
  if (before === after || !(before ?? after)?.pk.startsWith("LOCK#")) return undefined;
  const [had, has] = [seenOf(before), seenOf(after)];
  const isGranted = has.owner !== undefined && (has.owner !== had.owner || has.acquisition !== had.acquisition);
  if (isGranted && has.fence <= had.fence) return "a fence does not rise";
  if (has.fence < had.fence) return "a fence falls";
  const isFreed = had.owner !== undefined && (has.owner !== had.owner || has.fence !== had.fence);
  if (isFreed && variables.claim.run !== had.owner && !isExpired(before))
    return "a lock is freed for a run that does not hold it";
  return undefined;
}

const isExpired = (lock: Item | undefined): boolean =>
  lock?.["expiresAt"] !== undefined && Number(lock["expiresAt"]) < NOW;
